"""Numbers as they are spoken and written in Chinese, with their places in the text.

``find_numbers`` reads 三千五 as 3500, 一万二 as 12000, 8千5 as 8500, 五六百 as 500 to 600, 八百多 as about 800.
``mask_identifiers`` blanks telephone, card, identity and staff numbers first, so that nobody takes them for money.
Every function is total: any text at all gives an answer, and none takes longer than a few passes over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_DIGITS: Final = dict(
    zip("零〇幺一壹二两俩贰三叁仨四肆五伍六陆七柒八捌九玖", map(int, "001112222333445566778899"), strict=True)
)
_UNITS: Final = {
    **dict.fromkeys("十拾", 10),
    **dict.fromkeys("百佰", 100),
    **dict.fromkeys("千仟kK", 1000),
    **dict.fromkeys("万萬wW", 10_000),
    "亿": 100_000_000,
}
_MYRIAD: Final = 10_000
_DAYS_OF_MONTH: Final = 31
_FEW: Final = frozenset("几数")
_ROUGHLY: Final = frozenset("多来余几")

_HAN: Final = "".join(_DIGITS)
_RUN = re.compile(rf"[{_HAN}十拾百佰千仟万萬亿几数0-9]+[{_HAN}十拾百佰千仟万萬亿几数多来余把点0-9.,，kKwW]*")
_ARABIC = re.compile(r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d+)?(?!\d)|\d{1,3}(?:，\d{3}){1,4}\.\d\d(?!\d)|\d+(?:\.\d+)?")
_FEAST_TAIL = re.compile(r"[五六七]一(?=[前后再还给之放节吧，。,]|$)")  # 今天八百五一再八百: the first of May
_WEEK = ("周", "星期", "礼拜")

# The largest plausible count of each counter; beyond it an amount runs into the count (三千五号 is 三千, 五号).
_COUNTERS: Final[tuple[tuple[re.Pattern[str], int], ...]] = (
    (re.compile(r"[号日]"), _DAYS_OF_MONTH),
    (re.compile(r"月(?![底初中末])"), 12),
    (re.compile(r"点"), 24),
    (re.compile(r"个|天"), 99),
    (re.compile(r"[期次]|(?:周|星期|礼拜)(?![一二三四五六日天末])"), 60),
    (re.compile(r"年(?![底初末中前])"), 9999),
)

# Long digit runs, grouped card and telephone numbers, and anything announced as an identifier.
_IDENTIFIERS: Final = (
    re.compile(r"\d{3,4}[ -]\d{4}[ -]\d{4}(?:[ -]\d{4})*(?:[ -]?\d{1,3})?(?!\d)"),
    re.compile(r"[A-Za-z]?(?<![\d.])\d{7,}(?![\d.万千百块元])[Xx]?"),
    re.compile(r"(?:\d ){4,}\d(?!\d)"),
    re.compile(r"(?<![\d.,，还付欠])123(?:78|63|45|15|48|88|68)(?![\d.,十百千万块元])"),  # public hotlines
    re.compile(r"(?:拨打?|打|热线)(?P<id>一[零一二三四五六七八九幺]{4})(?![十百千万块元点])"),
    re.compile(r"(?:拨打?|打|热线|找)(?P<id>1\d{2}|1[12]\d{3}|95\d{3})(?![\d.十百千万块元])"),
    re.compile(
        r"(?:工号|编号|尾号|尾数|卡号|账号|单号|订单号|号码|电话|手机号?|身份证号?|后四位|末四位|"
        r"后[四六]位数|验证码|房号)"
        rf"(?:[是为：:叫,，的 ]){{0,2}}(?P<id>[A-Za-z]?[0-9{_HAN}]{{3,}})(?![十百千万块元])"
    ),
    re.compile(
        rf"(?P<id>[0-9{_HAN}]{{3,6}})(?=这?[个张]?(?:的卡|尾号|[那这的]{{1,2}}张|号坐席|号客服|号专员|坐席|号员工|号工作人员))"
    ),
)
_LONG_RUN = re.compile(rf"[0-9{_HAN}][0-9{_HAN} -][0-9{_HAN}]")  # in every identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Characters ``[start, end)`` that say a number.

    ``value`` is None where only a magnitude is said (几百块); ``high`` is the upper end of a range (五六百), None
    otherwise; ``approximate`` marks ranges, 多, 来, 几 and 把; ``spelled`` a string of digits read one by one
    (三零七二); ``round`` whether a unit of ten or more was said, or at least three Arabic digits written; ``scale`` the
    last unit said, 1 where none was.
    """

    start: int
    end: int
    text: str
    value: Decimal | None
    high: Decimal | None = None
    approximate: bool = False
    spelled: bool = False
    round: bool = False
    scale: int = 1


def mask_identifiers(text: str) -> str:
    """``text``, same length, with telephone, card, identity and staff numbers replaced by ``＃``."""
    if _LONG_RUN.search(text) is None:
        return text
    for pattern in _IDENTIFIERS:
        text = pattern.sub(_blank, text)
    return text


