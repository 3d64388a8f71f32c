"""The words by which people promise, accept, refuse, postpone and take back, as tables.

Each table is one pattern with a name; ``promise_talk`` asks which of them hold of a clause or a turn, ``promises``
decides what follows. A cue that is missing here is the first thing to look for when a dialogue is read wrongly.
"""

from __future__ import annotations

import re
from typing import Final

from qa_service.labelled import Labelled

# ---- where clauses and sentences end ---------------------------------------------------------------------------------
SHIFTED: Final = re.compile(r"[这本下个底末]")
CLAUSE: Final = re.compile(r"[^，。！？；,!?; ]*")
CLAUSE_END: Final = re.compile(
    r"[。！？!?；;…]+|，(?!\d{3}\.)|,(?!\d)|(?<=[一-鿿＿])\s+(?=[一-鿿＿])|"
    r"(?<=[哈啊吧呢嘛哦呀])(?=[一-鿿])|(?<=没有|不行)(?=[明后大下周礼星月十二三\d])|(?<=[^讲说]的话)(?=[一-鿿])|(?=别的|但是|可是|不过|然后|剩下|余下|其余|所以|因为|反正|要不|只能|而且|那我)"
)
SENTENCE_END: Final = re.compile(r"[。！？!?；;…]")
FIGURE_HINT: Final = re.compile(r"[\d百千万号月周拜期天日底块元剩余半钱]")  # in nearly every sum or day
SENTENCE_BREAK: Final = re.compile(r"[^。！？]*[。！？]")
ASKED_SUM: Final = re.compile(r"[百千万块\d].*？$")  # 能不能一万三？一万三我今天就能给: one offer
TURNING: Final = re.compile(r"但是|但|可是|不过|反正|只能")

# ---- words that look like a cue and are none; blanked out before any other table is asked ----------------------------
HARMLESS: Final = re.compile(
    r"没问题|没事|没错|没关系|没意见|不会(?:忘|跑|拖|少|骗|赖|再拖|食言)|不耽误|不好意思|不管怎[么样]|"
    r"不改了|不变了|不超过|差不多|不用担心|"
    r"不客气|不少于|不低于|不是不还|不是不想还|不是我不还|对不起|忍不住|不得不|能不能|行不行|"
    r"可不可以|好不好|是不是|要不要|"
    r"成不成|中不中|有没有|会不会|对不对|多少给(?:你们?|您)?多少|有多少[还给]多少|不然这样|要不然?|少不了|不就|不晚于|跑不了|绝不拖"
)

