"""What is wrong with how a promise to pay was taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_service.call import Speaker
from qa_service.judgement import Category, Finding, Promise, Quote
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading

COERCION_TURNS = 8
UNHEARD = "此后坐席的话没有听全，请收听确认是否追问过。"
_COERCING = frozenset({Category.THREAT, Category.INSULT, Category.FALSE_AUTHORITY})


def check_promises(reading: Reading, findings: Sequence[Finding], rulebook: Rulebook) -> tuple[Finding, ...]:
    """Promises left incomplete, and promises made soon after the agent threatened, insulted or posed.

    ``findings`` are those of the words of the call.
    """
    standing = [promise for promise in reading.promises.promises if promise.standing]
    return tuple(
        finding
        for promise in standing
        for finding in (*_incomplete(promise, reading, rulebook), *_coerced(promise, findings, reading, rulebook))
    )


def _incomplete(promise: Promise, reading: Reading, rulebook: Rulebook) -> Iterator[Finding]:
    """The debtor's part is open and the agent never asked for it again before the end."""
    if promise.complete:
        return
    later = (turn for turn in reading.turns[promise.turns[-1] + 1 :] if turn.speaker is Speaker.AGENT)
    if any(turn.fact("asks_promise_detail") for turn in later):
        return
    yield from found(rulebook, "promise.incomplete", _quote(promise, reading), because=_doubt(promise, reading))


def _doubt(promise: Promise, reading: Reading) -> str | None:
    """Why a person must confirm that the promise was left open, None where nothing is in doubt."""
    unheard = UNHEARD if reading.unheard_after(promise.turns[-1], Speaker.AGENT) else None
    return _guessed(promise, reading) or unheard


def _guessed(promise: Promise, reading: Reading) -> str | None:
    return GUESSED_SPEAKER if any(reading.turns[turn].turn.speaker_doubtful for turn in promise.turns) else None


def _coerced(promise: Promise, findings: Sequence[Finding], reading: Reading, rulebook: Rulebook) -> Iterator[Finding]:
    first = promise.turns[0]
    for finding in findings:
        if finding.category in _COERCING and finding.turn is not None and 0 < first - finding.turn <= COERCION_TURNS:
            evidence = (_quote(promise, reading), *finding.quotes[:1])
            because = finding.because or _guessed(promise, reading)
            yield from found(rulebook, "promise.coerced", *evidence, because=because)
            return


def _quote(promise: Promise, reading: Reading) -> Quote:
    index = promise.turns[-1]
    text = reading.turns[index].turn.text
    return Quote(turn=index, start=0, end=len(text), text=text)
