"""Promises to pay: a small state over the turns of a call.

At any moment there is at most one *pending* matter (what the agent last proposed or asked) and one *commitment* (what the
debtor last agreed to). A debtor's own figures, an answer to a question, or a yes to a proposal make or change the
commitment; a retraction takes it back; what stands at the end is the promise. The recap is followed beside it: an
instalment counts as read back once the agent has said its sum and its day after they were last agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from qa_service.call import Speaker, Turn
from qa_service.judgement import Payment, Promise
from qa_service.reading.calendar_terms import same_day_after
from qa_service.reading.date_grammar import DateKind
from qa_service.reading.dates import DueDate
from qa_service.reading.money import Amount, AmountKind
from qa_service.reading.promise_talk import Instalment, Utterance, read_utterance

_PATIENCE = 2  # agent turns about something else after which a proposal is off the table


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseReading:
    """What was promised in a call.

    ``promises`` stand at the end of the call. ``recap`` is whether the agent read every sum and day back after the debtor
    promised, None where no promise stands.
    """

    promises: tuple[Promise, ...] = ()
    recap: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """What the agent last put to the debtor: figures, a question for figures, or both."""

    turn: int
    instalments: tuple[Instalment, ...] = ()
    times: int = 1
    asks: bool = False
    question: bool = False
    income: bool = False
    age: int = 0


@dataclass(slots=True, kw_only=True)
class _Agreed:
    """One instalment of the commitment, and whether its parts were read back since they were agreed."""

    amount: Amount | None = None
    due: DueDate | None = None
    amount_read_back: bool = False
    due_read_back: bool = False

    def update(self, said: Instalment) -> None:
        """Take over what was said; a day left open never replaces one on the calendar."""
        if said.amount is not None and (self.amount is None or said.amount.value != self.amount.value):
            self.amount, self.amount_read_back = said.amount, False
        if said.due is not None and (self.due is None or _day(said.due) not in (None, _day(self.due))):
            self.due, self.due_read_back = said.due, False


@dataclass(slots=True, kw_only=True)
class _Commitment:
    """What the debtor has agreed to so far."""

    turns: list[int] = field(default_factory=list)
    instalments: list[_Agreed] = field(default_factory=list)
    times: int = 1
    tentative: bool = False
    rejected: bool = False


def find_promises(turns: Sequence[Turn], on: date, balance: Decimal | None = None) -> PromiseReading:
    """The promises that stand at the end of a call, and whether they were read back.

    ``on`` is the local day of the call; ``balance`` the debt in yuan from the call data, used where the call names none.
    """
    talk = _Talk(balance)
    for index, turn in enumerate(turns):
        utterance = read_utterance(index, turn, on, talk.balance)
        if turn.speaker is Speaker.AGENT:
            talk.agent(utterance)
        else:
            talk.debtor(utterance)
    return talk.result()


class _Talk:
    """The state of the dialogue between two turns."""

    def __init__(self, balance: Decimal | None) -> None:
        self.balance = balance
        self._pending: _Pending | None = None
        self._commitment: _Commitment | None = None

    # -- the agent ------------------------------------------------------------------------------------------------------

    def agent(self, said: Utterance) -> None:
        """An agent's turn: reads back, rejects, proposes, asks, or talks of something else."""
        if said.balance is not None:
            self.balance = said.balance
        if self._commitment is not None:
            _read_back(self._commitment, said, self.balance)
            if said.rejects and self._commitment.tentative:
                self._commitment.rejected = True
        news = tuple(each for each in said.instalments if not self._agreed_already(each))
        asks = said.asks_amount or said.asks_date
        if said.asks_income:
            self._pending = _Pending(turn=said.index, income=True)
        elif news and (said.questions or said.suggests or said.pays):
            acceptable = said.questions or said.suggests and not said.obliges
            self._pending = _Pending(
                turn=said.index, instalments=news, times=said.times, asks=asks, question=acceptable
            )
        elif asks:
            self._pending = _Pending(turn=said.index, instalments=self._proposed(), asks=True)
        elif self._pending is not None:
            self._grow_old(said)

    def _grow_old(self, said: Utterance) -> None:
        """Another turn without figures: 可以吗 asks again, anything else lets the matter fade."""
        pending = self._pending
        if pending is None:
            return
        if said.questions and pending.instalments:
            self._pending = replace(pending, question=True, age=0)
        else:
            self._pending = replace(pending, age=pending.age + 1) if pending.age + 1 < _PATIENCE else None

    def _proposed(self) -> tuple[Instalment, ...]:
        return self._pending.instalments if self._pending is not None else ()

    def _agreed_already(self, said: Instalment) -> bool:
        if self._commitment is None or self._commitment.rejected:
            return False
        agreed = zip(self._commitment.instalments, _resolved(self._commitment, self.balance), strict=True)
        return any(
            (said.amount is None or _same_amount(said.amount, each.amount) or _says(said.amount, payment))
            and (said.due is None or each.due is not None and _day(said.due) == payment.due)
            for each, payment in agreed
        )

    # -- the debtor -----------------------------------------------------------------------------------------------------

    def debtor(self, said: Utterance) -> None:
        """A debtor's turn: promises, answers, accepts, refuses, takes back, or talks of something else."""
        if said.retracts and not said.instalments:
            self._commitment = self._pending = None
        elif said.instalments and self._commits(said):
            self._commit(said)
        elif self._agrees(said):
            self._accept(said)
        elif said.refuses and not said.accepts:
            self._refuse(said)

    def _commits(self, said: Utterance) -> bool:
        """Whether figures in a debtor's turn are a promise or an answer, not a question or a remark."""
        if said.questions and not said.offers_tentatively:
            return False
        if self._pending is not None and self._pending.income:
            return said.pays
        answering = self._pending is not None and (self._pending.asks or bool(self._pending.instalments))
        return said.pays or said.accepts or answering or self._commitment is not None

    def _agrees(self, said: Utterance) -> bool:
        """Whether a turn without figures of its own says yes to the proposal on the table."""
        pending = self._pending
        if pending is None or not pending.instalments or pending.income or said.instalments:
            return False
        if said.hesitates or said.refuses or said.questions:
            return False
        return pending.question and (said.accepts or said.confirms or said.pays)

    def _commit(self, said: Utterance) -> None:
        held = self._commitment
        if held is None or held.rejected:
            base = held if held is not None else _Commitment()
            self._commitment = held = replace_standing(base)
            if len(said.instalments) == 1 and not (said.instalments[0].complete and self._pending is None):
                _merge(held, self._proposed())
            held.times = max(held.times, self._pending.times if self._pending else 1)
        elif said.accepts and not said.refuses and self._pending is not None:
            _merge(held, self._pending.instalments)
        _merge(held, said.instalments)
        held.times = max(held.times, said.times)
        held.tentative = said.offers_tentatively and said.questions
        self._note(held, said)

    def _accept(self, said: Utterance) -> None:
        pending = self._pending
        if pending is None:
            return
        held = replace_standing(self._commitment or _Commitment())
        _merge(held, pending.instalments)
        held.times, held.tentative = max(held.times, pending.times), False
        self._commitment = held
        held.turns.append(pending.turn)
        self._note(held, said)

    def _note(self, held: _Commitment, said: Utterance) -> None:
        held.turns.append(said.index)
        self._pending = None

    def _refuse(self, said: Utterance) -> None:
        """A plain no takes the proposal off the table; one's own offer that was never agreed goes with it."""
        self._pending = None
        if self._commitment is not None and self._commitment.rejected:
            self._commitment = None

    # -- the end --------------------------------------------------------------------------------------------------------

    def result(self) -> PromiseReading:
        """What stands now."""
        held = self._commitment
        if held is None or held.rejected or not held.instalments:
            return PromiseReading()
        payments = _payments(held, self.balance)
        promise = Promise(turns=tuple(sorted(set(held.turns))), payments=payments)
        recap = all(each.amount_read_back and each.due_read_back for each in held.instalments)
        return PromiseReading(promises=(promise,), recap=recap)