# ---- what a clause does with the figures in it -----------------------------------------------------------------------
PAY: Final = re.compile(
    r"(?:就|来)(?:还|转|打|存|付)$|[^不没]转$|"
    r"还(?=[，。！？了吧呢的啊呀嘛哈咯啦喽呗哦噢喔着嘞咧滴贷信借零俩仨一两二三四五六七八九十\d半全上清完掉款钱点给你您进出多几些这那个部利本最]|$|大|得[起上])(?!给我|一直|两头|有|了得)|转(?:给|过|进|账|你|您|个|点|[一二两三四五六七八九\d])|"
    r"打(?:给|过去|过来|进|到|个|点|款|钱|[一二两三四五六七八九\d]{1,3}[百千万块])|存(?!在|款证)|(?<![首守代])付(?!不|是|费)|清(?:掉|完|账|了)|交(?!代|流|"
    r"给(?![你您])|通|上去|班|接|警|材料|社保|房租|学费|费|租|补课|水电|医|钱治)|汇(?!报)|缴|充(?!分)|凑(?!不)|弄(?:点|个|[一二两三四五六七八九\d])|(?<![传寄拍送递])给(?:(?:你|您|你们)(?!们?(?:说|讲|看|听|打电话|发|送|跪|寄|个数|查|答复|回|消息|准话|信|个话|一?个?说法))|"
    r"上|个|[一二两三四五六七八九\d])|"
    r"处理(?:掉|一?下|[一二两三四五六七八九\d]|了|完|好|部分|$)|结清|结掉|搞定|拿(?:出|给)|"
    r"(?<![才只就开])拿[一二两三四五六七八九\d]|补上|补齐|划(?:扣|走)|扣(?:款|走)|到账|拨[一二两三四五六七八九\d]|认一半|平(?:一期|掉|上)"
)
# Paying without a sum is one's debt only where the words say so.
REPAY: Final = re.compile(
    r"还(?=[，。！了吧呢的啊上清完掉款钱点给你您进那这部]|$)|给[你您](?!们?(?:答复|回|消息|准话|信|个话|一?个?说法|说|讲|看|听|打电话))|(?:打|转|存|弄|交)(?:过[来去]|进|点|给|上)|补[上齐]|处理|"
    r"结[清掉]|清(?:掉|了|完)|到账|[存转交付](?=[，。！]|$)"
)
AGENT_PAY: Final = re.compile(
    r"还(?:款|上|清|掉|进|给|个|点|多少|得上|得了|一|两|三|四|五|六|七|八|九|[\d])|(?:把|能|先|来|"
    r"可以|前|号|天|周.|底|期)还|存(?!在)|打(?:款|钱)|转(?:账|款)|付(?:款|清)|缴|结清|结掉|"
    r"处理(?!完|好|结果|中|意见|进度)|凑|补(?:上|齐)|拿(?:出|[一二两三四五六七八九\d])|交(?:清|齐|上)"
)
AGENT_OWN_ACT: Final = re.compile(
    r"我(?:们|这边|这里)?[^，。您你]{0,10}(?:联系|打(?:过来|给|电话)|回[电复访]|致电|再?查|提交|跟进|"
    r"打来|回访|上门|过去|聊|找|发短信)|再?(?:跟|给|和)[您你]?(?:联系|打电话|确认|回电|核对|致电)|"
    r"工单|合同(?:是|上|约定|规定)|每期应还|回复您|分期申请|申请分期|审批|批下来|材料|延期|减免|证明"
)
OWN_DUTY: Final = re.compile(
    r"(?<![把])(?:让|叫|要|喊|逼)我(?:替|帮|给)?[^，。]{0,3}(?:垫|还|出|交|转)|"
    r"转告|告诉他|告诉她|跟他说|跟她说|带话|给[他她](?:打|转|汇)(?:过去|钱)|(?:转|打|交|寄|汇|拿)给[他她]|"
    r"(?:让|叫)[他她](?!帮|教|替|给我|拨|打[款钱过一两三四五六七八九\d]|转|存|还|汇|交|付|补)|你们?找他|他自己|她自己|找他本人|业绩|关我|任务"
)
NEGATION: Final = re.compile(
    r"不(?:了|起|上|出|清|完|到|行|可以|成|会(?:还|给|付|再|管)|想|可能|打算|愿意|够|还|给|能|同意|"
    r"接受|方便|一定|出(?!来.{0,6}也)|掏|认|交|付|跟|理|姓|认识|欠|知道|好说|敢|确定|是|要|太|用|对)|"
    r"没(?:钱|办法|法|有|能力|辙|戏|那么多|这么多|这个|想|到|发|工作|还|收入)|哪(?:儿|里)?(?:来|有)|"
    r"上哪|去哪|拿什么|别(?:想|等|逼|做梦)|免谈|休想|做梦|"
    r"太(?:多|高|少|低|久|晚|长|紧|远)|困难|周转不|够呛|悬|[搞弄]错|来不及|难(?:啊|呀|度|$)|才怪|凭什么|屁|敲诈|勒索|抢钱"
)
RECEIVED: Final = re.compile(
    r"(?<!你)(?<!您)(?<!你们)(?:给|还|转|打|发|结|退|拨|赔)给?(?:我|俺)(?:$|[了的吧呢啊呀哈])|"
    r"给(?:我|俺)(?:打(?!电话)|转|寄|汇|拨|结)|[他她]们?(?:每个?月|该|应该|从来|一直)"
)
HYPOTHESIS: Final = re.compile(
    r"(?:要是|如果|假如|假设|若是|倘若)(?!可以|行|方便|没问题|没什么|没意外|顺利|不行|我?发|"
    r".{0,4}(?:工资|到账|[款钱].{0,2}下来|回款|款到))|除非|哪怕|就算|即使|说不定|没准(?!确)|"
    r"中了|中彩票|中奖|巴不得|恨不得|也想(?:还|给|处理|早)|我想还|倒是想|早就(?:还|给|结)|当初|"
    r"本来(?!就).{0,6}(?:想|打算|说|要)|原来(?:想|打算)|想着|"
    r"不然|否则|的话(?:，|$)?(?:我们|将|会)"
)
DEFERRAL: Final = re.compile(
    r"再说|再看|[讲说]不(?:准|好|定|清|上来)|再讲|再谈|再约|再定|再议|再联系|再商量|考虑|看看(?:吧|再|情况)|看情况|"
    r"看(?:能不能|有没有)|不好说|说不准|说不好|不一定|不确定|不知道|商量(?:一?下|商量)|跟[^，。]{1,4}商量(?!好|了)|答复|想想|"
    r"问问|研究|尽量(?:吧|看)?$|争取(?:吧)?$|核对|核实|查一?下"
)
PAST: Final = re.compile(
    r"刚(?:刚|才)?.{0,4}(?:发|开|领)(?:了|工资|薪|钱)|换过了?|"
    r"(?<![会要能定就来])(?:转|还|打|存|交|付|汇)的(?=[，。！呀啊]|$|[一二两三四五六七八九\d])|"
    r"已经?(?:经)?.{0,6}(?:还|转|打|交|付|存|结清|给)|刚(?:刚|才)?.{0,4}(?:还|转|打|交|付|存|给)|"
    r"(?:还|转|打|存|付|交|汇|充|划|扣)(?:过(?![去来])|走了)|"
    r"(?:(?<![一-鿿])(?:之前|以前)|我(?:之前|以前)|上次|上回|当时|那时|早就|上个?月|去年|昨天|前天|"
    r"上周|上星期|上礼拜)"
)
PERFECT: Final = re.compile(
    r"(?:还|转|打|存|付|交|汇|充|给你们?|扣|处理|结清|还清|还完|付清)了|(?<![会要能定就来])(?:转|还|打|存|交|付|汇)的(?=[，。！呀啊]|$|[一二两三四五六七八九\d])"
)
FUTURE: Final = re.compile(r"就|会|要|准备|打算|再|一定|肯定|保证|一把|全部|一次|先|把")
# What is said of 剩下的: that it will come, that something is waited for, or that nobody can say.
REST_BEFORE: Final = re.compile(r"(?:剩|余)下?的?那?$|还差了?$|其余的?$|另外的?$")
PAYS_REST: Final = re.compile(r"再?(?:还|给|打(?!包|官司|电话)|转|清|付|交|补|弄|存)(?!我|不|分期)|一起")
WILL_PAY: Final = re.compile(
    r"慢慢|(?:就|再|都|肯定|一定|给你|赔多少|多少)[^，。]{0,4}(?:给|还|打|转|清|付|补)(?!我|不)|不(?:会)?赖|少不了"
)
WAITS: Final = re.compile(r"[^。？]{0,4}(?:等|要等|得等)")
UNSURE: Final = re.compile(
    r"[说讲]不(?:好|准|来|清)|不(?:敢|好)[说讲]|不知道(?!.{0,3}几)|没(?:法|办法)|没影|不[还管认给]"
)
# What may stand beside a figure that answers a question about paying.
FILLERS: Final = re.compile(
    r"[＿\s，,。！？!?；;…]|[嗯啊呃哎唉哦噢哈呀呢吧嘛的了就都先再那这得要行好对成中可大约概差不多最多顶少快迟晚早前后左右之以]|"
    r"重复|复述|一下|：|确认|登记|记|备注|跟[您你]|可以|应该|估计|可能|只能|能|我|您|你们?|块钱?|元|等到?|到时候?|上午|下午|中午|晚上"
)
EARNS: Final = re.compile(r"发(?!现|生|给|短信|网)|开支|工资|薪|出粮|到账|到手|结账|回款|领|预支|提(?:出|取)")
ACCOUNT: Final = re.compile(
    r"(?P<name>信用卡|车贷|消费贷|现金贷|经营贷|装修贷|助学贷|分期|尾号[\d零一二三四五六七八九幺]{4}|备用金)"
    r"(?:的|那|这|上|里)?(?:笔|张|个)?(?:卡|账单)?(?:的话)?[^，。还]{0,4}[，]?[^，。信车消现经装助尾备分]{0,8}$"
)
EACH: Final = re.compile(r"各|每次|每期|每笔|每个?月|都|一[次回笔期](?!性)")
INCOME_DAY: Final = re.compile(r"(?:才|就|能|会|号|日)?(?:发|开|领|到)(?:工资|薪|钱|支|账|奖金)|发的?(?:$|[，。])")

