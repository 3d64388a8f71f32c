"""What a debtor has agreed to so far: haggled over, completed, taken back, and read back by the agent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from qa_service.judgement import Payment, Promise
from qa_service.reading.calendar_terms import same_day_after, valid_date
from qa_service.reading.date_grammar import DateKind
from qa_service.reading.dates import DueDate
from qa_service.reading.instalments import BARE_DAY, Instalment
from qa_service.reading.money import Amount, AmountKind

_ROUNDED: Final = Decimal("1.5")  # 两千多 may stand for anything up to half as much again


@dataclass(slots=True, kw_only=True)
class _Agreed:
    """One instalment, the turns that made it, and whether its parts were read back since they were agreed."""

    amount: Amount | None
    due: DueDate | None
    rest: bool
    account: str | None = None
    turns: set[int] = field(default_factory=set)
    amount_read_back: bool = False
    due_read_back: bool = False

    def update(self, said: Instalment) -> None:
        """Take over what was said; a day left open never replaces one on the calendar."""
        if said.amount is not None and (self.amount is None or said.amount.value != self.amount.value):
            self.amount, self.amount_read_back = said.amount, False
            self.rest = self.rest and said.rest
        if said.due is not None and (self.due is None or day_of(said.due) not in (None, day_of(self.due))):
            self.due, self.due_read_back = _in_its_month(said.due, self.due), False
        self.account = said.account or self.account

    def lacks(self, said: Instalment) -> bool:
        """Whether ``said`` has a part that is still missing here."""
        amount = self.amount is None and not self.rest and said.amount is not None
        return amount or (day_of(self.due) is None and said.due is not None)

    @property
    def complete(self) -> bool:
        """Whether a sum and some day are agreed."""
        return (self.amount is not None or self.rest) and self.due is not None


@dataclass(slots=True, kw_only=True)
class Agreement:
    """The commitment as it stands.

    ``turns`` are those that made it, ``times`` the number of equal monthly instalments it is to be paid in;
    ``tentative`` is a debtor's own offer put as a question, ``rejected`` one that the agent turned down.
    """

    turns: set[int] = field(default_factory=set)
    times: int = 1
    tentative: bool = False
    rejected: bool = False
    _agreed: list[_Agreed] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every instalment has a sum and a day."""
        return bool(self._agreed) and all(each.complete for each in self._agreed)

    @property
    def empty(self) -> bool:
        """Whether nothing has been agreed."""
        return not self._agreed

    @property
    def has_whole(self) -> bool:
        """Whether any instalment has a sum and some day."""
        return any(each.complete for each in self._agreed)

    def names_day(self, due: DueDate | None) -> bool:
        """Whether one of the instalments is due on that very day."""
        return day_of(due) is not None and any(day_of(each.due) == day_of(due) for each in self._agreed)

    def awaits_day(self, said: Instalment) -> bool:
        """Whether the very sum is agreed, without a day so far."""
        return any(_same_amount(said.amount, each.amount) and day_of(each.due) is None for each in self._agreed)

    # -- what the debtor says ------------------------------------------------------------------------------------------

    def merge(self, said: Sequence[Instalment], turn: int) -> None:
        """Lay what was said over what was agreed: fill what is missing, add what comes on top, change the rest."""
        if len(said) == 1:
            self._merge_one(said[0], turn)
        elif said:
            kept = self._agreed if said[0].adds else []
            before = list(self._agreed)
            self._agreed = kept + [self._keep(each, before, turn) for each in said]

    def _keep(self, said: Instalment, before: list[_Agreed], turn: int) -> _Agreed:
        """An instalment said again as it was agreed (its day may go without saying) stays read back."""
        for each in before:
            same_sum = _same_amount(said.amount, each.amount)
            names_rest = each.rest and each.amount is None and said.amount is not None
            if (same_sum and said.due is None) or ((same_sum or names_rest) and self._is_due(each, said.due)):
                before.remove(each)
                each.amount = each.amount or said.amount
                return each
        return _agreed(said, turn)

    def _merge_one(self, said: Instalment, turn: int) -> None:
        target = self._target(said)
        if target is None:
            self._agreed.append(_agreed(said, turn))
        elif not (target.complete and said.due is None and said.amount and said.amount.kind is AmountKind.WHOLE):
            target.update(said)
            target.turns.add(turn)

    def _target(self, said: Instalment) -> _Agreed | None:
        """The instalment that ``said`` completes or changes.

        The one whose day it puts off, the one of that very day, the first that lacks a part, the one alike, else the
        last. What comes on top completes only an earlier *rest*, never another instalment.
        """
        for each in self._agreed:
            if said.instead_of is not None and self._is_due(each, said.instead_of):
                return each
        for each in self._agreed:
            if said.complete and not said.adds and not each.rest and self._is_due(each, said.due):
                return each
        for each in self._agreed:
            open_rest = each.rest and (each.amount is None or day_of(each.due) is None)
            if open_rest if said.adds else each.lacks(said):
                return each
        for each in self._agreed:
            same_day = self._is_due(each, said.due)
            if same_day or (not said.adds and _same_amount(said.amount, each.amount)):
                return each
        return self._agreed[-1] if self._agreed and not said.adds else None

    @staticmethod
    def _is_due(agreed: _Agreed, due: DueDate | None) -> bool:
        return due is not None and agreed.due is not None and day_of(agreed.due) == day_of(due)

    # -- what the agent says -------------------------------------------------------------------------------------------

    def adopt(self, said: Sequence[Instalment]) -> None:
        """Take over the sum that the agent names with an agreed day, where the debtor had named none."""
        for each in self._agreed:
            if each.amount is None and not each.rest and each.due is not None:
                named = (one.amount for one in said if one.amount is not None and self._is_due(each, one.due))
                each.amount = next(named, None)

    def settle(self, said: Sequence[Instalment], turn: int) -> None:
        """Take the agent's version, made of the debtor's own figures: it stands and has been read back.

        A rest that was left open and is not among it stays.
        """
        told = [_agreed(each, turn) for each in said]
        for each in told:
            each.amount_read_back = each.due_read_back = each.due is not None
        names_rest = any(each.rest for each in said)
        open_rest = [each for each in self._agreed if each.rest and day_of(each.due) is None and not names_rest]
        self._agreed, self.times, self.rejected = told + open_rest, 1, False

    def count_as_read_back(self, told: Iterable[Instalment]) -> None:
        """Note that the agent has said these instalments, of the debtor's own figures, before the debtor confirmed."""
        for said in told:
            for each in self._agreed:
                if _same_amount(said.amount, each.amount) and day_of(said.due) == day_of(each.due):
                    each.amount_read_back = each.due_read_back = True

    def holds(self, said: Instalment, balance: Decimal | None) -> bool:
        """Whether ``said`` only repeats what is agreed."""
        return any(
            (said.amount is None or _same_amount(said.amount, each.amount) or _says(said.amount, payment))
            and (said.due is None or (each.due is not None and day_of(said.due) == payment.due))
            for each, payment in zip(self._agreed, self._resolved(balance), strict=True)
        )

    def contradicts(self, said: Instalment, balance: Decimal | None) -> bool:
        """Whether ``said`` has the day of an instalment with another sum, or the sum with another day.

        A sum only rounded (两千多 for 两千三) is no other.
        """
        if said.amount is None or said.amount.value is None or day_of(said.due) is None or self.holds(said, balance):
            return False
        payments = [each for each in self._resolved(balance) if each.amount is not None and each.due is not None]
        alike = [each for each in payments if (each.due == day_of(said.due)) != _says(said.amount, each)]
        return any(not _rounds(said.amount, each.amount) or each.due != day_of(said.due) for each in alike)

    def read_back(self, amounts: Sequence[Amount], dates: Sequence[DueDate], balance: Decimal | None) -> None:
        """Note which sums and days an agent's turn repeats."""
        payments = self._resolved(balance)
        days = {payment.due.day for payment in payments if payment.due}
        every = len(self._agreed) > 1 and len(days) == 1  # 这三个月的十五号 stands for all of them
        for each, payment in zip(self._agreed, payments, strict=True):
            if any(_same_amount(amount, each.amount) or _says(amount, payment) for amount in amounts):
                each.amount_read_back = True
            names_rest = each.rest and any(amount.kind is AmountKind.REST for amount in amounts)
            each.amount_read_back = each.amount_read_back or names_rest
            says_day = each.due is not None and any(_same_day(due, each.due, every=every) for due in dates)
            nothing_to_say = each.rest and each.amount_read_back and payment.due is None  # 剩下的等您有钱再还
            each.due_read_back = each.due_read_back or says_day or nothing_to_say

    @property
    def was_read_back(self) -> bool:
        """Whether the agent repeated every sum and every day after they were agreed."""
        return all(each.amount_read_back and each.due_read_back for each in self._agreed)

    # -- what stands ---------------------------------------------------------------------------------------------------

    def drop_leftovers(self) -> None:
        """Forget half an instalment beside one with sum and day: it is an older version."""
        whole = [each for each in self._agreed if each.complete and day_of(each.due) is not None]
        if whole:
            self._agreed = [each for each in self._agreed if each.rest or each.complete]

    def promises(self, balance: Decimal | None) -> tuple[Promise, ...]:
        """One promise for each debt that was named with its own instalments, else one for all of them."""
        accounts = list(dict.fromkeys(each.account for each in self._agreed))
        if len(accounts) == 1 or None in accounts:
            return (Promise(turns=tuple(sorted(self.turns)), payments=self._payments(self._agreed, balance)),)
        parts = [[each for each in self._agreed if each.account == account] for account in accounts]
        return tuple(
            Promise(
                turns=tuple(sorted(set[int]().union(*(each.turns for each in part)))),
                payments=self._payments(part, balance),
            )
            for part in parts
        )

    def _payments(self, agreed: Sequence[_Agreed], balance: Decimal | None) -> tuple[Payment, ...]:
        """The instalments with figures: shares and the rest against ``balance``, monthly ones one by one."""
        return tuple(
            payment
            for each, payment in zip(agreed, _with_rest(agreed, balance), strict=True)
            for payment in self._repeated(each, payment, alone=len(agreed) == 1)
        )

    def _repeated(self, agreed: _Agreed, payment: Payment, *, alone: bool) -> Iterator[Payment]:
        first = payment.due
        monthly = alone or (agreed.due is not None and agreed.due.monthly)
        times = self.times if monthly and first is not None else 1
        for months in range(times):
            yield payment if first is None else replace(payment, due=same_day_after(first, months))

    def _resolved(self, balance: Decimal | None) -> list[Payment]:
        return list(_with_rest(self._agreed, balance))


