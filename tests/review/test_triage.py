"""Which queue, in which order, due when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qa_service.actions.review import worst_finding
from qa_service.call import Speaker
from qa_service.judgement import (
    Analysis,
    CannotJudge,
    Category,
    Checklist,
    Disclosure,
    Disclosures,
    DisclosureStatus,
    Finding,
    Queue,
    Quote,
    Severity,
)
from qa_service.review.triage import triage

SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 3, 12, 14, 0, tzinfo=SHANGHAI)
FRIDAY = THURSDAY + timedelta(days=1)
OK = Disclosure(status=DisclosureStatus.OK)
CLEAN = Analysis(
    call_id="c-1",
    disclosures=Disclosures(agent=OK, company=OK, principal=OK, recording=OK),
    checklist=Checklist(greeting=True, verification=True, recap=None, closing=True),
    findings=(),
    cannot_judge=(),
    emotion=(),
    promises=(),
    metrics=None,
    rulebook="r",
)


def finding(category: Category, severity: Severity = Severity.NOTE, speaker: Speaker = Speaker.AGENT) -> Finding:
    return Finding(
        category=category,
        rule=f"{category.value}.x",
        severity=severity,
        label=category.label,
        speaker=speaker,
        evidence=(Quote(turn=3, start=0, end=1, text="嗯"),),
    )


CASES = [
    ("distress", finding(Category.DISTRESS, speaker=Speaker.CUSTOMER), Queue.DISTRESS, THURSDAY + timedelta(hours=1)),
    ("veto", finding(Category.THREAT, Severity.VETO), Queue.RED_LINE, THURSDAY + timedelta(days=1)),
    ("privacy", finding(Category.PRIVACY_LEAK, Severity.MAJOR), Queue.RED_LINE, THURSDAY + timedelta(days=1)),
    ("complaint", finding(Category.COMPLAINT, speaker=Speaker.CUSTOMER), Queue.COMPLAINT, THURSDAY + timedelta(days=1)),
    ("violation", finding(Category.OVERPROMISE, Severity.MAJOR), Queue.VIOLATION, THURSDAY + timedelta(days=5)),
    ("promise", finding(Category.PROMISE, Severity.MINOR), Queue.PROMISE, THURSDAY + timedelta(days=5)),
]


@pytest.mark.parametrize(("item", "queue", "due"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_kind_of_finding_has_its_queue_and_time(item: Finding, queue: Queue, due: datetime) -> None:
    placed = triage(replace(CLEAN, findings=(item,)), THURSDAY)
    assert placed is not None
    assert (placed.queue, placed.due_at) == (queue, due)


def test_a_clean_call_needs_nobody() -> None:
    assert triage(CLEAN, THURSDAY) is None


def test_the_most_urgent_queue_wins_and_the_others_stay_as_reasons() -> None:
    both = (finding(Category.OVERPROMISE, Severity.MAJOR), finding(Category.DISTRESS, speaker=Speaker.CUSTOMER))
    placed = triage(replace(CLEAN, findings=both), THURSDAY)
    assert placed is not None
    assert [reason.queue for reason in placed.reasons] == [Queue.DISTRESS, Queue.VIOLATION]


def test_a_working_day_skips_the_weekend() -> None:
    placed = triage(replace(CLEAN, findings=(finding(Category.THREAT, Severity.VETO),)), FRIDAY)
    assert placed is not None
    assert placed.due_at == FRIDAY + timedelta(days=3)


def test_what_listening_can_settle_goes_to_a_person_and_missing_call_data_does_not() -> None:
    heard_badly = CannotJudge(rule="disclosure.recording", because="开场没有听清")
    no_data = CannotJudge(rule="contact.freq_connected", because="没有 debtor_id", needs_person=False)
    placed = triage(replace(CLEAN, cannot_judge=(heard_badly, no_data)), THURSDAY)
    assert placed is not None
    assert (placed.queue, len(placed.reasons)) == (Queue.CANNOT_JUDGE, 1)
    assert triage(replace(CLEAN, cannot_judge=(no_data,)), THURSDAY) is None


def test_what_put_a_call_into_its_queue_is_shown_first() -> None:
    minor = finding(Category.DISCLOSURE, Severity.MINOR)
    despair = finding(Category.DISTRESS, speaker=Speaker.CUSTOMER)
    assert worst_finding([minor, despair]) is despair
    assert worst_finding([minor, finding(Category.HARDSHIP, speaker=Speaker.CUSTOMER)]) is minor
    assert worst_finding([]) is None