# ---- what a whole turn does ------------------------------------------------------------------------------------------
ACCEPT: Final = re.compile(
    r"(?:嗯|哦|啊|哎|唉|呃|那|也|就|噢|好|对|我|得|呐|这个|这样|都|应该|肯定|，|,|。|！|\s)*(?:"
    r"行(?!不|吗|程)|可以(?!吗|不|分|再|减|少|免|申|先|晚|宽|延|多)|好(?:的|吧|嘞|啊|呀|了|哒|"
    r"[，。！,\s]|$|好|行|没问题)|成(?!不)|没问题|中(?!不|午|了|旬)|要得|同意|答应|"
    r"就这[么样](?:办|定|着|说)?|不改了|不变了|说好了|听你的|听您的|按(?:你|您)说的|ok|OK|妥|得[，。！]|能(?!不|再|少|多|分|"
    r"晚|便|否|减|宽|给)|(?:应该)?(?:没有?)问题|说定了|定了|一言为定|我(?:还|转|付|交)(?:[，。！]|"
    r"就是|$))"
)
FIRM_ACCEPT: Final = re.compile(r"行|可以|没问题|成|要得")
SETTLED: Final = re.compile(
    r"(?:^|[，。！ ])那?就这[么样](?:办|定|着|说定|说)?(?:吧|了|呗)?[，。！]?$|"
    r"(?:^|[，。])(?:嗯|哦)*(?:对头?|没错|是的?)[，。！]|"
    r"(?:^|[，。！… ])(?:行|好|可以|中|成|要得)[吧的啊呗嘞]?[，。！]"
)
OUTRIGHT: Final = re.compile(r"[嗯哦啊哎，,]*(?:行|可以|好|没问题|成|中|要得|得)[的吧啊呀嘞]*[，。！,]")
CONFIRM: Final = re.compile(r"(?!.{0,4}(?:我是|是我|本人))(?:嗯|对|是的?|没错|确定)")
CONFIRM_ONLY: Final = re.compile(
    r"(?:嗯|哦|对|头|是|没错|确定|啊|呢|了|吧|的|呀|好|我|哈|就是这样|这样|，|,|。|！|\s)+"
)
HEARD_ONLY: Final = re.compile(r"知道了|听到了|晓得了|明白了|听见了|收到")
RETRACT: Final = re.compile(
    r"(?<!会)算了(?:吧|啊|[，。,]|算了)*(?:$|(?:等|(?:我|那|还是|就)*(?:先)?(?:不(?:还|给|弄|转|打|存|分|办|处理|要)|没(?:钱|法|办法|有)|"
    r"[给拿弄还]不)))|(?:还是|真的?|我|实在|根本|可能|恐怕)[^，。？]{0,8}还不(?:了|上|起)|不还了|处理不了|当我[没冇未]说|(?<![不别])反悔|"
    r"不算数(?!的|不)|不作数|(?:刚才?|刚说|前面|那个|那条|这个)[^，。]{0,4}不算|(?:别|不要)(?:当真|记了?(?=[啊吧，。！]|$))|先不(?:还|给|弄|整|转|打)了?|别等我|收回|说错了.{0,4}没|"
    r"取消吧|(?<![又怕])做不到|不想还了|不[转存付交]了|没法还|不敢应了?"
)
BREAK_OFF: Final = re.compile(
    r"(?:[哎诶欸哦噢啊呃唉]，?)?(?:[哦噢啊]不(?=[，,。 ])|不对(?![吧吗啊呢劲头])|(?<!我)等等(?=[，,。！ 不])|"
    r"(?:[哎诶欸唉]，?)等一?下|(?<=[，。 ])等一?下(?=[，,。 ])|说错了?|算错了?|记错了?|重新说|重来)"
)
CORRECTION: Final = re.compile(
    r"不对|不是|等一?下|(?:号|日|[周期拜][一二三四五六日天]|天|底|初)(?:[早晚]上|[中上下]午|之?前)?吧|改成?|还是|要不|等等|说错|哦不|应该是|只能|实在|那就|其实|稳妥|稳当|保险点"
)
SEQUENCE: Final = re.compile(
    r"再(?!说|看|也|过|等|来|多)|然后|另外|其余|接着|之后每|第二[次笔期]|后面|剩|余下|下一[次笔期]|分别|各|还有"
)
RATE: Final = re.compile(
    r"(?:分成?|每.{0,14}(?:还|连续|一共|连着?|分))(?P<count>[一两二三四五六七八九十\d]{1,3})(?:期|次|个月|笔|回)|"
    r"每.{3,14}[，, ](?:连着?|一共|总共|分)?(?P<months>[一两二三四五六七八九十\d]{1,3})(?:期|次|个月|笔|回)"
)
OFFER_TAG: Final = re.compile(
    r"(?<!就)(?:行|可以|好|成|中)(?:吗|么|不|嘛)[？?，。]|"
    r"(?<!就)(?:行|可以|好|成|中|能行)(?:吗|么|不|嘛|吧|不行|不可以|不好)?[？?]*$|行不行|可不可以|好不好|成不成|怎么样"
)
WONDER: Final = re.compile(r"几号|多少(?!给|都|也|总|讲|说|.{0,4}[说讲]不)|什么|怎么|为啥|干嘛|哪(?:里|儿|个)|谁")
QUESTION: Final = re.compile(
    r"[？?]|[吗么]$|(?<![也都还就是我我们])不$|(?:吗|呢|是吧|对吧|没错吧)(?:$|[，。！])|行不(?!了|行)|能不能|可不可以|好不好|"
    r"怎么样|是不是|成不成|确定吗"
)
TAG: Final = re.compile(r"(?:对|是)吧(?:$|[，。？！?])")
IDENTITY: Final = re.compile(r"本人|(?:先生|女士|小姐)(?:吗|吧|么|对吧|是吧)")
AGENT_TAG: Final = re.compile(r"(?:好|可以|行|能|成|没问题)吧(?:$|[，。！])")
SUGGEST: Final = re.compile(
    r"您先|你先|要不|那您|那你|您看|你看|咱们|建议|最少|至少|起码|不如|这样|麻烦您|希望您|给您(?:定|"
    r"约|登记|备注|申请)|帮您(?:定|登记|备注|约|申请)|"
    r"约定|必须|请您|得还|能还|还上|处理|那就|安排|想办法|记下|记录|登记|确认"
)
OBLIGATION: Final = re.compile(
    r"系统(?:显示|会|将)|需要在|到期日|还款日|截止|截至|应当|会(?:上报|报送|起诉|移交)|将(?:上报|报送|起诉|移交)"
)
PROPOSE: Final = re.compile(
    r"要不|不如|建议|您看|你看(?!这样对)|可以(?:吗|不|么)|[行成好](?:吗|不|么)|可不可以|怎么样|能不能|最好|至少|最少|起码"
)
NOTE: Final = re.compile(
    r"^(?:[嗯哦啊哎欸，,。]*)(?:好|行|可以|中|成|得|妥|那就|那行|那好|明白|没问题|OK|ok)|记(?:下|上|录|了|好)|登记|备注|确认|"
    r"(?:念|说|重复|复述|对|过)一(?:遍|下)|您是说|是(?:这个|这)?(?:意思|样)"
)
DEBT: Final = re.compile(
    r"欠|逾期|[账帐]|还[款钱上清给你您掉不了点一]|[没该就先要能来再多少会]还|贷|分期|月供|本金|信用卡|到期"
)
REJECT: Final = re.compile(
    r"少了|最好|太少|太低|太晚|太久|不行|不够|不能接受|接受不了|不可以|来不及|没法(?:接受|通过|给)"
)
ASK_AMOUNT: Final = re.compile(r"多少|几百|几千|几万|什么金额|金额(?:呢|是)|多大(?:金额|数)|还几")
ASK_DATE: Final = re.compile(
    r"什么时候|啥时候|哪一?天|几号|什么时间|何时|多久|几时|具体(?:时间|日期|哪)|多长时间|时间(?:呢|是|"
    r"点)|星期几|周几|哪个时间|什么日子|说个(?:时间|日子)|个准|给(?:我)?个(?:时间|说法|日期|准)|"
    r"怎么(?:安排|处理|还|打算|解决)|打算"
)
ASK_REST: Final = re.compile(
    r"(?:下个月|下一?期|(?<!月)后面)呢|(?:另外|剩|余下|后面|后头|还差|还有|其余|差)"
    r"(?:[^，。？]{0,14}(?:呢|[？?]|怎么|什么时候|几时|哪天|几号)|[^，。？]{0,8}$)|"
    r"(?:另外|剩下?|余下|其余)[^，。]{0,10}[，,]您?你?(?:看|打算|准备|想|什么时候|怎么|哪天|几号|多久)"
)
ASK_ELSEWHERE: Final = re.compile(
    r"(?:工资|收入|月薪|薪水|挣|赚)[^，。]{0,6}多少|(?:什么时候|几点|啥时候|何时|几时|哪天)"
    r"[^，。]{0,4}(?:传|寄|拍|复印|预约|面谈|见面|面试|送[达到]|打给|打过来|回电|再打|有空(?!还|来?存|处理|来?交)|接|回来|在家|到家|联系|下班)|大概几?时?[^，。]{0,3}(?:出粮|下来|报下来)|(?:多少|"
    r"几号|什么时候|哪天|啥时候)[^，。]{0,3}(?:发|开|领)(?:工资|薪|钱|支|$|[？?呢吗])|(?:工资|薪水)"
    r"[^，。]{0,4}(?:几号|什么时候|哪天|发)|"
    r"多少(?:岁|人|平)|住(?:在)?哪|房租多少|多大"
)


