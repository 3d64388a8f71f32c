"""The tables people read: whole quotes, doubts shown, many reasons kept short."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from qa_service.actions.views import ReviewItemView
from qa_service.call import Speaker
from qa_service.cli.console import clock, plain, show
from qa_service.cli.tables import promise_of, queue_table, reasons_of, worst_of
from qa_service.judgement import (
    Analysis,
    CallFact,
    Category,
    Checklist,
    Disclosure,
    Disclosures,
    DisclosureStatus,
    Finding,
    Payment,
    Promise,
    Queue,
    Quote,
    Reason,
    Severity,
    VetoState,
)
from qa_service.states import ReviewState

WORDS = "你要是今天下午五点之前还不把钱打过来我就带人到你们单位去找你们领导当面说清楚你欠钱不还的事情"


def finding(*evidence: Any, **more: Any) -> Finding:
    facts = {
        "category": Category.THREAT,
        "rule": "threat.exposure",
        "severity": Severity.VETO,
        "label": "威胁向单位曝光",
        "speaker": Speaker.AGENT,
    }
    return Finding(evidence=evidence or (Quote(turn=3, start=0, end=len(WORDS), text=WORDS),), **{**facts, **more})


def item(
    worst: Finding | None, reasons: tuple[str, ...] = ("须看",), promises: tuple[Promise, ...] = ()
) -> ReviewItemView:
    duty = Disclosure(status=DisclosureStatus.OK)
    return ReviewItemView(
        id=1,
        call_id="c-20260312-0007",
        started_at=datetime(2026, 3, 12, tzinfo=UTC),
        agent_id="A101",
        team="T1",
        queue=Queue.RED_LINE,
        due_at=datetime(2026, 3, 13, tzinfo=UTC),
        state=ReviewState.OPEN,
        claimed_by=None,
        reasons=tuple(Reason(queue=Queue.RED_LINE, text=text) for text in reasons),
        machine_mark=70,
        mark=70,
        veto=VetoState.PENDING,
        worst=worst,
        worst_at_ms=91_400,
        analysis=Analysis(
            call_id="c-20260312-0007",
            disclosures=Disclosures(agent=duty, company=duty, principal=duty, recording=duty),
            checklist=Checklist(greeting=None, verification=None, recap=None, closing=None),
            findings=(),
            cannot_judge=(),
            emotion=(),
            promises=promises,
            metrics=None,
            rulebook="x",
        ),
    )


def test_a_long_quote_is_folded_and_never_cut() -> None:
    stream = StringIO()
    show(plain(stream), queue_table([item(finding())]))
    columns = [line.split("│")[4].strip() for line in stream.getvalue().splitlines() if line.startswith("│")]
    assert WORDS in "".join(columns)
    assert max(len(line) for line in stream.getvalue().splitlines()) <= 140


def test_the_worst_finding_says_what_when_and_the_words() -> None:
    assert worst_of(item(finding())).splitlines()[0] == "威胁向单位曝光（一票否决） 1:31"
    assert worst_of(item(None)) == "—"


def test_a_finding_from_call_data_shows_the_fact_and_a_doubtful_one_its_doubt() -> None:
    shown = worst_of(item(finding(CallFact(key="started_at", text="21:40 呼出"), needs_confirmation=True)))
    assert "21:40 呼出" in shown
    assert shown.endswith("（待确认）")


def test_reasons_are_said_once_and_the_tail_is_counted() -> None:
    assert reasons_of(item(None, ("一", "一", "二"))) == "一\n二"
    assert reasons_of(item(None, tuple("甲乙丙丁戊"))) == "甲\n乙\n丙\n……另有 2 项"


@pytest.mark.parametrize(
    ("amount", "due", "standing", "text"),
    [
        ("2000.00", date(2026, 3, 20), True, "2000.00 元 2026-03-20"),
        (None, None, True, "金额未定 日期未定"),
        ("0.50", None, False, "0.50 元 日期未定（已撤回）"),
    ],
)
def test_a_promise_on_one_line(amount: str | None, due: date | None, standing: bool, text: str) -> None:
    payment = Payment(amount=None if amount is None else Decimal(amount), due=due)
    assert promise_of(Promise(turns=(1,), payments=(payment,), standing=standing)) == text


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (59_999, "0:59"), (3_723_000, "62:03"), (None, "—")])
def test_places_in_a_recording(ms: int | None, text: str) -> None:
    assert clock(ms) == text
