"""What is wrong with how a promise to pay was taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_service.call import Speaker
from qa_service.judgement import Category, Finding, Promise, Quote
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading
from qa_service.reading.read import heard_well

COERCION_TURNS = 8
"""Turns between a threat and a promise within which it counts as extorted: four exchanges, our own choice."""

UNHEARD = "此后坐席的话没有听全，请收听确认是否追问过。"
WEAKLY_HEARD = "承诺所依据的几句识别把握不足，请收听确认。"
_COERCING = frozenset({Category.THREAT, Category.INSULT, Category.FALSE_AUTHORITY})


def check_promises(reading: Reading, findings: Sequence[Finding], rulebook: Rulebook) -> tuple[Finding, ...]:
    """Promises left incomplete, made soon after the agent threatened, insulted or posed, or read back wrongly.

    ``findings`` are those of the words of the call.
    """
    standing = [promise for promise in reading.promises.promises if promise.standing]
    return (
        *(
            finding
            for promise in standing
            for finding in (*_incomplete(promise, reading, rulebook), *_coerced(promise, findings, reading, rulebook))
        ),
        *_read_back_wrong(standing, reading, rulebook),
    )


def _incomplete(promise: Promise, reading: Reading, rulebook: Rulebook) -> Iterator[Finding]:
    """No instalment has both sum and day, and the agent never asked for what is open before the end.

    A rest left open beside an instalment that has both is none: the next call can settle it.
    """
    if any(payment.amount is not None and payment.due is not None for payment in promise.payments):
        return
    last = promise.turns[-1]
    later = (turn for turn in reading.turns[last + 1 :] if turn.speaker is Speaker.AGENT)
    if any(turn.index in reading.promises.asked or turn.fact("asks_promise_detail") for turn in later):
        return
    unheard = UNHEARD if reading.unheard_after(last, Speaker.AGENT) else None
    because = _doubt(promise, reading) or unheard
    yield from found(rulebook, "promise.incomplete", _quote(last, reading), because=because)


def _coerced(promise: Promise, findings: Sequence[Finding], reading: Reading, rulebook: Rulebook) -> Iterator[Finding]:
    first = promise.turns[0]
    for finding in findings:
        if finding.category in _COERCING and finding.turn is not None and 0 < first - finding.turn <= COERCION_TURNS:
            evidence = (_quote(promise.turns[-1], reading), *finding.quotes[:1])
            because = finding.because or _doubt(promise, reading)
            yield from found(rulebook, "promise.coerced", *evidence, because=because)
            return


def _read_back_wrong(promises: Sequence[Promise], reading: Reading, rulebook: Rulebook) -> Iterator[Finding]:
    """The agent's last repetition has another sum or day than was agreed, and nobody put it right."""
    for turn in reading.promises.misread[-1:]:
        promise = next((each for each in promises if each.turns[0] < turn), None)
        if promise is not None:
            made = max(each for each in promise.turns if each < turn)
            evidence = (_quote(turn, reading), _quote(made, reading))
            yield from found(rulebook, "promise.read_back_wrong", *evidence, because=_doubt(promise, reading, turn))


def _doubt(promise: Promise, reading: Reading, *others: int) -> str | None:
    """Why a person must confirm what is found of a promise, None where its turns are surely heard."""
    turns = [reading.turns[turn] for turn in (*promise.turns, *others)]
    if any(turn.turn.speaker_doubtful for turn in turns):
        return GUESSED_SPEAKER
    return None if heard_well(turns) else WEAKLY_HEARD


def _quote(index: int, reading: Reading) -> Quote:
    text = reading.turns[index].turn.text
    return Quote(turn=index, start=0, end=len(text), text=text)
