"""Amounts of money in spoken Chinese, with their places in the text.

A number is money where a unit says so (两千块, 五块六), or where it is bare but large and no counter, ordinal or
percentage claims it (还三千五, not 三号楼, 第三期, 三个人). Shares and wholes (一半, 三成, 打八折, 全部结清) resolve
against a balance given by the caller; without one they stay open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from qa_service.labelled import Labelled
from qa_service.reading.numbers import Number, find_numbers, parse_number

_SMALLEST_BARE: Final = 100  # below it, a number without a unit is far more often a count than a sum
_SMALLEST_PAID: Final = 20  # after a verb of paying
_LARGEST: Final = 10**12  # no call data holds more yuan: what says more is a number read out, or a recogniser's loop
_FEN: Final = Decimal("0.01")

_CURRENCY = re.compile(r"\s?(?:块大洋|块钱|块|元钱|元整?|圆整?|塊|圆|人民币|rmb|RMB)(?:\s?人民币)?")
_CHANGE = re.compile(
    r"(?:(?P<jiao>[零一二两三四五六七八九\d])(?:毛|角)(?:(?P<fen>[一二两三四五六七八九\d])分?)?"
    r"|零?(?P<cents>[一二两三四五六七八九\d])分|零(?P<bare_cents>[一二两三四五六七八九])"
    r"|(?P<tenth>[一二两三四五六七八九])(?![十百千万个号天月点月期周次]))(?:钱)?"
)
_SMALL = re.compile(
    r"(?P<jiao>[一二两三四五六七八九\d])(?:毛|角(?![大形落度]))(?P<fen>[一二两三四五六七八九\d])?分?钱?"
)
# Fen without kuai or mao: in a call 分 is a minute, a mark or a rate of interest, unless 钱 says so or nothing else is
# said at all; 一分钱都没有 is no amount.
_CENTS = re.compile(r"分(?:钱|(?=[。！？]?$))")
_NOT_A_CENT = re.compile(r"十分(?!钱)|一[分毛]钱?(?=[都也没不拿还]|$)")
_ROUGH_AFTER = re.compile(r"[多来](?=块|元|$|[^\d百千万])|左右|上下|以上|以下|以内|出头|不到|不等")
_ROUGH_BEFORE = re.compile(r"(?:大概|大约|差不多|约|将近|接近|近|至少|最少|最多|顶多|起码|少说)$")
_PAID = re.compile(r"(?:给你们?|给您|交|打|转|存|付)(?:个|了)?$")
_RANGE = re.compile(r"\s?(?:块|元)?(?:（含）|\(含\))?\s?(?:到|至|或者?|-+|—+|~|～)\s?")

# What follows a bare number and makes it a count, an ordinal, a time or a rate.
_COUNTED = re.compile(
    r"\s?(?:号|日|天|月(?![底初中末])|个|点|期|次|年(?![底初末中前])|岁|(?:周|星期|礼拜)(?![一二三四五六日天末])|小时|"
    r"分|秒|人|位|名|楼|层|路|室|栋|幢|单元|章|条|款|遍|回|件|张|家|"
    r"台|辆|兆|亩|吨|克|升|瓦|公里|里|米|斤|度|[%％]|成|折|倍|届|字|句|页|分之|比|:|：\d|-\d|/\d|\.\d|＃|多(?:天|个|年|"
    r"次|人|号|岁|期)|来(?:天|个|年|次|人|岁))"
)
_ORDINAL = re.compile(r"(?:第|百分之|千分之|万分之|周|星期|礼拜|[A-Za-z＃]|\d[:：./-])$")
# Nouns that count things: 人数三千, 基站总数是10000; a 总数 of the debt itself stays money.
_COUNT_OF = re.compile(
    r"(?:[人户次台件天期份条]数|数量|个数|分数|积分|(?<=[^款额息账金钱债欠的，。])总数)[是为有达共约：:到]{0,2}$"
)
_TOGETHER = re.compile(r"一块(?!钱|\d|[一二两三四五六七八九](?![百千万十]))")

_ALL = re.compile(
    r"(?:全部|全都?|都|一次性?|整个)(?:给(?:你们?|您))?(?:一次性)?(?:结清|还清|还完|还掉|还上|还了|"
    r"付清|清掉|处理掉?|结掉|补齐|交清|还的?)"
    r"|全款|全额(?!宝)|一次性结清|一次性还清|结清|还清|还完|付清|清账|一把清|一次清|清掉"
)
_HALF = re.compile(r"(?:欠款|余额|本金)?的?(?:一半|百分之五十|50[%％])(?:儿)?|(?<=[还付交])半(?:数)(?!天)")
_PART = re.compile(r"(?P<tenths>[一二两三四五六七八九])成(?P<half>五?)(?!功|立|为|长|本|都|果)")
_PERCENT = re.compile(r"百分之(?P<han>[零一二两三四五六七八九十百]{1,4})|(?P<arabic>\d{1,3}(?:\.\d+)?)[%％]")
_DISCOUNT = re.compile(r"打?(?P<tenths>[一二三四五六七八九])(?P<more>[一二三四五六七八九]?)折")
_THIRDS = re.compile(r"(?P<below>[二三四五六七八九十])分之(?P<above>[一二三四五六七八九])")
_MINIMUM = re.compile(r"最低(?:还款)?(?:额度?)?|最低那个")
_REST = re.compile(
    r"(?:剩下|剩余|余下|其余|剩)(?:的|那)?(?:部分|一半|那些|那部分|尾款|欠款|钱|全部)?(?!的?[时日月]|"
    r"[一二两三四五六七八九\d])|(?<=[剩余]的)尾款|余款|(?:其他|别)的(?=[^，。]{0,6}(?:还|给|清|打|慢慢|等))|大头|另外?(?:那|一)?一?(?:半|部分|期|笔)|零头"
)


# At least one of these stands in every amount: turns without any are passed over.
_HINT = re.compile(r"[\d十拾百佰千仟万萬块元圆塊毛角分亿kKwW全都一次半成折%％低剩余下尾零结还付清]")


class AmountKind(Labelled):
    """How an amount was said."""

    SAID = "said", "明说金额"
    BARE = "bare", "只说数目"
    SHARE = "share", "欠款的一部分"
    WHOLE = "whole", "全部欠款"
    MINIMUM = "minimum", "最低还款额"
    REST = "rest", "剩余部分"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Characters ``[start, end)`` that say an amount of money.

    ``value`` is yuan, the lower end of a range (``high`` is the upper one), None where no figure can be known: a share
    without a balance, 最低还款, 几百块, and always 剩下的, whose value depends on what else is paid.
    """

    start: int
    end: int
    text: str
    value: Decimal | None
    kind: AmountKind
    high: Decimal | None = None
    approximate: bool = False


