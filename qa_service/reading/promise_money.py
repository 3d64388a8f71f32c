"""Whose money a sum is: one to be paid on the debt, the debt itself, or an income, a rent, a debt of somebody else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from qa_service.reading.instalments import FIGURES
from qa_service.reading.money import Amount, AmountKind

_SMALLEST_PAYMENT: Final = Decimal(10)  # yuan; below it people talk of interest and fees
_BEFORE: Final = 18  # characters before a sum in which its name is looked for

# A name of something else that the sum stands for: nothing between them pays.
_NAMED: Final = re.compile(
    r"(?:网贷|花呗|借呗|别家|别的平台|其他平台|一家|工资|薪水|收入|月薪|底薪|房租|房贷|车贷|月供|生活费|学费|补课费?|"
    r"医药费|住院|看病|治病|吃药|手术|保险|社保|利息|罚息|违约金|滞纳金|手续费|服务费|会员费|工本费?|撤案费|诉讼费|"
    r"律师费|保证金|欠我|该我|差我|借(?![款贷])[给了过]?我?了?|挣|赚|卖了?|花了?|租金|租子|奶粉|伙食|贷款是|额度|提成|奖金|罚款|"
    r"彩礼|到手|押金|份子|红包|减免|减了|减掉|扣掉|扣除|优惠|[两三四五六七八]笔|加起来|省|免|失业金|低保|退休金|养老金|补贴|补助|血压|尾款|货款|工程款|公积金|"
    r"(?:卡|兜|口袋|支付宝|微信|余额|账户|折子)(?:里|上)?头?面?(?:总共|一共|现在|我)?(?:就|只|还)?(?:剩|有)|"
    r"(?<![让叫跟给替])[他她](?:那边|那儿|那)?$|"
    r"(?:交|付|花|垫|搭|赔|罚|砸|押)(?:掉|出去|进去|完)了?|一个月(?:也)?(?:就|才|只|能)?(?:拿|挣|开|发)?)"
    r"[^，。 还转打给存付交下到]{0,7}$"
)
# Someone gives it to the debtor: wages, a loan from a brother, what a customer pays.
_RECEIVED: Final = re.compile(
    r"给(?:我|俺)(?:打|转|寄|汇|发|拨|送|结|拿)[^，。]{0,3}$|给(?:孩子|娃|女儿|儿子|老人|爸妈)$|"
    r"(?:给|拨|转|打|借|贴|接济|补|欠|该|差|退|发|结|赔|拿)给?(?:了|过)?(?:我|俺|咱)"
    r"(?!(?:把|妈|爸|娘|爹|奶|爷|姐|哥|妹|弟|老|家|孩|娃|儿|女|媳|对象|也|就|再|先|来))[^，。还转打存交]{0,5}$|"
    r"(?:老板|公司|厂里|单位|家长|客户|东家|包?工头|甲方|中介|租客|房客|平台)[^，。我俺]{0,6}"
    r"(?:给|发|结|打|赔|转|退|开)[^，。我俺]{0,5}$"
)
# What somebody has is no promise where the next words name another sum: 手上就一千二，八号我再给你们弄两千.
_AT_HAND: Final = re.compile(r"(?:身上|手[上里头])(?:现在)?(?:就|只|才)有?$|我只有$")
_PAID_FROM_IT: Final = re.compile(
    r"[^，。]{0,3}[，,][^。，]{0,8}(?:转|还(?!是)|给|打)(?![^，。]{0,5}[一二两三四五六七八九\d])"
)
# It goes to somebody else or is kept: a mother's medicine, the rent.
_SPENT: Final = re.compile(
    r"(?:给|替|帮)(?:我|俺|咱)?(?:妈|爸|娘|爹|奶|爷|姐|哥|妹|弟|老婆|老公|老人|家里|孩子|娃|儿子|闺女|女儿|媳妇|对象)"
    r"[^，。]{0,4}(?:寄|打|转|汇|交|买|治|看|留)[^，。]{0,4}$|"
    r"(?:付|结|交|还|给)(?!你|您)[^，。你您]{0,4}(?:行|厂|店|铺|老板|房东|供应商|工人|师傅|学校|医院|幼儿园|公司|中介|亲戚|朋友|同学|同事)"
    r"(?:的?货款|的|那边)?$"
)
_KEPT: Final = re.compile(
    r"(?:块钱?|元)?(?:，那?[是还]?)?(?:给|是给|是)?[^。？！，]{0,7}(?:抓药|看病|治病|救命|吃饭|过日子|留着|不能动|动不得)|"
    r"(?:块钱?|元)?(?:是|要|得|也)?[^。？！，]{0,7}(?:交租|交房租|交学费|"
    r"生活费|到手|我?认账?(?:[，。]|$))|(?:块钱?|元)?的?(?:抚养费|工资|底薪|收入|退休金|低保|补贴|押金|租金|房租|补课费|学费|"
    r"月供|额度|会员费|服务费|手续费|撤案费)|一分(?:不少|没少)|(?:块钱?)?(?:一个?(?:钟|小时|天|课时)|一个月(?![内之以后]))|减[掉去了]"
)
_TO_YOU: Final = re.compile(
    r"[^，。？！]{0,8}(?:给我，[^，。？！]{0,6})?(?:(?:给|还|转|打)给?[你您]|先?还(?:上|了|掉|清))"
)
_TURNED_DOWN: Final = re.compile(r"(?:块钱?)?(?:太?少了|太少|不够|哪够|不行|打发|够干|够塞|连)")
_OWED: Final = re.compile(
    r"(?:欠款?|逾期|账单|应还|需还|总额|余额|总共|一共|合计|总计|总的|全部(?:是|加)|本金|还?剩下?的?|"
    r"剩余|还?差|欠着|欠了|欠住|欠你们|金额|结清(?:金额|需要|的话)|未还|待还|总欠款?)[^，。还]{0,9}$"
)
_OWED_AFTER: Final = re.compile(r"(?:块钱?|元)?的?(?:欠款|逾期|账单|借款|贷款|债务)")
_GRAND_TOTAL: Final = re.compile(r"总|一共|合计|全部|结清|本息")
_REMAINDER: Final = re.compile(r"(?:剩|差|余下|还有|后面|后头|另外)[^，。还]{0,6}$")
_WHOLE_AS_VERB: Final = re.compile(r"了(?![，。！吧哈]|$|就)|以后|之后|的话|后|证明|手续|金额|日|要|吗|没|为止")


def is_payment(text: str, amount: Amount, *, agent: bool, committed: bool) -> bool:
    """Whether a sum is to be paid; ``committed`` says that a promise stands, after which 还差 names the rest of it."""
    before = text[max(0, amount.start - _BEFORE) : amount.start]
    if amount.kind is AmountKind.WHOLE:
        return not _WHOLE_AS_VERB.match(text, amount.end)
    if amount.kind not in FIGURES:
        return True
    if amount.value is not None and amount.value < _SMALLEST_PAYMENT:
        return False
    if is_elsewhere(text, amount) or (agent and _TURNED_DOWN.match(text, amount.end)):
        return False
    if (committed or not agent) and _REMAINDER.search(before):
        return True
    if not agent and _TO_YOU.match(text, amount.end):
        return True
    return not (_OWED.search(before) or _OWED_AFTER.match(text, amount.end))


def is_elsewhere(text: str, amount: Amount) -> bool:
    """Whether a sum is another's, received, spent, or kept for something else."""
    before = text[max(0, amount.start - _BEFORE) : amount.start]
    if _SPENT.search(before) or _KEPT.match(text, amount.end):
        return True
    if _AT_HAND.search(before) and not _PAID_FROM_IT.match(text, amount.end):
        return True
    named = _NAMED.search(before) or _RECEIVED.search(before)
    return named is not None and _TO_YOU.match(text, amount.end) is None


def owed(text: str, amounts: Sequence[Amount], *, committed: bool) -> Decimal | None:
    """The debt as the agent names it: a grand total where there is one, else the largest sum named as owed."""
    found: list[tuple[bool, Decimal]] = []
    for amount in amounts:
        cue = _OWED.search(text[max(0, amount.start - _BEFORE) : amount.start])
        if amount.kind in FIGURES and amount.value is not None and (cue or _OWED_AFTER.match(text, amount.end)):
            found.append((bool(cue and _GRAND_TOTAL.search(cue.group())), amount.value))
    total, value = max(found, default=(False, None))
    return value if total or not committed else None


def first_sum(text: str, amounts: Sequence[Amount]) -> Decimal | None:
    """The first sum in an agent's turn that is not a fee, a wage or the like."""
    named = (a.value for a in amounts if a.kind in FIGURES and not is_elsewhere(text, a))
    return next(named, None)
