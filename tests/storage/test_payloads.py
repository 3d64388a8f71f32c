"""What goes into a JSON column comes out the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from qa_service.call import Span, Speaker, Suspicion, Transcript, Turn
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
from qa_service.storage.payloads import (
    judged_document,
    read_judged,
    read_reasons,
    read_transcript,
    reasons_document,
    transcript_document,
)

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
