"""What goes into a JSON column comes out the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from qa_service.call import (
    ChannelLayout,
    ChannelQuality,
    Grade,
    Noise,
    NoiseKind,
    SoundMoment,
    Span,
    Speaker,
    Suspicion,
    Transcript,
    Turn,
    TurnSound,
    Voice,
)
from qa_service.documents import parse_call
from qa_service.judgement import (
    Analysis,
    CallFact,
    CannotJudge,
    Category,
    Checklist,
    Deduction,
    Disclosure,
    Disclosures,
    DisclosureStatus,
    EmotionSpike,
    Finding,
    Judged,
    Payment,
    Promise,
    Queue,
    Quote,
    Reason,
    Scorecard,
    Severity,
    Triage,
    VetoState,
)
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import judge
from qa_service.reading.talk import talk_metrics
from qa_service.storage.payloads import (
    judged_document,
    read_judged,
    read_reasons,
    read_transcript,
    reasons_document,
    transcript_document,
)
from qa_service.turn_documents import TurnDocument, turn_document

TURN = Turn(
    speaker=Speaker.CUSTOMER,
    start_ms=1,
    end_ms=999,
    text="我下周还“两千”\n",
    confidence=0.25,
    suspicions=(Suspicion.LOOP,),
    speaker_doubtful=True,
)
TRANSCRIPTS = {
    "empty": Transcript(turns=(), duration_ms=0, engine="e"),
    "full": Transcript(
        turns=(TURN,),
        duration_ms=1000,
        engine="whisper:small@ab12",
        activity=MappingProxyType({Speaker.AGENT: (), Speaker.CUSTOMER: (Span(start_ms=1, end_ms=999),)}),
        partial="录音不完整",
    ),
}
SOUNDING = Turn(
    speaker=Speaker.AGENT,
    start_ms=0,
    end_ms=2000,
    text="您好",
    voice=Voice.LEFT,
    sound=TurnSound(
        level_db=-27.5,
        pitch_hz=180.2,
        chars_per_second=4.25,
        speech_ms=1984,
        course=(SoundMoment(at_ms=0, level_db=-27.5, pitch_hz=180.2), SoundMoment(at_ms=992, level_db=-28.0)),
    ),
)
HEARD = Transcript(
    turns=(SOUNDING,),
    duration_ms=9000,
    engine="e",
    activity=MappingProxyType(
        {Speaker.AGENT: (Span(start_ms=0, end_ms=2000),), Speaker.CUSTOMER: (Span(start_ms=1000, end_ms=3000),)}
    ),
    layout=ChannelLayout.STEREO,
    noises=(Noise(kind=NoiseKind.HOLD_MUSIC, voice=Voice.RIGHT, span=Span(start_ms=3000, end_ms=8000)),),
    quality=(
        ChannelQuality(
            voice=Voice.LEFT, grade=Grade.FAIR, level_db=-35.0, clipped=0.0, noise_db=None, bandwidth_hz=3375,
            dropouts=1, because="音量偏低。",
        ),
    ),
)  # fmt: skip
TRANSCRIPTS["sounding"] = HEARD
QUOTE = Quote(turn=0, start=0, end=2, text="我下")
FINDING = Finding(
    category=Category.CONTACT,
    rule="contact.hours",
    severity=Severity.MAJOR,
    label="时段",
    speaker=Speaker.AGENT,
    evidence=(QUOTE, CallFact(key="started_at", text="22:30 拨出")),
    needs_confirmation=True,
    because="时区未知",
)
DUTY = Disclosure(status=DisclosureStatus.LATE, quote=QUOTE)
FULL = Judged(
    analysis=Analysis(
        call_id="c",
        disclosures=Disclosures(agent=DUTY, company=DUTY, principal=DUTY, recording=DUTY),
        checklist=Checklist(greeting=True, verification=False, recap=None, closing=True),
        findings=(FINDING,),
        cannot_judge=(CannotJudge(rule="r", because="b"),),
        emotion=(EmotionSpike(speaker=Speaker.CUSTOMER, turn=0, signals=("怒",)),),
        promises=(
            Promise(
                turns=(0,),
                payments=(
                    Payment(amount=Decimal("0.10"), due=date(2026, 3, 31)),
                    Payment(amount=None, due=None),
                ),
            ),
        ),
        metrics=None,
        rulebook="r1",
    ),
    scorecard=Scorecard(
        mark=85,
        deductions=(Deduction(rule="contact.hours", label="时段", severity=Severity.MAJOR, points=15, turn=None),),
        veto=VetoState.NONE,
        scheme="s1",
    ),
    triage=Triage(
        queue=Queue.VIOLATION,
        reasons=(Reason(queue=Queue.VIOLATION, text="时段"),),
        due_at=datetime(2026, 3, 15, 9, tzinfo=UTC),
    ),
)


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
def test_transcripts(transcript: Transcript) -> None:
    assert read_transcript(json.loads(json.dumps(transcript_document(transcript)))) == transcript


def test_how_a_turn_sounds_passes_through_the_wire_format() -> None:
    assert TurnDocument.model_validate(json.loads(json.dumps(turn_document(SOUNDING)))).to_turn() == SOUNDING


def test_how_a_call_went_is_kept_with_its_events() -> None:
    metrics = talk_metrics(HEARD.turns, HEARD)
    assert metrics is not None
    assert metrics.overlaps
    assert metrics.interruptions
    spike = EmotionSpike(speaker=Speaker.AGENT, turn=0, signals=("音量比平时高 9 dB",), sound_alone=True)
    judged = replace(FULL, analysis=replace(FULL.analysis, metrics=metrics, emotion=(spike,)))
    assert read_judged(json.loads(json.dumps(judged_document(judged)))) == judged


def test_a_judgement_with_everything_in_it() -> None:
    read = read_judged(json.loads(json.dumps(judged_document(FULL))))
    assert read == FULL
    assert isinstance(read.analysis.findings[0].evidence[1], CallFact)
    assert read.analysis.promises[0].payments[0].amount == Decimal("0.10")


def test_a_judgement_as_the_pipeline_makes_it() -> None:
    turns = [
        {"speaker": "agent", "start": 0.0, "end": 3.0, "text": "你今天不还我就闹到你们单位去"},
        {"speaker": "customer", "start": 3.1, "end": 5.0, "text": "我明天还两千"},
    ]
    call = parse_call({"call_id": "c", "started_at": "2026-03-12T14:00:00+08:00", "turns": turns})
    judged = judge(call, rulebook=load_rulebook())
    assert judged.analysis.findings
    assert read_judged(json.loads(json.dumps(judged_document(judged)))) == judged


def test_reasons() -> None:
    assert FULL.triage is not None
    assert read_reasons(json.loads(json.dumps(reasons_document(FULL.triage.reasons)))) == FULL.triage.reasons
