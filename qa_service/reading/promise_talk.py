"""What one turn says about paying: the instalments named in it, and whether it asks, accepts, refuses or takes back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from qa_service.call import Speaker, Turn
from qa_service.reading import promise_cues as cues
from qa_service.reading.dates import DueDate, find_dates
from qa_service.reading.date_grammar import DateKind
from qa_service.reading.money import Amount, AmountKind, find_amounts
from qa_service.reading.numbers import parse_number
from qa_service.reading.promise_cues import Stance

_FIGURE_KINDS = (AmountKind.SAID, AmountKind.BARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A payment as said: either part may be missing. ``adds`` marks one that comes on top of others (剩下的, 再还)."""

    amount: Amount | None = None
    due: DueDate | None = None
    adds: bool = False

    @property
    def complete(self) -> bool:
        """Whether both parts were said."""
        return self.amount is not None and self.due is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Characters ``[start, end)`` of a turn and what they do with the figures in them."""

    start: int
    end: int
    text: str
    stance: Stance
    pays: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A turn read for promises.

    ``instalments`` holds only figures that are meant; ``amounts`` and ``dates`` everything said, for the recap.
    ``times`` is the number of equal monthly instalments (分三期), 1 otherwise.
    """

    index: int
    speaker: Speaker
    instalments: tuple[Instalment, ...]
    amounts: tuple[Amount, ...]
    dates: tuple[DueDate, ...]
    balance: Decimal | None
    times: int
    pays: bool
    accepts: bool
    confirms: bool
    refuses: bool
    retracts: bool
    questions: bool
    offers_tentatively: bool
    suggests: bool
    obliges: bool
    rejects: bool
    asks_amount: bool
    asks_date: bool
    asks_income: bool
    hesitates: bool


def read_utterance(index: int, turn: Turn, on: date, balance: Decimal | None) -> Utterance:
    """Read one turn; ``balance`` is the debt as known before it."""
    text = cues.HARMLESS.sub(lambda match: "＿" * len(match.group()), turn.text)
    agent = turn.speaker is Speaker.AGENT
    dates = find_dates(turn.text, on)
    clauses = tuple(_clauses(text, dates, agent=agent))
    said = _said_balance(turn.text, find_amounts(turn.text)) if agent else None
    amounts = find_amounts(turn.text, said if said is not None else balance)
    meant = [clause for clause in clauses if clause.stance is Stance.MEANT]
    asks_income = bool(cues.ASK_INCOME.search(turn.text))
    return Utterance(
        index=index,
        speaker=turn.speaker,
        instalments=_instalments(turn.text, clauses, amounts, dates, agent=agent),
        amounts=amounts,
        dates=dates,
        balance=said,
        times=_times(turn.text),
        pays=any(clause.pays for clause in meant),
        accepts=_accepts(turn.text),
        confirms=bool(cues.WEAK_ACCEPT.match(turn.text) and cues.CONFIRM.fullmatch(turn.text)),
        refuses=any(clause.stance in (Stance.REFUSED, Stance.DEFERRED) for clause in clauses),
        retracts=bool(cues.RETRACT.search(text)),
        questions=bool(cues.QUESTION.search(turn.text) or agent and cues.AGENT_TAG.search(turn.text)),
        offers_tentatively=bool(cues.OFFER_TAG.search(turn.text)),
        suggests=bool(cues.SUGGEST.search(turn.text)),
        obliges=bool(cues.OBLIGATION.search(turn.text)),
        rejects=bool(cues.REJECT.search(text)),
        asks_amount=bool(cues.ASK_AMOUNT.search(turn.text)) and not asks_income,
        asks_date=bool(cues.ASK_DATE.search(turn.text)) and not asks_income,
        asks_income=asks_income,
        hesitates=any(clause.stance is Stance.DEFERRED for clause in clauses),
    )


def _clauses(text: str, dates: Sequence[DueDate], *, agent: bool) -> Iterator[Clause]:
    """Cut a turn into clauses; what hangs on a hypothesis stays hypothetical to the end of the sentence."""
    start, carried = 0, False
    ends = [(match.start(), match.end()) for match in cues.CLAUSE_END.finditer(text)]
    for end, following in [*ends, (len(text), len(text))]:
        piece = text[start:end]
        if piece.strip():
            stance = _stance(piece, [due for due in dates if start <= due.start < end])
            carried = stance is Stance.HYPOTHESIS or carried
            if carried and stance in (Stance.MEANT, Stance.DEFERRED):
                stance = Stance.HYPOTHESIS
            yield Clause(start=start, end=following, text=piece, stance=stance, pays=bool(cues.PAY.search(piece)))
        if cues.SENTENCE_END.search(text, end, following) or cues.TURNING.match(text, following):
            carried = False
        start = following


def _stance(piece: str, dates: Sequence[DueDate]) -> Stance:
    for stance, cue in cues.STANCES:
        if cue.search(piece):
            return stance
    ahead = any(not due.past and due.kind is not DateKind.NOW for due in dates)
    done = cues.PERFECT.search(piece) and not ahead and not cues.FUTURE.search(piece)
    return Stance.PAST if done or any(due.past for due in dates) else Stance.MEANT