def _blank(match: re.Match[str]) -> str:
    whole, offset = match.group(), match.start()
    start, end = match.span("id") if "id" in match.re.groupindex else match.span()
    return whole[: start - offset] + "＃" * (end - start) + whole[end - offset :]


def find_numbers(text: str) -> tuple[Number, ...]:
    """Every number in ``text``, in order and without overlaps; identifiers are passed over."""
    return tuple(_numbers(mask_identifiers(text)))


def parse_number(text: str) -> Decimal | None:
    """The value of ``text`` where the whole of it is one number, else None."""
    found = _Reader(text, 0, len(text)).read()
    return found.value if found is not None and found.end == len(text) else None


def _numbers(text: str) -> Iterator[Number]:
    for run in _RUN.finditer(text):
        position = run.start()
        while position < run.end():
            if _is_weekday(text, position):
                position += 1
                continue
            alone = run.end() - run.start() == 1
            found = _digit_alone(text, position) if alone else _Reader(text, position, run.end()).read()
            if found is None:
                position += 1
                continue
            for part in _split_at_counter(text, found):
                yield part
                position = part.end


def _digit_alone(text: str, position: int) -> Number | None:
    """A number of one character, as in 一下 and 两个: most of what is met, and nothing to read unit by unit."""
    digit = _DIGITS.get(text[position])
    if digit is None:
        return _Reader(text, position, position + 1).read()
    return Number(start=position, end=position + 1, text=text[position], value=Decimal(digit))


def _is_weekday(text: str, position: int) -> bool:
    """Whether the digit at ``position`` names a day of the week rather than starting a number (周五 三千)."""
    before, digit, after = text[max(0, position - 2) : position], text[position], text[position + 1 : position + 2]
    return before.endswith(_WEEK) and digit in "一二三四五六123456" and after not in _UNITS


def _split_at_counter(text: str, number: Number) -> tuple[Number, ...]:
    """Separate an amount from the count that follows it without a pause: 三千五号 is 三千 and 五号."""
    if number.end - number.start == 1:
        return (number,)  # nothing to separate
    limit = next((most for word, most in _COUNTERS if word.match(text, number.end)), None)
    if limit is None or number.value is None or number.value <= limit or number.end - number.start > 12:
        return (number,)
    for cut in range(number.start + 1, number.end):
        if text[cut - 1].isdigit() and text[cut].isdigit() and text[cut].isascii():
            continue
        head, tail = _Reader(text, number.start, cut).read(), _Reader(text, cut, number.end).read()
        if (
            head is None
            or tail is None
            or head.end != cut
            or tail.end != number.end
            or tail.spelled
            or head.value is None
        ):
            continue
        if limit > _DAYS_OF_MONTH and _one_number(head, tail):
            continue
        if tail.value is not None and 0 < tail.value <= limit:
            return (head, tail)
    return (number,)


def _one_number(head: Number, tail: Number) -> bool:
    """Whether the second part counts on where the first ends: 一百 and 七十 are 170, 六千 and 三十 are two."""
    return tail.scale > 1 and head.scale == 10 * tail.scale


