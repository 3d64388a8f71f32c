"""A call of which nothing can be heard: what its data says, and nothing of its words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue import NOON, call_of

from qa_service.call import Call, DialOutcome, Recording
from qa_service.judgement import Queue
from qa_service.pipeline import Judge

CDR = Call(call_id="cdr", started_at=NOON, debtor_id="d-1", number_id="n-1")
SENT = Recording(path="a.wav", sha256="0" * 64)
CASES = [
    ("answered", replace(CDR, answered_at=NOON), None, True),
    ("billed", replace(CDR, billed_seconds=217), None, True),
    ("the dialler says connected", replace(CDR, outcome=DialOutcome.CONNECTED), None, True),
    ("not answered", CDR, None, False),
    (
        "billed for ringing, says the dialler",
        replace(CDR, billed_seconds=3, outcome=DialOutcome.NO_ANSWER),
        None,
        False,
    ),
    ("it was refused", replace(CDR, billed_seconds=217, recording=SENT), "读不懂的文件。", True),
    ("refused, and nobody had answered", replace(CDR, outcome=DialOutcome.BUSY, recording=SENT), "空文件。", False),
    ("there is a transcript", call_of("坐席：您好。", billed_seconds=217), None, False),
]


@pytest.mark.parametrize(("call", "refused", "missing"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_call_that_was_answered_must_have_a_recording(
    judge: Judge, call: Call, refused: str | None, missing: bool
) -> None:
    findings = judge.judge(call, refused=refused).analysis.findings
    said = [item.text for f in findings if f.rule == "recording.missing" for item in f.evidence]
    assert bool(said) is missing
    assert all(refused in text for text in said if refused is not None)


def test_nobody_is_sent_to_listen_to_an_unanswered_call(judge: Judge) -> None:
    judged = judge.judge(CDR)
    assert judged.triage is None
    assert judged.analysis.findings == ()


def test_a_dialler_record_is_judged_by_its_hour_and_its_recording(judge: Judge) -> None:
    late = NOON.replace(hour=22, minute=30)
    judged = judge.judge(replace(CDR, started_at=late, answered_at=late))
    assert {f.rule for f in judged.analysis.findings} == {"contact.hours", "recording.missing"}
    assert judged.triage is not None
    assert {reason.queue for reason in judged.triage.reasons} == {Queue.VIOLATION}