class Act(Labelled):
    """What a turn does, apart from naming figures."""

    PAYS = "pays", "说要还"
    REPAYS = "repays", "说要还给债权方"
    ANSWERS = "answers", "报数"
    ACCEPTS = "accepts", "同意"
    AGREES = "agrees", "明确同意"
    CONFIRMS = "confirms", "确认"
    REFUSES = "refuses", "拒绝"
    DEFERS = "defers", "推后"
    RETRACTS = "retracts", "反悔"
    CORRECTS = "corrects", "更正"
    QUESTIONS = "questions", "发问"
    WONDERS = "wonders", "打听"
    OFFERS = "offers", "试探"
    TAGS = "tags", "求证"
    IDENTIFIES = "identifies", "核身"
    SUGGESTS = "suggests", "建议"
    NOTES = "notes", "记下"
    PROPOSES = "proposes", "另提方案"
    OBLIGES = "obliges", "告知义务"
    REJECTS = "rejects", "不接受"
    ASKS_AMOUNT = "asks_amount", "问金额"
    ASKS_DATE = "asks_date", "问日期"
    ASKS_REST = "asks_rest", "问剩余"
    ASKS_ELSEWHERE = "asks_elsewhere", "问别的"


# Acts that one look at the words decides, by who speaks; the others depend on clauses and figures.
AGENT_ACTS: Final[tuple[tuple[Act, re.Pattern[str]], ...]] = (
    (Act.QUESTIONS, QUESTION),
    (Act.QUESTIONS, AGENT_TAG),
    (Act.IDENTIFIES, IDENTITY),
    (Act.SUGGESTS, SUGGEST),
    (Act.NOTES, NOTE),
    (Act.PROPOSES, PROPOSE),
    (Act.OBLIGES, OBLIGATION),
    (Act.ASKS_AMOUNT, ASK_AMOUNT),
    (Act.ASKS_DATE, ASK_DATE),
    (Act.ASKS_REST, ASK_REST),
    (Act.ASKS_ELSEWHERE, ASK_ELSEWHERE),
)
FIGURE_ACTS: Final[tuple[tuple[Act, re.Pattern[str]], ...]] = (
    (Act.QUESTIONS, QUESTION),
    (Act.WONDERS, WONDER),
)
DEBTOR_ACTS: Final[tuple[tuple[Act, re.Pattern[str]], ...]] = (
    (Act.OFFERS, OFFER_TAG),
    (Act.TAGS, TAG),
    (Act.CORRECTS, CORRECTION),
)


class Stance(Labelled):
    """What a clause does with the figures in it; only figures that are meant can make a promise."""

    MEANT = "meant", "当真"
    HYPOTHESIS = "hypothesis", "假设"
    REFUSED = "refused", "拒绝"
    RECEIVED = "received", "别人给的钱"
    PAST = "past", "已发生"
    DEFERRED = "deferred", "推后再说"
    OTHERS = "others", "别人的事"


# Asked in this order: the first that holds decides.
STANCES: Final[tuple[tuple[Stance, re.Pattern[str]], ...]] = (
    (Stance.OTHERS, OWN_DUTY),
    (Stance.HYPOTHESIS, HYPOTHESIS),
    (Stance.PAST, PAST),
    (Stance.DEFERRED, DEFERRAL),
    (Stance.REFUSED, NEGATION),
)
DEBTOR_STANCES: Final = ((Stance.RECEIVED, RECEIVED), *STANCES)
AGENT_STANCES: Final = ((Stance.OTHERS, AGENT_OWN_ACT), *STANCES)