def replace_standing(held: _Commitment) -> _Commitment:
    """The same commitment, standing again."""
    held.rejected = False
    return held


def _merge(held: _Commitment, said: Sequence[Instalment]) -> None:
    """Lay what was said over what was agreed: fill what is missing, add what comes on top, replace what is haggled."""
    if len(said) > 1:
        kept = held.instalments if said[0].adds else []
        held.instalments = [*kept, *(_Agreed(amount=each.amount, due=each.due) for each in said)]
    elif len(said) == 1:
        _merge_one(held, said[0])


def _merge_one(held: _Commitment, said: Instalment) -> None:
    target = _target(held.instalments, said)
    if target is None or said.adds and said.due is not None and _is_other_day(target, said.due):
        held.instalments.append(_Agreed(amount=said.amount, due=said.due))
    else:
        target.update(said)


def _target(agreed: Sequence[_Agreed], said: Instalment) -> _Agreed | None:
    """The instalment that ``said`` completes or changes: the first that lacks a part, the one alike, else the last."""
    for each in agreed:
        if (each.amount is None and said.amount is not None) or (each.due is None and said.due is not None):
            return each
    for each in agreed:
        same_due = said.due is not None and each.due is not None and _day(said.due) == _day(each.due)
        if same_due or _same_amount(said.amount, each.amount):
            return each
    return agreed[-1] if agreed else None