def _said_balance(text: str, amounts: Sequence[Amount]) -> Decimal | None:
    """The debt as the agent names it: a grand total where there is one, else the largest sum named as owed."""
    owed: list[tuple[bool, Decimal]] = []
    for amount in amounts:
        cue = cues.BALANCE.search(text[max(0, amount.start - 18) : amount.start])
        if cue and amount.kind in _FIGURE_KINDS and amount.value is not None:
            owed.append((bool(cues.GRAND_TOTAL.search(cue.group())), amount.value))
    return max(owed)[1] if owed else None


def _times(text: str) -> int:
    match = cues.RATE.search(text)
    value = parse_number(match["count"].replace("两", "二")) if match else None
    return int(value) if value is not None and 1 <= value <= 60 else 1


def _accepts(text: str) -> bool:
    if cues.OWN_DUTY.search(text) or cues.HEARD_ONLY.search(text) and not re.match(r"行|可以|没问题", text):
        return False
    return bool(cues.ACCEPT.match(text))


def _instalments(
    text: str, clauses: Sequence[Clause], amounts: Sequence[Amount], dates: Sequence[DueDate], *, agent: bool
) -> tuple[Instalment, ...]:
    """Pair the figures that are meant, in the order in which they are said."""
    meant_amounts = [a for a in amounts if _is_meant(clauses, a.start) and not _is_other_money(text, a, agent=agent)]
    meant_dates = _usable_dates(text, clauses, [d for d in dates if not d.past and _is_meant(clauses, d.start)])
    paired = _Pairing(text)
    for mention in sorted([*meant_amounts, *meant_dates], key=lambda each: each.start):
        if isinstance(mention, Amount):
            paired.take_amount(mention)
        else:
            paired.take_date(mention)
    return paired.finished()


def _is_meant(clauses: Sequence[Clause], place: int) -> bool:
    return any(c.start <= place < c.end and c.stance is Stance.MEANT for c in clauses)


def _is_other_money(text: str, amount: Amount, *, agent: bool) -> bool:
    """Whether the sum is an income, a rent, a fee or the debt itself rather than a payment."""
    if amount.kind not in _FIGURE_KINDS:
        return False
    before = text[max(0, amount.start - 18) : amount.start]
    return bool(cues.OTHER_MONEY.search(before) or cues.BALANCE.search(before))


def _usable_dates(text: str, clauses: Sequence[Clause], dates: list[DueDate]) -> list[DueDate]:
    """Leave out what is weaker than another date of the turn: hours, 马上, 有钱, and the day of the wages."""

    def rank(due: DueDate) -> int:
        if due.kind in (DateKind.TIME, DateKind.NOW):
            paying = any(c.start <= due.start < c.end and c.pays for c in clauses)
            return 1 if paying else 0
        if due.kind is DateKind.VAGUE:
            return 2
        return 3 if cues.INCOME_DAY.match(text, due.end) else 4

    best = max(map(rank, dates), default=0)
    floor = {4: 4, 3: 3, 2: 2, 1: 1}.get(best, 1)
    rest = re.compile(r"剩|余下|其余")
    return [due for due in dates if rank(due) >= floor or rank(due) == 2 and rest.search(text, 0, due.start)]


class _Pairing:
    """Collects amounts and dates into instalments as they are said."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._done: list[Instalment] = []
        self._current = Instalment()
        self._last_end = 0

    def take_amount(self, amount: Amount) -> None:
        """A sum: fills the current instalment, corrects it, or opens the next one."""
        before, held = self._between(amount.start), self._current.amount
        self._last_end = amount.end
        rest = amount.kind is AmountKind.REST
        if held is None:
            adds = self._current.adds or rest or bool(cues.SEQUENCE.search(before))
            if self._current.due is not None and rest and not before.strip("，, "):
                self._close()
            self._current = replace(self._current, amount=amount, adds=adds)
        elif held.kind is AmountKind.REST and amount.kind in _FIGURE_KINDS and not self._current.due:
            self._current = replace(self._current, amount=amount)
        elif held.value == amount.value and not rest:
            return
        elif rest or cues.SEQUENCE.search(before) or self._current.complete and not cues.CORRECTION.search(before):
            self._close()
            self._current = Instalment(amount=amount, adds=rest or bool(cues.SEQUENCE.search(before)))
        elif amount.kind in _FIGURE_KINDS or held.kind not in _FIGURE_KINDS:
            self._current = replace(self._current, amount=amount)

    def take_date(self, due: DueDate) -> None:
        """A date: fills the current instalment, corrects it, or opens the next one."""
        before, held = self._between(due.start), self._current.due
        self._last_end = due.end
        if held is None:
            self._current = replace(self._current, due=due)
        elif held.value == due.value:
            return
        elif self._current.complete and not cues.CORRECTION.search(before):
            self._close()
            self._current = Instalment(due=due, adds=bool(cues.SEQUENCE.search(before)))
        else:
            self._current = replace(self._current, due=due)

    def finished(self) -> tuple[Instalment, ...]:
        """All instalments; a later one that never got a sum, and adds nothing, was a remark."""
        self._close()
        return tuple(each for number, each in enumerate(self._done) if number == 0 or each.adds or each.complete)

    def _between(self, start: int) -> str:
        return self._text[self._last_end : start]

    def _close(self) -> None:
        if self._current.amount is not None or self._current.due is not None:
            self._done.append(self._current)
        self._current = Instalment()