def find_amounts(text: str, balance: Decimal | None = None) -> tuple[Amount, ...]:
    """Every amount in ``text``, in order and without overlaps.

    ``balance`` is the debt in yuan as said earlier or known from the case, against which shares and wholes resolve.
    """
    if _HINT.search(text) is None:
        return ()
    numbers = find_numbers(text)
    figures = _joined(text, list(_figures(text, numbers)), numbers)
    taken = [(amount.start, amount.end) for amount in figures]
    named = [amount for amount in _named(text, balance) if not _overlaps(amount, taken)]
    return tuple(sorted(_without_repeats(figures + named), key=lambda amount: amount.start))


def _overlaps(amount: Amount, taken: list[tuple[int, int]]) -> bool:
    return any(amount.start < end and start < amount.end for start, end in taken)


def _without_repeats(amounts: list[Amount]) -> list[Amount]:
    kept: list[Amount] = []
    for amount in sorted(amounts, key=lambda a: (a.start, a.start - a.end)):
        if not kept or amount.start >= kept[-1].end:
            kept.append(amount)
    return kept


def _figures(text: str, numbers: Sequence[Number]) -> Iterator[Amount]:
    """Amounts that are numbers, with or without a unit of money."""
    for number in numbers:
        amount = _with_unit(text, number) or _small_change(text, number) or _bare(text, number)
        if amount is not None and (amount.value is None or amount.value < _LARGEST):
            yield amount


def _with_unit(text: str, number: Number) -> Amount | None:
    after = number.end + (1 if text.startswith(("多", "来", "几"), number.end) else 0)
    unit = _CURRENCY.match(text, after)
    prefixed = text[: number.start].rstrip().endswith(("人民币", "¥", "￥"))
    if unit is None and not prefixed:
        return None
    if _TOGETHER.match(text, number.start) and not text[: number.start].endswith(tuple("零百千万点")):
        return None
    end, value = (unit.end() if unit else number.end), number.value
    change = _CHANGE.match(text, end) if unit else None
    if change is not None and value is not None:
        value, end = value + _change(change), change.end()
    return _amount(text, number, end, value, AmountKind.SAID)


def _change(match: re.Match[str]) -> Decimal:
    """The jiao and fen after 块, in yuan."""
    digit = {name: parse_number(said) or Decimal(0) for name, said in match.groupdict().items() if said}
    tenths = digit.get("jiao", Decimal(0)) + digit.get("tenth", Decimal(0))
    cents = sum((digit.get(name, Decimal(0)) for name in ("fen", "cents", "bare_cents")), Decimal(0))
    return tenths / 10 + cents / 100


def _small_change(text: str, number: Number) -> Amount | None:
    if _NOT_A_CENT.match(text, number.start):
        return None
    match = _SMALL.match(text, number.start)
    if match is None:
        return _cents(text, number)
    value = (parse_number(match["jiao"]) or Decimal(0)) / 10 + (parse_number(match["fen"] or "零") or Decimal(0)) / 100
    return _amount(text, number, match.end(), value, AmountKind.SAID)


def _cents(text: str, number: Number) -> Amount | None:
    match = _CENTS.match(text, number.end)
    alone = number.start == 0 or text.startswith("分钱", number.end)
    if match is None or not alone or number.value is None or number.value >= 100:
        return None
    return _amount(text, number, match.end(), number.value / 100, AmountKind.SAID)