def day_of(due: DueDate | None) -> date | None:
    """The day, None where it was left open: 下周 or 下个月 without 之内 names none."""
    if due is None or (due.kind is DateKind.PERIOD and not due.text.endswith(("内", "前"))):
        return None
    return due.value


def _agreed(said: Instalment, turn: int) -> _Agreed:
    return _Agreed(amount=said.amount, due=said.due, rest=said.rest, account=said.account, turns={turn})


def _in_its_month(said: DueDate, before: DueDate | None) -> DueDate:
    """A bare day that takes the place of an agreed one stays in its month: 二月十五号 … 改二十号吧."""
    if before is None or before.value is None or said.value is None or not BARE_DAY.fullmatch(said.text):
        return said
    there = valid_date(before.value.year, before.value.month, said.value.day)
    return said if there is None or there < said.value or before.monthly else replace(said, value=there)


def _with_rest(agreed: Sequence[_Agreed], balance: Decimal | None) -> Iterator[Payment]:
    """Payments, with what the others leave of the balance for 剩下的; several rests share it equally."""
    known = [each.amount.value for each in agreed if each.amount is not None and each.amount.value is not None]
    rests = [each for each in agreed if each.rest and each.amount is None]
    left = balance - sum(known, Decimal(0)) if balance is not None and len(known) + len(rests) == len(agreed) else None
    for each in agreed:
        value = each.amount.value if each.amount is not None else None
        if value is None and each.rest and day_of(each.due) is not None and left is not None and left > 0:
            value = round(left / len(rests), 2)
        yield Payment(amount=value, due=day_of(each.due))


def _same_amount(one: Amount | None, other: Amount | None) -> bool:
    if one is None or other is None:
        return False
    return one.value == other.value if one.value is not None else one.kind is other.kind


def _says(amount: Amount, payment: Payment) -> bool:
    return amount.value is not None and amount.value == payment.amount


def _rounds(said: Amount, agreed: Decimal | None) -> bool:
    """Whether an approximate sum may stand for the agreed one."""
    if said.value is None or agreed is None or not said.approximate:
        return False
    return said.value <= agreed < (said.high or said.value * _ROUNDED)


def _same_day(one: DueDate, other: DueDate, *, every: bool) -> bool:
    first, second = day_of(one), day_of(other)
    if first is None or second is None:
        return one.value == other.value if one.value is not None else first is second and one.kind is other.kind
    return first == second or (every and first.day == second.day)
