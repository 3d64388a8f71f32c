"""The words behind a finding: how surely they were heard, when they can be played, when a person must listen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue import call_of

from qa_service.call import Call, HeardWord
from qa_service.checks.trust import WEAK, WEAKLY_HEARD
from qa_service.judgement import Category, Finding, VetoState
from qa_service.pipeline import Judge

THREAT = "坐席：你今天不还，我就闹到你们单位去。"
QUOTED = "闹到你们单位"


def heard(call: Call, turn: int, sure: float, *, under: str | None = None, elsewhere: float = 0.95) -> Call:
    """The call with words for one turn, a character each, 100 ms long; ``under`` marks those with another ``sure``."""
    said = call.turns[turn]
    first = said.text.index(under) if under else 0
    last = first + len(under or said.text)
    words = tuple(
        HeardWord(
            start=at,
            end=at + 1,
            start_ms=said.start_ms + at * 100,
            end_ms=said.start_ms + at * 100 + 100,
            probability=sure if first <= at < last else elsewhere,
        )
        for at in range(len(said.text))
    )
    turns = list(call.turns)
    turns[turn] = replace(said, words=words, confidence=0.9)
    return replace(call, turns=tuple(turns))


def threat(judge: Judge, call: Call) -> Finding:
    (found,) = [f for f in judge.judge(call).analysis.findings if f.category is Category.THREAT]
    return found


@pytest.mark.parametrize(
    ("sure", "elsewhere", "weak"),
    [(0.9, 0.9, False), (WEAK, 0.1, False), (WEAK - 0.01, 0.99, True), (0.2, 0.99, True)],
    ids=["sure", "just-enough-though-the-rest-is-poor", "just-too-little", "a-guess-in-a-clear-turn"],
)
def test_the_words_under_the_quote_count_and_no_others(judge: Judge, sure: float, elsewhere: float, weak: bool) -> None:
    found = threat(judge, heard(call_of("客户：喂。", THREAT), 1, sure, under=QUOTED, elsewhere=elsewhere))
    assert found.heard == pytest.approx(sure)
    assert (found.needs_confirmation, found.because) == (weak, WEAKLY_HEARD if weak else None)


def test_no_veto_stands_on_weak_recognition(judge: Judge) -> None:
    judged = judge.judge(heard(call_of(THREAT), 0, 0.3, under=QUOTED))
    assert judged.scorecard.veto is not VetoState.PENDING
    assert not [d for d in judged.scorecard.deductions if d.rule.startswith("threat")]
    assert judged.triage is not None, "a person listens"


def test_a_quote_can_be_played(judge: Judge) -> None:
    call = heard(call_of("客户：喂。", THREAT), 1, 0.9)
    (quote,) = threat(judge, call).quotes
    at = call.turns[1].start_ms + call.turns[1].text.index(QUOTED) * 100
    assert (quote.text, quote.start_ms, quote.end_ms) == (QUOTED, at, at + len(QUOTED) * 100)


def test_the_least_sure_word_is_told(judge: Judge) -> None:
    found = threat(judge, heard(call_of(THREAT), 0, 0.5, under="单位"))
    assert found.heard is not None
    assert (found.heard_least, found.confidence) == (0.5, found.heard)
    assert 0.5 < found.heard < 0.95


def test_imported_text_is_trusted_and_has_no_place_in_the_sound(judge: Judge) -> None:
    found = threat(judge, call_of(THREAT))
    assert (found.heard, found.needs_confirmation, found.confidence) == (None, False, 1.0)
    assert found.quotes[0].start_ms is None


@pytest.mark.parametrize(("sure", "weak"), [(0.9, False), (0.3, True)])
def test_a_turn_with_one_confidence_for_all_of_it_lends_it_to_its_quotes(judge: Judge, sure: float, weak: bool) -> None:
    call = call_of(THREAT)
    found = threat(judge, replace(call, turns=(replace(call.turns[0], confidence=sure),)))
    assert (found.heard, found.needs_confirmation) == (sure, weak)


def test_an_earlier_doubt_keeps_its_sentence(judge: Judge) -> None:
    call = heard(call_of(THREAT), 0, 0.3)
    found = threat(judge, replace(call, turns=(replace(call.turns[0], speaker_doubtful=True),)))
    assert found.because not in (None, WEAKLY_HEARD)
