"""What one turn says about paying: the instalments named in it, and whether it asks, accepts, refuses or takes back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from qa_service.call import Speaker, Turn
from qa_service.reading import promise_cues as cues
from qa_service.reading.date_grammar import DateKind
from qa_service.reading.dates import DueDate, find_dates
from qa_service.reading.instalments import FIGURES, Instalment, exactness, pair
from qa_service.reading.money import Amount, AmountKind, find_amounts
from qa_service.reading.numbers import mask_identifiers, parse_number
from qa_service.reading.promise_cues import Act, Stance
from qa_service.reading.promise_money import first_sum, is_elsewhere, is_payment, owed

_FARTHEST: Final = timedelta(days=300)
_LITTLE: Final = 3  # characters besides a figure and fillers that leave it an answer
_BESIDE: Final = 4  # characters between 最低 and its figure
_PAUSES: Final = "，。！？；…,.!?; "
_BLANK: Final = "＿"  # no mark that ends a clause or a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Characters ``[start, end)`` of a turn and what they do with the figures in them."""

    start: int
    end: int
    stance: Stance
    pays: bool
    asks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A turn read for promises.

    ``instalments`` holds only figures that are meant; ``amounts`` and ``dates`` everything said, for the recap.
    ``owed`` is a sum named as the debt, ``first_sum`` any sum that an agent names, ``minimum`` what an agent names as
    the least to be paid (最低八百六), ``times`` the number of equal monthly instalments (分三期), 1 otherwise. ``acts``
    are the things the turn does.
    """

    index: int
    instalments: tuple[Instalment, ...]
    amounts: tuple[Amount, ...]
    dates: tuple[DueDate, ...]
    owed: Decimal | None
    first_sum: Decimal | None
    minimum: Decimal | None
    times: int
    acts: frozenset[Act]

    def does(self, *acts: Act) -> bool:
        """Whether the turn does any of these."""
        return not self.acts.isdisjoint(acts)


def pieces(turn: Turn) -> Iterator[str]:
    """A turn cut where its speaker breaks off, corrects or takes back what was just said; mostly it is whole."""
    text, start = turn.text, 0
    if turn.speaker is Speaker.CUSTOMER and cues.FIGURE_HINT.search(text):
        breaks = [match.start() for match in cues.BREAK_OFF.finditer(text)]
        breaks += [
            match.end() for match in cues.SENTENCE_BREAK.finditer(text) if not cues.ASKED_SUM.search(match.group())
        ]
        for end in sorted([*breaks, *(match.end() for match in cues.RETRACT.finditer(text))]):
            if text[start:end].strip(_PAUSES) and text[end:].strip(_PAUSES):
                yield text[start:end]
                start = end
    yield text[start:]


def read_utterance(
    index: int, speaker: Speaker, text: str, on: date, balance: Decimal | None, *, committed: bool, idle: bool
) -> Utterance:
    """Read one turn, or one of its ``pieces``.

    ``balance`` is the debt as known before it; ``committed`` says that something has been promised already, after which
    还差 and 剩下 name the rest of a plan rather than the debt; ``idle`` that there is nothing to say yes or no to.
    """
    agent = speaker is Speaker.AGENT
    plain = cues.HARMLESS.sub(lambda match: _BLANK * len(match.group()), mask_identifiers(text))
    dates = tuple(_as_meant(due, text, on) for due in find_dates(text, on))
    undated = _without(text, dates)
    figures = find_amounts(undated)
    debt = owed(text, figures, committed=committed) if agent else None
    amounts = find_amounts(undated, debt or balance) if any(a.kind not in FIGURES for a in figures) else figures
    silent = (agent or idle) and not (dates or amounts)  # nothing to agree with, nothing to say of figures
    clauses = () if silent else tuple(_clauses(plain, dates, agent=agent))
    instalments = _instalments(text, clauses, amounts, dates, agent=agent, committed=committed)
    return Utterance(
        index=index,
        instalments=instalments,
        amounts=amounts,
        dates=dates,
        owed=debt,
        first_sum=first_sum(text, figures) if agent else None,
        minimum=_minimum(amounts) if agent else None,
        times=_times(text),
        acts=frozenset() if silent and not agent else frozenset(_acts(text, plain, clauses, instalments, agent=agent)),
    )


def _without(text: str, dates: Sequence[DueDate]) -> str:
    """``text``, same length, with its calendar days blanked out, so that no sum runs into one (十二月十五三千三)."""
    for due in dates:
        if due.kind in (DateKind.DAY, DateKind.PERIOD) and due.value is not None:
            text = f"{text[: due.start]}{_BLANK * (due.end - due.start)}{text[due.end :]}"
    return text


def _as_meant(due: DueDate, text: str, on: date) -> DueDate:
    """A day that only comes back next year is the one that has just gone by: nobody promises that far ahead.

    So is a month of which something is told: 三月份他走了.
    """
    far = due.value is not None and due.value - on > _FARTHEST
    named = due.value is not None and "月" in due.text and not cues.SHIFTED.search(due.text)
    if named and due.value is not None and (due.kind is DateKind.PERIOD or due.value.year > on.year):
        told = cues.CLAUSE.match(text, due.end)
        far = far or (told is not None and cues.PERFECT.search(told.group()) is not None)
    if due.kind is DateKind.PERIOD and due.value is not None and due.value.year > on.year and "年" not in due.text:
        told = cues.CLAUSE.match(text, due.end)
        far = far or (told is not None and "了" in told.group() and not cues.PAY.search(told.group()))
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
            asks = bool(dates) and cues.QUESTION.search(plain, start, following) is not None  # asked of days alone
            yield Clause(start=start, end=following, stance=stance, pays=bool(pay.search(piece)), asks=asks)
        if carried and (cues.SENTENCE_END.search(plain, end, following) or cues.TURNING.match(plain, following)):
            carried = False
        start = following


def _stance(piece: str, *, past: bool, ahead: bool, agent: bool) -> Stance:
    for stance, cue in cues.AGENT_STANCES if agent else cues.DEBTOR_STANCES:
        if cue.search(piece):
            return stance
    done = not ahead and cues.PERFECT.search(piece) and not cues.FUTURE.search(piece)
    return Stance.PAST if past or done else Stance.MEANT


def _acts(
    text: str, plain: str, clauses: Sequence[Clause], instalments: Sequence[Instalment], *, agent: bool
) -> Iterator[Act]:
    """What the turn does, by the tables of ``promise_cues``."""
    if any(clause.pays and clause.stance is Stance.MEANT for clause in _near_figures(clauses, instalments)):
        yield Act.PAYS
        if any(each.has_sum for each in instalments) or cues.REPAY.search(_words_near(plain, clauses, instalments)):
            yield Act.REPAYS
    if agent:
        yield from (act for act, cue in cues.AGENT_ACTS if cue.search(text))
        if cues.REJECT.search(plain):
            yield Act.REJECTS
        return
    about = _about_figures(plain, clauses, instalments)
    yield from (act for act, cue in cues.FIGURE_ACTS if cue.search(about))
    yield from (act for act, cue in cues.DEBTOR_ACTS if cue.search(text))
    stances = {clause.stance for clause in clauses}
    if Stance.DEFERRED in stances:
        yield Act.DEFERS
    if stances & {Stance.REFUSED, Stance.DEFERRED}:
        yield Act.REFUSES
    if any(clause.pays or _says_little_else(text, clause, instalments) for clause in clauses):
        yield Act.ANSWERS
    if _takes_back(plain, clauses, instalments):
        yield Act.RETRACTS
    yield from _consents(text)


def _near_figures(clauses: Sequence[Clause], instalments: Sequence[Instalment]) -> Sequence[Clause]:
    """The clauses from just before the first figure that is meant to just after the last; all where there is none."""
    places = [part.start for each in instalments for part in (each.amount, each.due) if part is not None]
    if not places:
        return clauses
    first = max(number for number, each in enumerate(clauses) if each.start <= min(places))
    last = max(number for number, each in enumerate(clauses) if each.start <= max(places))
    return clauses[max(0, first - 1) : last + 2]


def _words_near(plain: str, clauses: Sequence[Clause], instalments: Sequence[Instalment]) -> str:
    meant = [each for each in _near_figures(clauses, instalments) if each.pays and each.stance is Stance.MEANT]
    return "，".join(plain[each.start : each.end] for each in meant)


def _about_figures(text: str, clauses: Sequence[Clause], instalments: Sequence[Instalment]) -> str:
    """The clauses with figures that are meant, and the one after them; the whole turn where there are none."""
    places = [part.start for each in instalments for part in (each.amount, each.due) if part is not None]
    if not places:
        return text
    after = next((each.end for each in clauses if each.start > max(places)), len(text))
    start = max(each.start for each in clauses if each.start <= min(places))
    return text[start:after]


def _says_little_else(text: str, clause: Clause, instalments: Sequence[Instalment]) -> bool:
    """Whether a clause names a figure that is meant and nearly nothing besides: 二十号吧, not 明天我就去投诉."""
    parts = [part for each in instalments for part in (each.amount, each.due) if part is not None]
    inside = [part for part in parts if clause.start <= part.start < clause.end]
    for part in inside:
        text = f"{text[: part.start]}{_BLANK * (part.end - part.start)}{text[part.end :]}"
    said = cues.FILLERS.sub("", text[clause.start : clause.end])
    return bool(inside) and (len(said) <= _LITTLE or cues.EARNS.search(said) is not None)


def _consents(text: str) -> Iterator[Act]:
    heard = cues.OWN_DUTY.search(text) or (cues.HEARD_ONLY.search(text) and not cues.FIRM_ACCEPT.match(text))
    if not heard and (cues.ACCEPT.match(text) or cues.SETTLED.search(text)):
        yield Act.ACCEPTS
        if cues.OUTRIGHT.match(text):
            yield Act.AGREES
    if cues.CONFIRM.match(text) and cues.CONFIRM_ONLY.fullmatch(text):
        yield Act.CONFIRMS


def _takes_back(plain: str, clauses: Sequence[Clause], instalments: Sequence[Instalment]) -> bool:
    """Whether the last word of the turn is that nothing will be paid."""
    takes_back = [match.end() for match in cues.RETRACT.finditer(plain) if not _only_another_month(match, instalments)]
    if any(clause.stance is Stance.HYPOTHESIS for clause in clauses):  # 要是发了奖金我就全清，这个不作数啊
        return False
    said = [part.end for each in instalments for part in (each.amount, each.due) if part is not None]
    return bool(takes_back) and takes_back[-1] > max(said, default=0)


def _shares_clause(due: DueDate, amounts: Sequence[Amount], clauses: Sequence[Clause]) -> bool:
    within = next((each for each in clauses if each.start <= due.start < each.end), None)
    return within is not None and any(within.start <= amount.start < within.end for amount in amounts)


def _is_due(text: str, due: DueDate, clause: Clause, sums: Sequence[Amount], *, agent: bool) -> bool:
    """Whether a date says when to pay.

    An hour does only with a verb of paying, an agent's day only with one, or a sum, or a question, or nearly alone.
    """
    if clause.pays or not agent:
        return clause.pays or exactness(due, text) > 1
    beside = any(clause.start <= amount.start < clause.end for amount in sums)
    rest = f"{text[clause.start : due.start]}{text[due.end : clause.end]}"
    return exactness(due, text) > 1 and (beside or clause.asks or len(cues.FILLERS.sub("", rest)) <= _LITTLE)


def _is_rest(text: str, amount: Amount) -> bool:
    return amount.kind is AmountKind.REST or cues.REST_BEFORE.search(text[: amount.start]) is not None


def _only_another_month(match: re.Match[str], instalments: Sequence[Instalment]) -> bool:
    """六月十号还一千，五月份先不还了: a plan with a pause in it."""
    return match.group().startswith("先不") and any(each.complete for each in instalments)


def _notes(text: str, amount: Amount) -> bool:
    """Whether an agent names the sum of what is left, whatever is said of its day: 余下五千等您再约."""
    return amount.kind in FIGURES and _is_rest(text, amount)


def _rest_is_paid(text: str, amount: Amount, dates: Sequence[DueDate]) -> bool:
    """Whether 剩下的 is to be paid, if nobody knows when: 剩下的等租金收上来再讲, not 剩下的年底再讲."""
    end = cues.SENTENCE_END.search(text, amount.end)
    tail = text[amount.end : end.start() if end else len(text)]
    if cues.WILL_PAY.search(tail) or cues.WAITS.match(tail):
        return cues.UNSURE.search(tail) is None or cues.WILL_PAY.search(tail) is not None
    if cues.UNSURE.search(tail) or cues.DEFERRAL.search(tail):
        return False
    dated = any(amount.end <= due.start < amount.end + len(tail) and not due.past for due in dates)
    return dated or amount.kind is not AmountKind.REST or cues.PAYS_REST.search(tail) is not None


def _minimum(amounts: Sequence[Amount]) -> Decimal | None:
    """The figure right after 最低还款."""
    for word, figure in pairwise(amounts):
        if word.kind is AmountKind.MINIMUM and figure.kind in FIGURES and figure.start - word.end <= _BESIDE:
            return figure.value
    return None


def _times(text: str) -> int:
    match = cues.RATE.search(text)
    value = parse_number((match["count"] or match["months"]).replace("两", "二")) if match else None
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
    if not (amounts or dates):
        return ()

    def clause_of(place: int) -> Clause | None:
        clause = next((each for each in clauses if each.start <= place < each.end), None)
        return clause if clause is not None and clause.stance is Stance.MEANT else None

    sums = [
        a
        for a in amounts
        if (_rest_is_paid(text, a, dates) if _is_rest(text, a) and not agent else clause_of(a.start) or _notes(text, a))
        and is_payment(text, a, agent=agent, committed=committed)
    ]
    days = [
        due
        for due in dates
        if not due.past
        and (clause := clause_of(due.start)) is not None
        and _is_due(text, due, clause, sums, agent=agent)
    ]
    spent = [a for a in amounts if is_elsewhere(text, a)] if days else []  # only days are measured against them
    own = [due for due in days if not _shares_clause(due, spent, clauses) or _shares_clause(due, sums, clauses)]
    return pair(text, [*sums, *(own or days)])
