"""Hours and frequency, from call data and history."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dialogue import NOON

from qa_service.call import Call, Callee, Case, ConsentWindow, Direction
from qa_service.checks.contact import check_contact
from qa_service.past import PastCall
from qa_service.pipeline import Judge

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALL = Call(
    call_id="now", started_at=NOON, answered_at=NOON, debtor_id="d-1", number_id="n-1", case=Case(overdue_days=30)
)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 12, hour, minute, tzinfo=SHANGHAI)


def rules(judge: Judge, call: Call, history: tuple[PastCall, ...] = (), speech_ms: int | None = 15_000) -> list[str]:
    return [finding.rule for finding in check_contact(call, history, speech_ms, judge.rulebook).findings]


HOURS = [
    ("eight sharp", at(8), None, []),
    ("before eight", at(7, 59), None, ["contact.hours"]),
    ("last minute", at(21, 59), None, []),
    ("ten sharp", at(22), None, ["contact.hours"]),
    ("rang before ten, answered after", at(21, 59), at(22, 0), ["contact.hours"]),
    ("rang before eight, answered after", at(7, 59), at(8, 0), []),
]


@pytest.mark.parametrize(("started", "answered", "expected"), [c[1:] for c in HOURS], ids=[c[0] for c in HOURS])
def test_hours(judge: Judge, started: datetime, answered: datetime | None, expected: list[str]) -> None:
    assert rules(judge, replace(CALL, started_at=started, answered_at=answered)) == expected


def test_hours_are_those_of_the_calls_own_zone(judge: Judge) -> None:
    utc = at(7, 30).astimezone(ZoneInfo("UTC"))
    assert rules(judge, replace(CALL, started_at=at(7, 30), answered_at=None)) == ["contact.hours"]
    assert utc.hour == 23  # the same instant, where the data says UTC, is judged as written
    assert rules(judge, replace(CALL, started_at=utc, answered_at=None)) == ["contact.hours"]


def test_the_debtor_may_have_agreed_to_other_hours_or_have_called(judge: Judge) -> None:
    window = ConsentWindow(start=at(22), end=at(23))
    late = replace(CALL, started_at=at(22, 30), answered_at=None)
    assert rules(judge, replace(late, case=Case(consent_windows=(window,)))) == []
    assert rules(judge, replace(late, direction=Direction.INBOUND)) == []


def test_without_case_data_hours_need_confirmation(judge: Judge) -> None:
    late = replace(CALL, started_at=at(23), answered_at=None, case=Case())
    (finding,) = check_contact(late, (), None, judge.rulebook).findings
    assert finding.needs_confirmation


def past(number: int, **changes: object) -> PastCall:
    base = PastCall(
        call_id=f"p-{number}",
        started_at=NOON - timedelta(minutes=10 * number),
        direction=Direction.OUTBOUND,
        debtor_id="d-1",
        number_id="n-1",
        callee=Callee.DEBTOR,
        connected=True,
        debtor_speech_ms=12_000,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


CONNECTED = [
    ("third of the day", [{}, {}], 15_000, []),
    ("fourth of the day", [{}, {}, {}], 15_000, ["contact.freq_connected"]),
    ("one was too short to count", [{}, {}, {"debtor_speech_ms": 9_999}], 15_000, []),
    ("this one is too short to count", [{}, {}, {}], 9_000, []),
    ("one was yesterday", [{}, {}, {"started_at": NOON - timedelta(days=1)}], 15_000, []),
    ("one was to another debtor", [{}, {}, {"debtor_id": "d-2"}], 15_000, []),
    ("one was the debtor calling", [{}, {}, {"direction": Direction.INBOUND}], 15_000, []),
]


@pytest.mark.parametrize(("earlier", "speech", "expected"), [c[1:] for c in CONNECTED], ids=[c[0] for c in CONNECTED])
def test_connected_calls_a_day(
    judge: Judge, earlier: list[dict[str, object]], speech: int, expected: list[str]
) -> None:
    history = tuple(past(number, **changes) for number, changes in enumerate(earlier, 1))
    assert rules(judge, CALL, history, speech) == expected


UNHEARD = {"debtor_speech_ms": None}
DIALLED = [
    ("one may have been too short: a person looks", [{}, {}, UNHEARD], 15_000, True),
    ("this one was not heard", [{}, {}, {}], None, True),
    ("enough were heard without it", [{}, {}, {}, UNHEARD], 15_000, False),
    ("billed for less than ten seconds", [{}, {}, UNHEARD | {"billed_seconds": 9}], 15_000, None),
    ("not answered", [{}, {}, UNHEARD | {"connected": False}], 15_000, None),
]


@pytest.mark.parametrize(("earlier", "speech", "doubtful"), [c[1:] for c in DIALLED], ids=[c[0] for c in DIALLED])
def test_dialler_records_count_though_nobody_could_hear_them(
    judge: Judge, earlier: list[dict[str, object]], speech: int | None, doubtful: bool | None
) -> None:
    history = tuple(past(number, **changes) for number, changes in enumerate(earlier, 1))
    findings = check_contact(CALL, history, speech, judge.rulebook).findings
    assert [f.needs_confirmation for f in findings] == ([] if doubtful is None else [doubtful])


@pytest.mark.parametrize(("earlier", "expected"), [(5, []), (6, ["contact.freq_attempts"])], ids=["sixth", "seventh"])
def test_unanswered_attempts_a_day(judge: Judge, earlier: int, expected: list[str]) -> None:
    history = tuple(past(n, connected=False, debtor_speech_ms=None) for n in range(1, earlier + 1))
    assert rules(judge, replace(CALL, answered_at=None), history, None) == expected


def test_without_ids_frequency_cannot_be_judged_and_says_why(judge: Judge) -> None:
    verdict = check_contact(replace(CALL, debtor_id=None, number_id=None), (), 15_000, judge.rulebook)
    assert [(item.rule, item.needs_person) for item in verdict.cannot_judge] == [
        ("contact.freq_connected", False),
        ("contact.freq_attempts", False),
    ]
