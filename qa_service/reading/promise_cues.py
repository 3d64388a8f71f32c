"""The words by which people promise, accept, refuse, postpone and take back, as tables.

Each table is one pattern with a name; ``promise_talk`` asks which of them hold of a clause or a turn, ``promises``
decides what follows. A cue that is missing here is the first thing to look for when a dialogue is read wrongly.
"""

from __future__ import annotations

import re
from typing import Final

from qa_service.labelled import Labelled

# ---- where clauses and sentences end ---------------------------------------------------------------------------------
CLAUSE_END: Final = re.compile(
    r"[。！？!?；;…]+|，(?!\d{3}\.)|,(?!\d)|(?<=[一-鿿])\s+(?=[一-鿿])|"
    r"(?<=[哈啊吧呢嘛哦呀])(?=[一-鿿])|(?=但是|可是|不过|然后|剩下|余下|其余|所以|因为|反正|要不|只能|而且|那我)"
)
SENTENCE_END: Final = re.compile(r"[。！？!?；;…]")
TURNING: Final = re.compile(r"但是|但|可是|不过|反正|只能")

# ---- words that look like a cue and are none; blanked out before any other table is asked ----------------------------
HARMLESS: Final = re.compile(
    r"没问题|没事|没错|没关系|没意见|不会(?:忘|跑|拖|少|骗|赖|再拖|食言)|不耽误|不好意思|不管怎[么样]|"
    r"不超过|差不多|不用担心|"
    r"不客气|说不定|不少于|不低于|不是不还|不是不想还|不是我不还|对不起|忍不住|不得不|能不能|行不行|"
    r"可不可以|好不好|是不是|要不要|"
    r"成不成|中不中|有没有|会不会|不然这样|要不然?|少不了|不就|不晚于|跑不了|绝不拖"
)

