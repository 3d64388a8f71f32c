"""Spikes by words, by sound, and by both; sound alone never becomes a finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_service.call import Call, SoundMoment, Speaker, Transcript, Turn, TurnSound
from qa_service.checks.emotion import spikes_of, surer_by_sound
from qa_service.documents import parse_call
from qa_service.judgement import Category, EmotionSpike, Finding, Quote, Severity
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.predictions import prediction_line, report_lines
from qa_service.reading.composure import Raised

A, C = Speaker.AGENT, Speaker.CUSTOMER
SHOUTS = Raised(level_db=9.6, pitch=0.3, strong=True)
LOUDER = Raised(level_db=7.0)
TURNS = (
    Turn(speaker=A, start_ms=0, end_ms=1000, text="您好"),
    Turn(speaker=C, start_ms=1000, end_ms=5000, text="你再说一遍"),
)


def finding(turn: int = 1, *, category: Category = Category.EMOTION, confidence: float = 0.8) -> Finding:
    return Finding(
        category=category,
        rule="emotion.debtor_spike_fury",
        severity=Severity.NOTE,
        label="激动",
        speaker=C,
        evidence=(Quote(turn=turn, start=0, end=2, text="你再"),),
        confidence=confidence,
    )


@pytest.mark.parametrize(
    ("findings", "raised", "spikes"),
    [
        ([], {}, ()),
        ([finding()], {}, (EmotionSpike(speaker=C, turn=1, signals=("你再",)),)),
        ([finding()], {1: LOUDER}, (EmotionSpike(speaker=C, turn=1, signals=("你再", "音量比平时高 7 dB")),)),
        ([], {1: LOUDER}, ()),
        (
            [],
            {1: SHOUTS},
            (EmotionSpike(speaker=C, turn=1, signals=("音量比平时高 10 dB", "音高比平时高 30%"), sound_alone=True),),
        ),
        ([finding(category=Category.COMPLAINT)], {1: LOUDER}, ()),
    ],
    ids=["nothing", "words", "words-and-sound", "a-little-sound", "much-sound", "other-words"],
)
def test_spikes(findings: list[Finding], raised: dict[int, Raised], spikes: tuple[EmotionSpike, ...]) -> None:
    assert spikes_of(findings, TURNS, raised) == spikes


def test_spikes_stand_in_the_order_of_the_call() -> None:
    assert [spike.turn for spike in spikes_of([finding(1)], TURNS, {0: SHOUTS})] == [0, 1]


@pytest.mark.parametrize(
    ("category", "raised", "confidence"),
    [
        (Category.EMOTION, {1: LOUDER}, 0.9),
        (Category.EMOTION, {0: LOUDER}, 0.8),
        (Category.EMOTION, {}, 0.8),
        (Category.THREAT, {1: SHOUTS}, 0.8),
    ],
    ids=["same-turn", "other-turn", "no-sound", "other-category"],
)
def test_sound_makes_emotional_words_surer(category: Category, raised: dict[int, Raised], confidence: float) -> None:
    (surer,) = surer_by_sound([finding(category=category)], raised)
    assert surer.confidence == confidence


def sounding(turn: Turn, level: float) -> Turn:
    moments = tuple(
        SoundMoment(at_ms=at, level_db=level, pitch_hz=120.0) for at in range(turn.start_ms, turn.end_ms, 1000)
    )
    length = turn.end_ms - turn.start_ms
    return replace(
        turn, sound=TurnSound(level_db=level, pitch_hz=120.0, chars_per_second=4.0, speech_ms=length, course=moments)
    )


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_rulebook())


def call_with(judge: Judge, last: float) -> tuple[Call, dict[str, object], list[str]]:
    """A call of calm words whose last turn has the level given, judged."""
    call = parse_call({"call_id": "c", "started_at": "2026-03-12T14:00:00+08:00"})
    said = [(A, "您好，请问是王先生本人吗")] + [(C, f"我这个月工资还没有发第{n}次说了") for n in range(4)]
    turns = tuple(
        sounding(Turn(speaker=who, start_ms=6000 * n, end_ms=6000 * n + 4000, text=text), last if n == 4 else -28.0)
        for n, (who, text) in enumerate(said)
    )
    judged = judge.judge(call, transcript=Transcript(turns=turns, duration_ms=30_000, engine="e"))
    return call, prediction_line(judged), list(report_lines(replace(call, turns=turns), judged))


def test_a_loud_voice_is_shown_and_deducts_nothing(judge: Judge) -> None:
    _, calm, _ = call_with(judge, -28.0)
    _, loud, lines = call_with(judge, -16.0)
    assert calm["emotion"] == []
    assert loud["emotion"] == [
        {"speaker": "customer", "turn": 4, "signals": ["音量比平时高 12 dB"], "rules": [], "sound_alone": True}
    ]
    assert (loud["findings"], loud["scorecard"], loud["queue"]) == (calm["findings"], calm["scorecard"], calm["queue"])
    assert "  情绪：第 4 句 客户，音量比平时高 12 dB（仅凭声音，不作为发现）" in lines