def _bare(text: str, number: Number) -> Amount | None:
    """A number without a unit: money only where it is large, round enough, and nothing else claims it."""
    before = text[max(0, number.start - 8) : number.start]
    smallest = _SMALLEST_PAID if _PAID.search(before) else _SMALLEST_BARE
    large = number.value is None or number.value >= smallest
    if number.spelled or not number.round or not large or number.text.startswith("0"):
        return None
    if _COUNTED.match(text, number.end) or _ORDINAL.search(before) or _COUNT_OF.search(before):
        return None
    return _amount(text, number, number.end, number.value, AmountKind.BARE)


def _amount(text: str, number: Number, end: int, value: Decimal | None, kind: AmountKind) -> Amount:
    vague = _ROUGH_AFTER.match(text, number.end) or _ROUGH_AFTER.match(text, end)
    vague = vague or _ROUGH_BEFORE.search(text[max(0, number.start - 4) : number.start])
    return Amount(
        start=number.start,
        end=end,
        text=text[number.start : end],
        value=None if value is None else _plain(value),
        high=number.high,
        kind=kind,
        approximate=number.approximate or vague is not None,
    )


def _joined(text: str, amounts: list[Amount], numbers: Sequence[Number]) -> list[Amount]:
    """Join the two ends of a range: 一千到一千五, 1万-5万元; a low end said short takes the scale of the high one."""
    if not amounts or not _RANGE.search(text):
        return amounts
    joined: list[Amount] = []
    ends = {number.end: (number.start, number.value) for number in numbers}
    for amount in amounts:
        gap = _gap_before(text, amount.start)
        low = ends.get(gap) if gap is not None else None
        if gap is not None and joined and joined[-1].end >= gap:
            low = joined[-1].start, joined[-1].value
        if low is None or not low[1] or amount.value is None:
            joined.append(amount)
            continue
        if joined and joined[-1].end > low[0]:
            joined.pop()
        joined.append(_range(text, low[0], low[1], amount, amount.value))
    return joined


def _gap_before(text: str, start: int) -> int | None:
    """Where the 到 of a range that ends at ``start`` begins, None where there is none."""
    gaps = _RANGE.finditer(text, max(0, start - 6), start)
    return next((match.start() for match in gaps if match.end() == start), None)


def _range(text: str, start: int, low: Decimal, amount: Amount, high: Decimal) -> Amount:
    for scale in (Decimal(10_000), Decimal(1_000)):
        if low * scale <= high and low < _SMALLEST_BARE * 2 and high % scale == 0:
            low *= scale
            break
    return replace(
        amount,
        start=start,
        text=text[start : amount.end],
        value=min(low, high),
        high=max(low, high),
        approximate=True,
    )


def _named(text: str, balance: Decimal | None) -> Iterator[Amount]:
    """Amounts said in words: shares of the balance, all of it, the minimum, the rest."""

    def of(match: re.Match[str], kind: AmountKind, share: Decimal | None) -> Amount:
        value = None if balance is None or share is None else _plain(balance * share)
        return Amount(start=match.start(), end=match.end(), text=match.group(), value=value, kind=kind)

    characters = frozenset(text)
    for anchors, pattern, kind, share in _NAMED:
        if not anchors.isdisjoint(characters):  # no match is without one
            for match in pattern.finditer(text):
                yield of(match, kind, share(match))


def _digit(said: str | None) -> Decimal:
    return parse_number(said or "零") or Decimal(0)


def _percent(match: re.Match[str]) -> Decimal | None:
    percent = parse_number(match["han"]) if match["han"] else Decimal(match["arabic"])
    return None if percent is None else percent / 100


_Share = Callable[[re.Match[str]], Decimal | None]
_NAMED: Final[tuple[tuple[frozenset[str], re.Pattern[str], AmountKind, _Share], ...]] = (
    (frozenset("剩余其别大另零"), _REST, AmountKind.REST, lambda match: None),
    (frozenset("最"), _MINIMUM, AmountKind.MINIMUM, lambda match: None),
    (frozenset("半百5"), _HALF, AmountKind.SHARE, lambda match: Decimal("0.5")),
    (frozenset("成"), _PART, AmountKind.SHARE, lambda m: _digit(m["tenths"]) / 10 + _digit(m["half"]) / 100),
    (frozenset("折"), _DISCOUNT, AmountKind.SHARE, lambda m: _digit(m["tenths"]) / 10 + _digit(m["more"]) / 100),
    (frozenset("分%％"), _PERCENT, AmountKind.SHARE, _percent),
    (frozenset("分"), _THIRDS, AmountKind.SHARE, lambda match: _digit(match["above"]) / _digit(match["below"])),
    (frozenset("全都一整清完"), _ALL, AmountKind.WHOLE, lambda match: Decimal(1)),
)
"""The amounts said in words, in the order in which they are asked: the characters that stand in each, and its share."""


def _plain(value: Decimal) -> Decimal:
    """Whole yuan stay whole, anything finer is rounded to the fen."""
    rounded = value.quantize(_FEN, ROUND_HALF_UP) if value.adjusted() < 20 else value
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded
