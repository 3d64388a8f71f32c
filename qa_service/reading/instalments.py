"""Instalments: sums and days, put together in the order in which they are said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from qa_service.reading import promise_cues as cues
from qa_service.reading.calendar_terms import valid_date
from qa_service.reading.date_grammar import DateKind
from qa_service.reading.dates import DueDate, find_dates
from qa_service.reading.money import Amount, AmountKind

FIGURES = (AmountKind.SAID, AmountKind.BARE)
BARE_DAY = re.compile(r"(?:[\d一二三四五六七八九十廿初]{1,3}[号日]|月[底末尾中初头]|[上中下]旬)(?:左右|之前|以前|前)?")
_NEAR = 6  # characters between 剩下 and the figure that it names
_ADJACENT = 3  # characters between days that are listed rather than corrected (八月十号、九月十号)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A payment as said: either part may be missing.

    ``rest`` is 剩下的 without a figure; ``adds`` marks one that comes on top of what is already agreed; ``instead_of``
    is the day that ``due`` takes the place of (十五号不行，改二十号); ``account`` the debt that it is named for, where
    several are (信用卡那笔).
    """

    amount: Amount | None = None
    due: DueDate | None = None
    rest: bool = False
    adds: bool = False
    instead_of: DueDate | None = None
    account: str | None = None

    def with_minimum(self, value: Decimal | None) -> Instalment:
        """The same, 最低还款 standing for the figure that was named for it."""
        if value is None or self.amount is None or self.amount.kind is not AmountKind.MINIMUM:
            return self
        return replace(self, amount=replace(self.amount, value=value))

    @property
    def has_sum(self) -> bool:
        """Whether a sum was said, if only as the rest."""
        return self.amount is not None or self.rest

    @property
    def complete(self) -> bool:
        """Whether both parts were said."""
        return self.has_sum and self.due is not None


def exactness(due: DueDate, text: str) -> int:
    """How firmly a date names a day of payment: an hour least, then 发了工资, 下个月, the day of the wages, a day."""
    if due.kind in (DateKind.TIME, DateKind.NOW):
        return 1
    if due.kind is DateKind.VAGUE:
        return 2
    if due.kind is DateKind.PERIOD:
        return 3
    return 4 if cues.INCOME_DAY.match(text, due.end) else 5


def pair(text: str, mentions: Iterable[Amount | DueDate]) -> tuple[Instalment, ...]:
    """Put sums and days together; ``mentions`` must all be meant, ``text`` is the turn that holds them."""
    pairing = _Pairing(text)
    for mention in sorted(mentions, key=lambda each: each.start):
        if isinstance(mention, Amount):
            pairing.take_amount(mention)
        else:
            pairing.take_date(mention)
    return pairing.finished()


def _after(earlier: Instalment, later: Instalment) -> Instalment:
    """A bare day or end of month named second comes after: 一号还一半，十五号再还一半; 十月十号六百，月底九百."""
    first, second = earlier.due, later.due
    if first is None or second is None or first.value is None or second.value is None or second.value >= first.value:
        return later
    if not BARE_DAY.fullmatch(second.text):
        return later
    again = find_dates(second.text, first.value)
    return replace(later, due=replace(second, value=again[0].value)) if again else later


def _same_day_of(earlier: DueDate, month: DueDate) -> DueDate | None:
    """The day of an earlier instalment in a later month of which no day is said."""
    if (
        not month.text.endswith("月")
        or earlier.value is None
        or month.value is None
        or earlier.kind is not DateKind.DAY
    ):
        return None
    there = valid_date(month.value.year, month.value.month, earlier.value.day)
    return None if there is None or there <= earlier.value else replace(month, value=there, kind=DateKind.DAY)


