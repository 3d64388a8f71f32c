"""Who says something like this: a debt collector, or whoever they call.

Each cue is a pattern and a weight in log odds, drawn up from written dialogues and checked on others. Six clauses of
ten hold a cue, and of these four in five are taken for the right speaker; over a whole call the cues say which of two
voices is the agent's.
"""

from __future__ import annotations

import math
import re

AGENT_CUES: tuple[tuple[str, float], ...] = (
    (r"您", 2.5),
    (r"请问|打扰|祝您|为您|这边|咱们?这", 2.5),
    (r"先生|女士|小姐", 2.5),
    (r"(是|喂)[^，。？]{1,5}(吗|吧|本人)[，。？]?$|家属吗|[是有]本人", 1.5),
    (r"我(是|这边是|姓)[^，。？]{0,14}(银行|金融|资产|公司|中心|法务|信贷|贷款|小贷)|我姓|工号|客服|专员", 2.5),
    (r"(这里|这边|我们)是[^，。？]{0,14}(银行|金融|资产|公司|中心|的)", 2.0),
    (r"委托|代表[^，。？]{0,8}(银行|公司)|联系您|联系到|联系一下", 2.0),
    (r"(通话|电话|全程)[^，。？]{0,6}录|录音的", 2.5),
    (r"逾期|欠款|账单|最低还款|还款日|应还|本金|罚息|结清|征信|起诉|立案|核实|核对|登记|备注|系统|尾号|名下", 1.2),
    (r"欠(的|了|着|我们)|你那[个笔张]|(借|欠)的钱|[一二三四五六七八九十百]+多?天了", 1.2),
    (r"联系人|(留|填)[^，。？]{0,3}(电话|号码|你)|转告|转达|带个话|通知", 1.2),
    (r"你(今天|明天|现在)?(必须|赶紧|马上|自己|这种人|欠|不还|拖|打算|要是|不处理|信不信|好好想|想好|看着办)", 1.5),
    (r"让你|找你|抓你|告你|上门|闹到|打爆|老赖|给我回|不还钱|我再(打|给)", 1.5),
    (r"你们?(家|闺女|儿子|女儿|孩子|爸|妈|老婆|老公|媳妇|爱人|单位|老板|同事|领导|邻居|亲戚)", 0.7),
    (r"什么时候(能|可以|方便|还|处理)|(哪天|几号|多少)[^，。？]{0,6}[呢？]|(可以|行|方便|好)吗", 1.2),
    (r"我们(会|这边|将|只能|公司|可以|就|马上|已经|委托)|帮您|给您|跟您", 1.2),
    (r"申请|减免|分期|方案|审批|政策|到账|还款码|还进|存进|扣款", 0.6),
    (r"感谢|谢谢您|不客气|理解|配合|提醒|再见", 0.7),
    (r"^那[你您]|^好的[，。]", 0.8),
)
CUSTOMER_CUES: tuple[tuple[str, float], ...] = (
    (r"^(嗯+|哦|啊|呃|哎|唉|哎呀|是的|对|喂|是)[，。？]?$", 0.8),
    (r"^(嗯|哦|啊|呃|哎|唉|是的|对|是我|我是)", 0.8),
    (r"是我[，。]?$|我就是|我是[啊呀，。]", 1.5),
    (r"你们|你是谁|你谁|谁啊|哪位|你哪里|你是哪|哪里的?[，。？]|什么事|你说|你讲|说吧|咋了|怎么了", 1.3),
    (r"我[^，。？]{0,6}(没钱|没工作|失业|还不上|还不起|没办法|没有办法|手头|生病|住院|资金|赔|困难|周转)|我没", 2.0),
    (r"我(明天|后天|下周|下个月|月底|这?周[一二三四五六日]|尽量|先|会|就|一定|争取)[^，。？]{0,10}(还|转|给|存)", 2.0),
    (r"工资|我知道|知道了|晓得|我不|我要|我又|我跟你|我现在|我一|我都|我也|我真|我老|我上|我问|我去|我回|我手", 1.2),
    (r"(?<!给)我(妈|爸|老婆|老公|媳妇|儿子|女儿|闺女|孩子|家|姐|妹|哥|弟|爱人|单位|同事|们单位|公司)", 1.3),
    (r"打错|不认识|不是我|我没(借|欠|用)|他不在|她不在|不在家|是我(儿|女|老|弟|哥|姐|妹|爱|同|朋)", 1.8),
    (r"投诉|报警|骚扰|一一零|别再?打|不要再?打|不要给我打|告诉你|消协|银保监|银监", 1.3),
    (r"凭什么|什么意思|怎么(这么|能|会|还)|讲不讲|有没有王法|你敢|他妈|放屁|滚|神经|有病|威胁|吓唬", 1.3),
    (r"能不能|可不可以|行不行|宽限|缓|缓缓|这么|真的|行吧|那行|算了|再说|拜拜|谢谢啊|麻烦你", 0.9),
    (r"我", 0.4),
    (r"(吧|嘛|呗|呀|咯|嘞)[，。？！]?$", 0.3),
)

STRONGEST = 5.0
"""No single stretch speaks for a role with more than these log odds, whatever it holds."""

TRUST = 0.8
"""What the weights are worth together: cues in one clause are not independent."""

_QUESTION = re.compile(r"[？吗呢]。?$")
_AGENT = tuple((re.compile(pattern), weight) for pattern, weight in AGENT_CUES)
_CUSTOMER = tuple((re.compile(pattern), weight) for pattern, weight in CUSTOMER_CUES)


def agent_odds(text: str) -> float:
    """Log odds that the agent says this rather than the customer, 0 where it tells nothing."""
    odds = _weight(text, _AGENT) - _weight(text, _CUSTOMER)
    return STRONGEST * math.tanh(TRUST * odds / STRONGEST)


def asks(text: str) -> bool:
    """Whether the text ends in a question, so that the other one is likely to speak next."""
    return _QUESTION.search(text) is not None


def _weight(text: str, cues: tuple[tuple[re.Pattern[str], float], ...]) -> float:
    return sum(weight for pattern, weight in cues if pattern.search(text))
