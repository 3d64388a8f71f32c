"""What one turn says about paying: the instalments named in it, and whether it asks, accepts, refuses or takes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from qa_service.call import Speaker, Turn
from qa_service.reading import promise_cues as cues
from qa_service.reading.date_grammar import DateKind
from qa_service.reading.dates import DueDate, find_dates
from qa_service.reading.instalments import FIGURES, Instalment, exactness, pair
from qa_service.reading.money import Amount, AmountKind, find_amounts
from qa_service.reading.numbers import mask_identifiers, parse_number
from qa_service.reading.promise_cues import Stance

_SMALLEST_PAYMENT: Final = Decimal(10)  # yuan; below it people talk of interest and fees
_FARTHEST: Final = timedelta(days=300)
_BEFORE: Final = 18  # characters before a sum in which its name is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Characters ``[start, end)`` of a turn and what they do with the figures in them."""

    start: int
    end: int
    stance: Stance
    pays: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A turn read for promises.

    ``instalments`` holds only figures that are meant; ``amounts`` and ``dates`` everything said, for the recap.
    ``owed`` is a sum named as the debt, ``first_sum`` any sum that an agent names, ``times`` the number of equal
    monthly instalments (分三期), 1 otherwise. ``acts`` are the things the turn does.
    """

    index: int
    instalments: tuple[Instalment, ...]
    amounts: tuple[Amount, ...]
    dates: tuple[DueDate, ...]
    owed: Decimal | None
    first_sum: Decimal | None
    times: int
    acts: frozenset[cues.Act]

    def does(self, *acts: cues.Act) -> bool:
        """Whether the turn does any of these."""
        return not self.acts.isdisjoint(acts)


def read_utterance(
    index: int, turn: Turn, on: date, balance: Decimal | None, *, committed: bool, idle: bool
) -> Utterance:
    """Read one turn.

    ``balance`` is the debt as known before it; ``committed`` says that something has been promised already, after which
    还差 and 剩下 name the rest of a plan rather than the debt; ``idle`` that there is nothing to say yes or no to.
    """
    agent = turn.speaker is Speaker.AGENT
    text = turn.text
    plain = cues.HARMLESS.sub(lambda match: "＿" * len(match.group()), mask_identifiers(text))
    dates, figures = tuple(_as_meant(due, on) for due in find_dates(text, on)), find_amounts(text)
    owed = _owed(text, figures, committed=committed) if agent else None
    amounts = find_amounts(text, owed or balance) if any(a.kind not in FIGURES for a in figures) else figures
    silent = (agent or idle) and not (dates or amounts)  # nothing to agree with, nothing to say of figures
    clauses = () if silent else tuple(_clauses(plain, dates, agent=agent))
    instalments = _instalments(text, clauses, amounts, dates, agent=agent, committed=committed)
    return Utterance(
        index=index,
        instalments=instalments,
        amounts=amounts,
        dates=dates,
        owed=owed,
        first_sum=_first_sum(text, figures) if agent else None,
        times=_times(text),
        acts=frozenset() if silent and not agent else frozenset(_acts(text, plain, clauses, instalments, agent=agent)),
    )


def _as_meant(due: DueDate, on: date) -> DueDate:
    """A day that only comes back next year is the one that has just gone by: nobody promises that far ahead."""
    far = due.value is not None and due.value - on > _FARTHEST
    return replace(due, past=True) if far else due


def _clauses(plain: str, dates: Sequence[DueDate], *, agent: bool) -> Iterator[Clause]:
    """Cut a turn into clauses; what hangs on a hypothesis stays hypothetical to the end of the sentence."""
    start, carried = 0, False
    ahead = any(not due.past and due.kind not in (DateKind.NOW, DateKind.VAGUE) for due in dates)
    pay = cues.AGENT_PAY if agent else cues.PAY
    ends = [(match.start(), match.end()) for match in cues.CLAUSE_END.finditer(plain)]
    for end, following in [*ends, (len(plain), len(plain))]:
        piece = plain[start:end]
        if piece.strip():
            past = any(due.past and start <= due.start < end for due in dates)
            stance = _stance(piece, past=past, ahead=ahead, agent=agent)
            carried = carried or stance is Stance.HYPOTHESIS
            if carried and stance in (Stance.MEANT, Stance.DEFERRED):
                stance = Stance.HYPOTHESIS
            yield Clause(start=start, end=following, stance=stance, pays=bool(pay.search(piece)))
        if cues.SENTENCE_END.search(plain, end, following) or cues.TURNING.match(plain, following):
            carried = False
        start = following


def _stance(piece: str, *, past: bool, ahead: bool, agent: bool) -> Stance:
    for stance, cue in cues.AGENT_STANCES if agent else cues.STANCES:
        if cue.search(piece):
            return stance
    done = not ahead and cues.PERFECT.search(piece) and not cues.FUTURE.search(piece)
    return Stance.PAST if past or done else Stance.MEANT


def _acts(
    text: str, plain: str, clauses: Sequence[Clause], instalments: Sequence[Instalment], *, agent: bool
) -> Iterator[cues.Act]:
    """What the turn does, by the tables of ``promise_cues``."""
    if any(clause.pays and clause.stance is Stance.MEANT for clause in clauses):
        yield cues.Act.PAYS
    if agent:
        yield from (act for act, cue in cues.AGENT_ACTS if cue.search(text))
        if cues.REJECT.search(plain):
            yield cues.Act.REJECTS
        return
    yield from (act for act, cue in cues.DEBTOR_ACTS if cue.search(text))
    stances = {clause.stance for clause in clauses}
    if Stance.DEFERRED in stances:
        yield cues.Act.DEFERS
    if stances & {Stance.REFUSED, Stance.DEFERRED}:
        yield cues.Act.REFUSES
    if _takes_back(plain, instalments):
        yield cues.Act.RETRACTS
    yield from _consents(text)


def _consents(text: str) -> Iterator[cues.Act]:
    heard = cues.OWN_DUTY.search(text) or (cues.HEARD_ONLY.search(text) and not cues.FIRM_ACCEPT.match(text))
    if not heard and cues.ACCEPT.match(text):
        yield cues.Act.ACCEPTS
        if cues.OUTRIGHT.match(text):
            yield cues.Act.AGREES
    if cues.CONFIRM.match(text) and cues.CONFIRM_ONLY.fullmatch(text):
        yield cues.Act.CONFIRMS


def _takes_back(plain: str, instalments: Sequence[Instalment]) -> bool:
    """Whether the last word of the turn is that nothing will be paid."""
    takes_back = [match.end() for match in cues.RETRACT.finditer(plain)]
    said = [part.end for each in instalments for part in (each.amount, each.due) if part is not None]
    return bool(takes_back) and takes_back[-1] > max(said, default=0)


def _owed(text: str, amounts: Sequence[Amount], *, committed: bool) -> Decimal | None:
    """The debt as the agent names it: a grand total where there is one, else the largest sum named as owed."""
    owed: list[tuple[bool, Decimal]] = []
    for amount in amounts:
        cue = cues.OWED.search(text[max(0, amount.start - _BEFORE) : amount.start])
        if amount.kind in FIGURES and amount.value is not None and (cue or cues.OWED_AFTER.match(text, amount.end)):
            owed.append((bool(cue and cues.GRAND_TOTAL.search(cue.group())), amount.value))
    total, value = max(owed, default=(False, None))
    return value if total or not committed else None


def _first_sum(text: str, amounts: Sequence[Amount]) -> Decimal | None:
    for amount in amounts:
        if amount.kind in FIGURES and not cues.OTHER_MONEY.search(text[max(0, amount.start - _BEFORE) : amount.start]):
            return amount.value
    return None


def _times(text: str) -> int:
    match = cues.RATE.search(text)
    value = parse_number(match["count"].replace("两", "二")) if match else None
    return int(value) if value is not None and 1 <= value <= 60 else 1


def _instalments(
    text: str,
    clauses: Sequence[Clause],
    amounts: Sequence[Amount],
    dates: Sequence[DueDate],
    *,
    agent: bool,
    committed: bool,
) -> tuple[Instalment, ...]:
    """Pair the figures that are meant, in the order in which they are said."""

    def clause_of(place: int) -> Clause | None:
        clause = next((each for each in clauses if each.start <= place < each.end), None)
        return clause if clause is not None and clause.stance is Stance.MEANT else None

    sums = [a for a in amounts if clause_of(a.start) and _is_payment(text, a, agent=agent, committed=committed)]
    days = [
        due
        for due in dates
        if not due.past and (clause := clause_of(due.start)) is not None and (exactness(due, text) > 1 or clause.pays)
    ]
    return pair(text, [*sums, *days])


def _is_payment(text: str, amount: Amount, *, agent: bool, committed: bool) -> bool:
    """Whether the sum is to be paid, rather than an income, a rent, a fee, or the debt itself."""
    before = text[max(0, amount.start - _BEFORE) : amount.start]
    if amount.kind is AmountKind.WHOLE:
        return not cues.WHOLE_AS_VERB.match(text, amount.end)
    if amount.kind not in FIGURES:
        return True
    if amount.value is not None and amount.value < _SMALLEST_PAYMENT:
        return False
    if cues.OTHER_MONEY.search(before):
        return False
    if (committed or not agent) and cues.REMAINDER.search(before):
        return True
    return not (cues.OWED.search(before) or cues.OWED_AFTER.match(text, amount.end))