class _Pairing:
    """Collects sums and days into instalments as they are said."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._done: list[Instalment] = []
        self._current = Instalment()
        self._listed: list[DueDate] = []  # days named one after the other, still without a sum
        self._last_end = 0
        self._apposed: DueDate | None = None  # a day right after a finished instalment: another name of its day, or new

    def take_amount(self, amount: Amount) -> None:
        """A sum: fills the current instalment, corrects it, or opens the next one."""
        before, held = self._text[self._last_end : amount.start], self._current
        self._last_end = amount.end
        self._apposed = None
        if amount.kind is AmountKind.REST:
            self._open_rest()
        elif self._listed and cues.EACH.search(before):
            self._done += [Instalment(amount=amount, due=due) for due in self._listed]
            self._current = Instalment(amount=amount, due=held.due)
        elif held.amount is None:
            if held.rest and (amount.kind not in FIGURES or len(before) > _NEAR):
                return
            left = self._is_what_is_left(amount)
            adds = held.adds or left or bool(cues.SEQUENCE.search(before))
            account = self._account(amount)
            self._current = replace(held, amount=amount, rest=held.rest or left, adds=adds, account=account)
        elif held.amount.value == amount.value and not cues.SEQUENCE.search(before):
            return
        elif amount.kind in FIGURES:
            self._another_amount(amount, before)
        self._listed = []

    def _open_rest(self) -> None:
        """剩下的 opens a new instalment, unless only its day was said before."""
        if self._current.has_sum:
            self._close()
        self._current = replace(self._current, rest=True, adds=True)

    def _another_amount(self, amount: Amount, before: str) -> None:
        """A second sum: a new instalment after 再 or a complete one, else the corrected first."""
        further = bool(cues.SEQUENCE.search(before))
        held, due = self._current.amount, self._current.due
        if due is not None and due.monthly and not further:  # 剩下三千二，每个月十五号八百
            self._current = replace(self._current, amount=amount, rest=False)
            return
        named = held is not None and held.kind not in FIGURES  # 最低还款八百六: the figure says what the word means
        if further or (self._current.complete and not named and not cues.CORRECTION.search(before)):
            self._close()
            left = self._is_what_is_left(amount)
            self._current = Instalment(amount=amount, rest=left, adds=further, account=self._account(amount))
        else:
            self._current = replace(self._current, amount=amount)

    def take_date(self, due: DueDate) -> None:
        """A day: fills the current instalment, corrects it, or opens the next one."""
        before, held = self._text[self._last_end : due.start], self._current
        if due.monthly and due.value is None and held.due is not None:  # 这个月十五号开始每月八百
            self._current = replace(held, due=replace(held.due, monthly=True))
            return
        self._last_end = due.end
        if held.due is None:
            self._current = replace(held, due=due)
            return
        if held.due.monthly and held.due.value is None:
            due = replace(due, monthly=True)
        firmer = exactness(due, self._text) - exactness(held.due, self._text)
        if held.complete and due.kind is DateKind.PERIOD and (again := _same_day_of(held.due, due)):
            self._close()  # 十五号一千，下个月再一千
            self._current = Instalment(due=again, adds=bool(cues.SEQUENCE.search(before)))
            return
        if firmer < 0:
            return
        if firmer == 0 and held.due.value == due.value:
            self._current = replace(held, due=replace(held.due, monthly=held.due.monthly or due.monthly))
            return
        corrects = cues.CORRECTION.search(before) is not None
        if held.complete and firmer == 0 and not corrects:
            self._close()
            self._current = Instalment(due=due, adds=bool(cues.SEQUENCE.search(before)))
            self._apposed = due if len(before) <= _ADJACENT and held.rest else None
            return
        if not held.has_sum and firmer == 0 and len(before) <= _ADJACENT:
            self._listed.append(held.due)
        self._current = replace(held, due=due, instead_of=held.due if corrects and firmer == 0 else None)

    def _is_what_is_left(self, amount: Amount) -> bool:
        """Whether a figure stands right after 剩下 or 余下."""
        return cues.REST_BEFORE.search(self._text[: amount.start]) is not None

    def _account(self, amount: Amount) -> str | None:
        """The debt named just before a sum."""
        named = cues.ACCOUNT.search(self._text[: amount.start])
        return named["name"] if named else None

    def finished(self) -> tuple[Instalment, ...]:
        """All instalments; a later one that never got both parts, and adds nothing, was a remark."""
        if self._apposed is not None and self._done and not self._current.has_sum:  # 剩的月底一起，六月三十
            self._done[-1], self._current = replace(self._done[-1], due=self._apposed), Instalment()
        self._close()
        kept: list[Instalment] = []
        for each in self._done:
            if not kept or each.adds or each.complete:
                kept.append(_after(kept[-1], each) if kept else each)
        return tuple(kept)

    def _close(self) -> None:
        if self._current.has_sum or self._current.due is not None:
            self._done.append(self._current)
        self._current = Instalment()