# ---- what a clause does with the figures in it -----------------------------------------------------------------------
PAY: Final = re.compile(
    r"(?:就|来)(?:还|转|打|存|付)$|[^不没]转$|"
    r"还(?!是|有|要|没|不|在|好|得|差|欠|说|想|行|可以|会|能)|还(?:得|要)?(?:上|清|给|你|您|个|点|掉|"
    r"进|款)|转(?:给|过|进|账|你|您|个|点|[一二两三四五六七八九\d])|"
    r"打(?:给|过去|过来|进|到|个|点|款|钱|[一二两三四五六七八九\d])|存(?!在|款证)|付(?!不)|交(?!代|流|"
    r"给公司|通)|汇(?!报)|缴|充(?!分)|凑(?!不)|弄(?:点|个|[一二两三四五六七八九\d])|给(?:你|您|你们|"
    r"上|个|[一二两三四五六七八九\d])|"
    r"处理(?:掉|一?下|[一二两三四五六七八九\d]|了|完|好|部分|$)|结清|结掉|搞定|拿(?:出|给|"
    r"[一二两三四五六七八九\d])|补上|补齐|划(?:扣|走)|扣(?:款|走)|到账"
)
AGENT_PAY: Final = re.compile(
    r"还(?:款|上|清|掉|进|给|个|点|多少|得上|得了|一|两|三|四|五|六|七|八|九|[\d])|(?:把|能|先|来|"
    r"可以|前|号|天|周.|底|期)还|存(?!在)|打(?:款|钱)|转(?:账|款)|付(?:款|清)|缴|结清|结掉|"
    r"处理(?!完|好|结果|中|意见|进度)|凑|补(?:上|齐)|拿(?:出|[一二两三四五六七八九\d])|交(?:清|齐|上)"
)
AGENT_OWN_ACT: Final = re.compile(
    r"我(?:们|这边|这里)?[^，。您你]{0,10}(?:联系|打(?:过来|给|电话)|回[电复访]|致电|再?查|提交|跟进|"
    r"打来|回访|上门|过去|聊|找|发短信)|再?(?:跟|给|和)[您你]?(?:联系|打电话|确认|回电|核对|致电)|"
    r"工单|回复您|审批|批下来|材料|延期|减免|证明"
)
OWN_DUTY: Final = re.compile(
    r"转告|告诉他|告诉她|跟他说|跟她说|带话|给[他她](?:打|转|汇)(?:过去|钱)|(?:让|叫)[他她](?!帮|教|替|给我)|你们?找他|他自己|她自己|找他本人|业绩|关我|任务"
)
NEGATION: Final = re.compile(
    r"不(?:了|起|上|出|清|完|到|行|可以|成|会(?:还|给|付|再|管)|想|可能|打算|愿意|够|还|给|能|同意|"
    r"接受|方便|一定|知道|好说|敢|确定|是|要|太|用|对)|"
    r"没(?:钱|办法|法|有|能力|辙|戏|那么多|这么多|这个|想|到|发|工作|还|收入)|哪(?:儿|里)?(?:来|有)|"
    r"上哪|去哪|拿什么|别(?:想|等|逼|做梦)|免谈|休想|做梦|"
    r"太(?:多|高|少|低|久|晚|长|紧|远)|困难|周转不|够呛|悬|来不及|难(?:啊|呀|度|$)|才怪|凭什么|屁"
)
HYPOTHESIS: Final = re.compile(
    r"(?:要是|如果|假如|假设|若是|倘若)(?!可以|行|方便|没问题|没什么|没意外|顺利|不行|我?发|"
    r".{0,4}(?:工资|到账|下来|回款|款到))|除非|哪怕|就算|即使|"
    r"中了|中彩票|中奖|巴不得|恨不得|也想(?:还|给|处理|早)|我想还|倒是想|早就(?:还|给|结)|当初|"
    r"本来(?:想|打算|说|要)|原来(?:想|打算)|想着|"
    r"不然|否则|的话(?:，|$)?(?:我们|将|会)"
)
DEFERRAL: Final = re.compile(
    r"再说|再看|[讲说]不(?:准|好|定|清|上来)|再讲|再议|再联系|再商量|考虑|看看(?:吧|再|情况)|看情况|"
    r"看(?:能不能|有没有)|不好说|说不准|说不好|不一定|不确定|不知道|商量(?:一?下|商量)|想想|"
    r"问问|研究|尽量(?:吧|看)?$|争取(?:吧)?$|核对|核实|查一?下"
)
PAST: Final = re.compile(
    r"已经?(?:经)?.{0,6}(?:还|转|打|交|付|存|结清|给)|刚(?:刚|才)?.{0,4}(?:还|转|打|交|付|存|给)|"
    r"(?:还|转|打|存|付|交|汇|充|划|扣)(?:过(?![去来])|走了)|"
    r"(?:(?<![一-鿿])(?:之前|以前)|我(?:之前|以前)|上次|上回|当时|那时|早就|上个?月|去年|昨天|前天|"
    r"上周|上星期|上礼拜)"
)
PERFECT: Final = re.compile(r"(?:还|转|打|存|付|交|汇|充|给你们?|扣|处理|结清|还清|还完|付清)了")
FUTURE: Final = re.compile(r"就|会|要|准备|打算|再|一定|肯定|保证|一把|全部|一次|先|把")
OTHER_MONEY: Final = re.compile(
    r"(?:网贷|花呗|借呗|别家|别的平台|其他平台|一家|工资|薪水|收入|月薪|房租|房贷|车贷|生活费|学费|医药费|住院|看病|手术|保险|利息|罚息|违约金|"
    r"滞纳金|手续费|服务费|诉讼费|律师费|欠我|借[给了]?我?了?|挣|赚|"
    r"花了?|租金|奶粉|伙食|贷款是|额度|提成|奖金|罚款|彩礼|押金|红包|减免|优惠|省|免)[^，。还转打给存付交]{0,7}$"
)
OWED: Final = re.compile(
    r"(?:欠款?|逾期|账单|应还|需还|总额|余额|总共|一共|合计|总计|总的|全部(?:是|加)|本金|还?剩下?的?|"
    r"剩余|还?差|欠着|欠了|欠住|欠你们|金额|结清(?:金额|需要|的话)|未还|待还|总欠款?)[^，。还]{0,9}$"
)
REMAINDER: Final = re.compile(r"(?:剩|差|余下|还有|后面|后头|另外)[^，。还]{0,6}$")
WHOLE_AS_VERB: Final = re.compile(r"了(?![，。！吧哈]|$|就)|以后|之后|的话|后|证明|手续|金额|日|要|吗|没|为止")
EACH: Final = re.compile(r"各|每次|每期|每笔|每个?月|都")
OWED_AFTER: Final = re.compile(r"(?:块钱?|元)?的?(?:欠款|逾期|账单|借款|贷款|债务)")
GRAND_TOTAL: Final = re.compile(r"总|一共|合计|全部|结清|本息")
INCOME_DAY: Final = re.compile(r"(?:才|就|能|会|号|日)?(?:发|开|领|到)(?:工资|薪|钱|支|账|奖金)|发的?(?:$|[，。])")