class _Reader:
    """Reads one number from ``text[start:stop]``, left to right, unit by unit."""

    def __init__(self, text: str, start: int, stop: int) -> None:
        self._text, self._start, self._stop = text, start, stop
        self._at = start
        self._total = Decimal(0)  # closed by 万 or 亿
        self._section = Decimal(0)  # below the next 万
        self._digit: Decimal | None = None
        self._second: Decimal | None = None  # upper digit of a range: 五六百
        self._digit_width = 0
        self._last_unit = 0
        self._zero = False
        self._rough = False
        self._few = False
        self._spread = Decimal(0)

    def read(self) -> Number | None:
        """The number at the start of the range, or None."""
        spelled = self._spelled()
        if spelled is not None:
            return spelled
        while self._at < self._stop and self._step():
            pass
        return self._finish()

    def _peek(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._text[place] if place < self._stop else ""

    def _spelled(self) -> Number | None:
        """A string of three or more Han digits without units, or a decimal said digit by digit (一点二五)."""
        end = self._start
        while end < self._stop and self._text[end] in _DIGITS:
            end += 1
        if end - self._start < 3 or (end < self._stop and self._text[end] in _UNITS):
            return None
        text = self._text[self._start : end]
        return self._number(end, Decimal("".join(str(_DIGITS[c]) for c in text)), spelled=True)

    def _step(self) -> bool:
        char = self._peek()
        if "0" <= char <= "9":
            return self._arabic()
        if char in _FEW:
            return self._take_few()
        if char in _DIGITS:
            return self._han_digit(_DIGITS[char])
        if char in _UNITS:
            return self._unit(_UNITS[char])
        if char in _ROUGHLY and self._last_unit:
            return self._roughly()
        if char == "把" and self._start == self._at - 1 and self._last_unit:
            return self._roughly()
        return char == "点" and self._decimal()

    def _arabic(self) -> bool:
        match = _ARABIC.match(self._text, self._at, self._stop)
        if match is None or self._digit is not None:
            return False
        written = match.group().replace(",", "").replace("，", "")
        self._zero = self._zero or (written.startswith("0") and len(written) > 1)
        self._digit, self._digit_width = Decimal(written), len(written)
        self._at = match.end()
        return True

    def _take_few(self) -> bool:
        """几百, 十几: a magnitude without a figure."""
        if self._digit is not None or (self._peek(1) not in _UNITS and self._last_unit != 10):
            return False
        self._few = self._rough = True
        self._spread = Decimal(9 if self._last_unit == 10 else 0)
        self._digit = Decimal(0 if self._last_unit == 10 else 1)
        self._at += 1
        return True

    def _han_digit(self, value: int) -> bool:
        if self._digit is None:
            if value == 0 and self._last_unit:
                self._zero = True
            elif self._last_unit >= 100 and _FEAST_TAIL.match(self._text, self._at):
                return False
            else:
                self._digit, self._digit_width = Decimal(value), 1
            self._at += 1
            return True
        if self._second is None and 0 < self._digit < value <= 9 and self._digit_width == 1:
            self._second = Decimal(value)
            self._at += 1
            return True
        return False

    def _unit(self, unit: int) -> bool:
        if self._digit is None and self._section == 0 and self._total == 0 and unit != 10 and self._peek(1) != "把":
            return False
        if unit < _MYRIAD:
            if self._digit is None and self._last_unit and (unit != 10 or self._last_unit <= 10):
                return False
            if self._last_unit and self._last_unit <= unit and self._section:
                return self._release()
            factor = Decimal(1) if self._digit is None else self._digit
            self._section += factor * unit
        else:
            if self._digit is None and not self._section and self._start != self._at:
                return False
            if self._digit == 0 and not self._section:
                return False  # 零万 is no number but one misheard
            amount = self._section + (self._digit or 0)
            self._total += (amount if amount else Decimal(1)) * unit
            self._section = Decimal(0)
            self._spread *= unit
        if self._second is not None and self._digit is not None:
            self._spread, self._rough = (self._second - self._digit) * unit, True
        self._digit = self._second = None
        self._digit_width, self._last_unit, self._zero = 0, unit, False
        self._at += 1
        return True

    def _release(self) -> bool:
        """A digit taken for an open tail begins the next number: 五百五百, 八百一千."""
        if self._digit is not None and self._second is None and self._digit_width == 1:
            self._at, self._digit = self._at - 1, None
        return False

    def _roughly(self) -> bool:
        """八百多, 二十来万; 多 belongs to the number only after a unit."""
        if self._digit is not None:
            return False
        if (
            self._peek() == "来"
            and self._last_unit > 10
            and self._peek(1) not in _UNITS
            and self._next() not in "块元个天"
        ):
            return False
        self._rough = True
        self._at += 1
        return self._peek() in _UNITS

    def _next(self) -> str:
        return self._text[self._at + 1 : self._at + 2] or " "

    def _decimal(self) -> bool:
        """一点二五, 一点二万: only where digits stand on both sides and a unit of money or 万 follows."""
        end = self._at + 1
        while end < self._stop and self._text[end] in _DIGITS:
            end += 1
        follows = self._text[end : end + 1]
        if (
            end == self._at + 1
            or follows not in ("万", "元", "块", "亿", "千")
            or (self._digit is None and not self._section)
        ):
            return False
        fraction = "".join(str(_DIGITS[c]) for c in self._text[self._at + 1 : end])
        self._digit = (self._digit or Decimal(0)) + Decimal(f"0.{fraction}")
        self._digit_width, self._at = 2, end
        return True

    def _finish(self) -> Number | None:
        """Close the trailing digit (三千五: its unit is a tenth of the last one) and build the number."""
        if self._at == self._start:
            return None
        tail, width = self._digit, self._digit_width
        if tail is not None:
            implied = Decimal(self._last_unit) / 10 if self._last_unit and not self._zero and width == 1 else Decimal(1)
            self._section += tail * max(implied, Decimal(1))
            if self._second is not None:
                self._spread, self._rough = (self._second - tail) * max(implied, Decimal(1)), True
        return self._number(self._at, self._total + self._section)

    def _number(self, end: int, value: Decimal, *, spelled: bool = False) -> Number:
        text = self._text[self._start : end]
        unknown = self._few and self._spread == 0
        return Number(
            start=self._start,
            end=end,
            text=text,
            value=None if unknown else value,
            high=value + self._spread if self._spread and not unknown else None,
            approximate=self._rough,
            spelled=spelled,
            round=bool(self._last_unit) or sum(c.isascii() and c.isdigit() for c in text) >= 3,
            scale=self._last_unit or 1,
        )