def _is_other_day(agreed: _Agreed, due: DueDate) -> bool:
    return agreed.amount is not None and agreed.due is not None and _day(agreed.due) != _day(due)


def _same_amount(one: Amount | None, other: Amount | None) -> bool:
    if one is None or other is None:
        return False
    return one.value == other.value if one.value is not None else one.kind is other.kind


def _says(amount: Amount, payment: Payment) -> bool:
    return amount.value is not None and amount.value == payment.amount


def _read_back(held: _Commitment, said: Utterance, balance: Decimal | None) -> None:
    for each, payment in zip(held.instalments, _resolved(held, balance), strict=True):
        if any(_same_amount(amount, each.amount) or _says(amount, payment) for amount in said.amounts):
            each.amount_read_back = True
        if each.due is not None and any(_same_day(due, each.due) for due in said.dates):
            each.due_read_back = True


def _same_day(one: DueDate, other: DueDate) -> bool:
    return _day(one) == _day(other) and (one.value is not None or one.kind is other.kind)


def _resolved(held: _Commitment, balance: Decimal | None) -> list[Payment]:
    payments = [
        Payment(amount=each.amount.value if each.amount else None, due=_day(each.due)) for each in held.instalments
    ]
    return list(_with_rest(held.instalments, payments, balance))


def _payments(held: _Commitment, balance: Decimal | None) -> tuple[Payment, ...]:
    payments = _resolved(held, balance)
    if held.times > 1 and len(payments) == 1 and payments[0].due is not None:
        first = payments[0].due
        payments = [replace(payments[0], due=same_day_after(first, months)) for months in range(held.times)]
    return tuple(payments)


def _day(due: DueDate | None) -> date | None:
    """The day, None where it was left open; 下周 or 下个月 without 之内 names no day."""
    if due is None or due.kind is DateKind.PERIOD and not due.text.endswith(("内", "前")):
        return None
    return due.value


def _with_rest(agreed: Iterable[_Agreed], payments: Sequence[Payment], balance: Decimal | None) -> Iterable[Payment]:
    """Give 剩下的 with a day what the others leave of the balance."""
    known = [payment.amount for payment in payments if payment.amount is not None]
    left = None if balance is None or len(known) != len(payments) - 1 else balance - sum(known, Decimal(0))
    for each, payment in zip(agreed, payments, strict=True):
        rest = each.amount is not None and each.amount.kind is AmountKind.REST
        if rest and payment.due is not None and left is not None and left > 0:
            yield replace(payment, amount=left)
        else:
            yield payment