# ---- what a whole turn does ------------------------------------------------------------------------------------------
ACCEPT: Final = re.compile(
    r"(?:嗯|哦|啊|哎|唉|呃|那|也|就|噢|好|对|我|得|呐|这个|这样|都|应该|肯定|，|,|。|！|\s)*(?:"
    r"行(?!不|吗|程)|可以(?!吗|不|分|再|减|少|免|申|先|晚|宽|延|多)|好(?:的|吧|嘞|啊|呀|了|哒|"
    r"[，。！,\s]|$|好|行|没问题)|成(?!不)|没问题|中(?!不|午|了|旬)|要得|同意|答应|"
    r"就这[么样](?:办|定|着)?|听你的|听您的|按(?:你|您)说的|ok|OK|妥|得[，。！]|能(?!不|再|少|多|分|"
    r"晚|便|否|减|宽|给)|(?:应该)?(?:没有?)问题|说定了|定了|一言为定|我(?:还|转|付|交)(?:[，。！]|"
    r"就是|$))"
)
FIRM_ACCEPT: Final = re.compile(r"行|可以|没问题|成|要得")
OUTRIGHT: Final = re.compile(r"[嗯哦啊哎，,]*(?:行|可以|好|没问题|成|中|要得|得)[的吧啊呀嘞]*[，。！,]")
CONFIRM: Final = re.compile(r"(?!.{0,4}(?:我是|是我|本人))(?:嗯|对|是的?|没错|确定)")
CONFIRM_ONLY: Final = re.compile(
    r"(?:嗯|哦|对|头|是|没错|确定|啊|呢|了|吧|的|呀|好|我|哈|就是这样|这样|，|,|。|！|\s)+"
)
HEARD_ONLY: Final = re.compile(r"知道了|听到了|晓得了|明白了|听见了|收到")
RETRACT: Final = re.compile(
    r"算了|(?:还是|真的?|我|实在|根本|可能|恐怕)[^，。？]{0,8}还不(?:了|上|起)|不还了|处理不了|当我没说|反悔|"
    r"不算数|别等我|收回|说错了.{0,4}没|取消吧|(?<![又怕])做不到|不想还了|没法还"
)
CORRECTION: Final = re.compile(r"不对|不是|改成?|还是|要不|等等|说错|哦不|应该是|只能|实在|那就")
SEQUENCE: Final = re.compile(
    r"再(?!说|看|也|过|等|来|多)|然后|另外|其余|接着|之后每|第二[次笔期]|后面|剩|余下|下一[次笔期]|分别|各|还有"
)
RATE: Final = re.compile(
    r"(?:分成?|每.{0,14}(?:还|连续|一共))(?P<count>[一两二三四五六七八九十\d]{1,3})(?:期|次|个月|笔)"
)
OFFER_TAG: Final = re.compile(
    r"(?:行|可以|好|成|中)(?:吗|么|不|嘛)[？?，。]|(?:行|可以|好|成|中|能行)(?:吗|么|不|嘛|吧|不行|不可以|不好)?[？?]*$|行不行|可不可以|好不好|成不成|怎么样"
)
WONDER: Final = re.compile(r"几号|多少|什么|怎么|为啥|干嘛|哪(?:里|儿|个)|谁")
QUESTION: Final = re.compile(
    r"[？?]|[吗么]$|(?:吗|呢|是吧|对吧|没错吧)(?:$|[，。！])|行不(?!了|行)|能不能|可不可以|好不好|"
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
    r"[^，。？]{0,14}(?:呢|[？?]|$|怎么|什么时候|几时|哪天|几号)|(?:另外|剩下?|余下|其余)"
    r"[^，。]{0,10}(?:[，,]|自己|您)"
)
ASK_ELSEWHERE: Final = re.compile(
    r"(?:工资|收入|月薪|薪水|挣|赚)[^，。]{0,6}多少|(?:什么时候|几点|啥时候|何时|几时)"
    r"[^，。]{0,4}(?:接|回来|在家|到家|联系|下班)|大概几?时?[^，。]{0,3}(?:出粮|下来|报下来)|(?:多少|"
    r"几号|什么时候|哪天|啥时候)[^，。]{0,3}(?:发|开|领)(?:工资|薪|钱|支|$|[？?呢吗])|(?:工资|薪水)"
    r"[^，。]{0,4}(?:几号|什么时候|哪天|发)|"
    r"多少(?:岁|人|平)|住(?:在)?哪|房租多少|多大"
)


class Act(Labelled):
    """What a turn does, apart from naming figures."""

    PAYS = "pays", "说要还"
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
    (Act.OBLIGES, OBLIGATION),
    (Act.ASKS_AMOUNT, ASK_AMOUNT),
    (Act.ASKS_DATE, ASK_DATE),
    (Act.ASKS_REST, ASK_REST),
    (Act.ASKS_ELSEWHERE, ASK_ELSEWHERE),
)
DEBTOR_ACTS: Final[tuple[tuple[Act, re.Pattern[str]], ...]] = (
    (Act.QUESTIONS, QUESTION),
    (Act.WONDERS, WONDER),
    (Act.OFFERS, OFFER_TAG),
    (Act.TAGS, TAG),
    (Act.CORRECTS, CORRECTION),
)


class Stance(Labelled):
    """What a clause does with the figures in it; only figures that are meant can make a promise."""

    MEANT = "meant", "当真"
    HYPOTHESIS = "hypothesis", "假设"
    REFUSED = "refused", "拒绝"
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
AGENT_STANCES: Final = ((Stance.OTHERS, AGENT_OWN_ACT), *STANCES)
