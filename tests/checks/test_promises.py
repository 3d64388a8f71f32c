"""Findings about promises where it is doubtful who spoke or what was said; the plain ones are in ``dialogues/``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dialogue import call_of

from qa_service.call import Call, HeardWord, Turn
from qa_service.checks.promises import UNHEARD, WEAKLY_HEARD
from qa_service.judgement import Finding, Severity
from qa_service.pipeline import Judge
from qa_service.reading import GUESSED_SPEAKER
from qa_service.testing.dialogues import counts, read_dialogues

INCOMPLETE = ("坐席：您的信用卡逾期了，您打算怎么还？", "客户：我给你们还一千五。", "坐席：好，再见。")
MISREAD = ("坐席：您的信用卡逾期了，您看怎么还？", "客户：我周五还两千。", "坐席：好的，周五三千，登记了，再见。")
RULES = ("promise.incomplete", "promise.coerced", "promise.read_back_wrong")


def weak(turn: Turn) -> Turn:
    """The same turn as an engine hears it that is not sure of any word."""
    words = tuple(
        HeardWord(start=place, end=place + 1, start_ms=turn.start_ms, end_ms=turn.end_ms, probability=0.4)
        for place in range(len(turn.text))
    )
    return replace(turn, words=words, confidence=0.4)


def with_turn(call: Call, index: int, turn: Turn) -> Call:
    return replace(call, turns=(*call.turns[:index], turn, *call.turns[index + 1 :]))


def found(judge: Judge, call: Call, rule: str) -> list[Finding]:
    return [finding for finding in judge.judge(call).analysis.findings if finding.rule == rule]


@pytest.mark.parametrize(("talk", "rule"), [(INCOMPLETE, "promise.incomplete"), (MISREAD, "promise.read_back_wrong")])
def test_a_promise_surely_heard_needs_nobody(judge: Judge, talk: tuple[str, ...], rule: str) -> None:
    (finding,) = found(judge, call_of(*talk), rule)
    assert (finding.severity, finding.needs_confirmation) == (Severity.MINOR, False)


@pytest.mark.parametrize(("talk", "rule"), [(INCOMPLETE, "promise.incomplete"), (MISREAD, "promise.read_back_wrong")])
def test_weakly_heard_words_of_a_promise_need_a_person(judge: Judge, talk: tuple[str, ...], rule: str) -> None:
    call = call_of(*talk)
    (finding,) = found(judge, with_turn(call, 1, weak(call.turns[1])), rule)
    assert (finding.needs_confirmation, finding.because) == (True, WEAKLY_HEARD)


@pytest.mark.parametrize(("talk", "rule"), [(INCOMPLETE, "promise.incomplete"), (MISREAD, "promise.read_back_wrong")])
def test_a_guessed_speaker_of_a_promise_needs_a_person(judge: Judge, talk: tuple[str, ...], rule: str) -> None:
    call = call_of(*talk)
    (finding,) = found(judge, with_turn(call, 1, replace(call.turns[1], speaker_doubtful=True)), rule)
    assert (finding.needs_confirmation, finding.because) == (True, GUESSED_SPEAKER)


def test_words_not_heard_after_the_promise_may_have_asked(judge: Judge) -> None:
    call = call_of(*INCOMPLETE)
    (finding,) = found(judge, with_turn(call, 2, weak(call.turns[2])), "promise.incomplete")
    assert (finding.needs_confirmation, finding.because) == (True, UNHEARD)


def test_a_misread_promise_quotes_both_turns(judge: Judge) -> None:
    (finding,) = found(judge, call_of(*MISREAD), "promise.read_back_wrong")
    assert [(quote.turn, quote.text) for quote in finding.quotes] == [
        (2, "好的，周五三千，登记了，再见。"),
        (1, "我周五还两千。"),
    ]


def test_each_rule_has_six_dialogues_for_and_against_it() -> None:
    told = counts(iter(read_dialogues(Path(__file__).parent / "dialogues" / "promises.toml")))
    assert {rule: min(told[rule]) >= 6 for rule in RULES} == dict.fromkeys(RULES, True)
