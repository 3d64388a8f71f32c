"""What an agent answers to illness, unemployment, old or tender age, and to talk of not wanting to live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from qa_service.call import Speaker
from qa_service.judgement import Category, Finding, Quote
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading
from qa_service.reading.debt_talk import speaks_of_debt
from qa_service.reading.turns import ReadTurn

IGNORED: Final = "handling.vulnerable_ignored"
CRISIS_IGNORED: Final = "abuse.self_harm_ignored"
FEWEST_TURNS: Final = 2
"""Agent turns after the customer's words from which on silence about them is no accident of the call's end."""

_IN_NEED: Final = frozenset({"hardship.illness", "hardship.unemployment"})
_CARE: Final = ("shows_care", "offers_channel", "safety_response")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """Words of the customer that call for an answer; ``crisis`` where their life is spoken of."""

    quote: Quote
    crisis: bool
    because: str | None = None


def check_vulnerable(reading: Reading, findings: Sequence[Finding], rulebook: Rulebook) -> tuple[Finding, ...]:
    """At most one finding of each rule; ``findings`` are those of the words of the call.

    A crisis that is answered with a demand for payment is graver than one that is merely passed over.
    """
    needs = sorted(_needs(reading, findings), key=lambda need: need.quote.turn)
    if not needs or reading.swapped is not None or not speaks_of_debt(reading):
        return ()
    for need in needs:
        if need.crisis and (made := _demanded(need, reading, rulebook)):
            return made
    for need in needs:
        if made := _passed_over(need, reading, rulebook):
            return made
    return ()


def _needs(reading: Reading, findings: Sequence[Finding]) -> Iterator[_Need]:
    for finding in findings:
        crisis = finding.category is Category.DISTRESS
        if finding.speaker is Speaker.CUSTOMER and (crisis or finding.rule in _IN_NEED):
            yield _Need(quote=finding.quotes[0], crisis=crisis, because=finding.because)
    for turn in reading.by(Speaker.CUSTOMER):
        hit = turn.fact("vulnerable_person")
        if hit is not None:
            yield _Need(quote=turn.quote(hit.start, hit.end), crisis=False)


def _answers(need: _Need, reading: Reading, rulebook: Rulebook) -> list[ReadTurn]:
    later = [turn for turn in reading.by(Speaker.AGENT) if turn.index > need.quote.turn]
    return later[: rulebook.limits.care_turns]


def _demanded(need: _Need, reading: Reading, rulebook: Rulebook) -> tuple[Finding, ...]:
    """A demand among the answers before anything was said for the customer's safety."""
    for turn in _answers(need, reading, rulebook):
        safe, demand = turn.hint(*_CARE), turn.fact("demands_payment")
        if safe is not None or not turn.turn.trusted:
            return ()
        if demand is not None:
            quote = turn.quote(demand.start, demand.end)
            return found(rulebook, CRISIS_IGNORED, quote, need.quote, because=_doubt(need, turn, reading))
    return ()


def _passed_over(need: _Need, reading: Reading, rulebook: Rulebook) -> tuple[Finding, ...]:
    answers = _answers(need, reading, rulebook)
    if len(answers) < FEWEST_TURNS or any(turn.hint(*_CARE) or not turn.turn.trusted for turn in answers):
        return ()
    first = answers[0]
    text = first.turn.text
    quote = Quote(turn=first.index, start=0, end=len(text), text=text)
    return found(rulebook, IGNORED, quote, need.quote, because=_doubt(need, answers[-1], reading))


def _doubt(need: _Need, last: ReadTurn, reading: Reading) -> str | None:
    return need.because or (GUESSED_SPEAKER if reading.guessed_by(last.index) else None)
