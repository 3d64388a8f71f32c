"""What becomes of a call's review item, and of what people decided, when the call is judged anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from qa_service.actions.rejudging import CARRIED, record_judgement
from qa_service.call import Speaker
from qa_service.judgement import Category, Finding, Queue, Quote, Reason, Severity, Triage
from qa_service.scoring.marks import score
from qa_service.storage.payloads import read_judged
from qa_service.storage.tables import AnalysisRow, ReviewEventRow

LATER = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
RED, OTHER = Queue.RED_LINE, Queue.VIOLATION


def finding(rule: str, category: Category, severity: Severity, turn: int, text: str) -> Finding:
    quote = Quote(turn=turn, start=0, end=len(text), text=text)
    return Finding(
        category=category, rule=rule, severity=severity, label=rule, speaker=Speaker.AGENT, evidence=(quote,)
    )


THREAT = finding("threat.exposure_workplace", Category.THREAT, Severity.VETO, 2, "闹到你们单位")
GREETING = finding("conduct.greeting", Category.CONDUCT, Severity.MINOR, 0, "喂")
INSULT = finding("abuse.insult_trash", Category.INSULT, Severity.VETO, 3, "好吧")


@pytest.fixture
def again(scratch: Any, rulebook: Any) -> Any:
    """Judge ``c-mine`` anew with these findings, each a reason to look."""
    with scratch.backend.read() as session:
        first = session.scalars(select(AnalysisRow).where(AnalysisRow.call_id == "c-mine")).one()
        base = read_judged(first.document)

    def judge(*findings: Finding, queue: Queue | None = RED) -> None:
        reasons = tuple(Reason(queue=queue or RED, text=f.label, rule=f.rule, turn=f.turn) for f in findings)
        made = replace(
            base,
            analysis=replace(base.analysis, findings=findings),
            scorecard=score(findings, rulebook.scheme),
            triage=Triage(queue=queue, reasons=reasons, due_at=LATER + timedelta(days=1)) if queue else None,
        )
        with scratch.backend.write() as session:
            record_judgement(session, made, rulebook.scheme, token=2, now=LATER)

    judge(THREAT, GREETING)
    return judge


def item(house: Any) -> dict[str, Any]:
    body: dict[str, Any] = house.get("qa", f"/api/v1/review-items/{house.items['c-mine']}").json()
    return body


def act(house: Any, step: str, who: str = "qa", **options: Any) -> None:
    answer = house.post(who, f"/api/v1/review-items/{house.items['c-mine']}/{step}", **options)
    assert answer.status_code == 200, answer.text


def decide(house: Any, verdict: str) -> None:
    act(house, "claim")
    act(house, "decisions", json={"verdict": verdict})


def events(house: Any) -> list[str]:
    query = select(ReviewEventRow).where(ReviewEventRow.item_id == house.items["c-mine"]).order_by(ReviewEventRow.seq)
    with house.backend.read() as session:
        return [row.state.value for row in session.scalars(query)]


@pytest.mark.parametrize("claimed", [False, True], ids=["open", "claimed"])
def test_an_undecided_item_follows_and_stays_with_who_holds_it(scratch: Any, again: Any, claimed: bool) -> None:
    if claimed:
        act(scratch, "claim")
    again(GREETING, queue=OTHER)
    shown = item(scratch)
    assert (shown["state"], shown["claimed_by"]) == (("claimed", "qa") if claimed else ("open", None))
    assert (shown["queue"], [reason["rule"] for reason in shown["reasons"]]) == ("violation", ["conduct.greeting"])
    assert shown["machine_mark"] == 95
    if claimed:
        act(scratch, "decisions", json={"verdict": "confirm"})
        assert scratch.get("qa", "/api/v1/calls/c-mine/scorecard").json()["effective"]["mark"] == 95


def test_with_nothing_left_to_look_at_an_undecided_item_is_closed_and_opens_again_with_a_reason(
    scratch: Any, again: Any
) -> None:
    again(queue=None)
    assert item(scratch)["state"] == "closed"
    again(THREAT)
    assert (item(scratch)["state"], item(scratch)["queue"]) == ("open", "red_line")
    assert events(scratch)[-2:] == ["closed", "open"]


def test_the_clock_of_a_queue_is_not_set_back(scratch: Any, again: Any) -> None:
    before = item(scratch)["due_at"]
    again(THREAT)
    assert item(scratch)["due_at"] == before


@pytest.mark.parametrize(("verdict", "mark", "veto"), [("confirm", 0, "confirmed"), ("overturn", 100, "overturned")])
def test_what_was_decided_still_counts_where_the_same_is_found(
    scratch: Any, again: Any, verdict: str, mark: int, veto: str
) -> None:
    decide(scratch, verdict)
    again(THREAT, GREETING)
    assert item(scratch)["state"] == "decided", "nothing new, nobody is asked again"
    card = scratch.get("qa", "/api/v1/calls/c-mine/scorecard").json()
    assert (card["effective"]["mark"], card["effective"]["veto"]) == (mark, veto)
    assert [(d["actor"], d["note"]) for d in card["decisions"]] == [("qa", CARRIED)]


def test_a_decided_item_opens_again_for_what_nobody_has_decided(scratch: Any, again: Any) -> None:
    decide(scratch, "overturn")
    again(THREAT, INSULT)
    shown = item(scratch)
    assert (shown["state"], shown["claimed_by"]) == ("open", None)
    assert shown["mark"] == 70, "the threat stays overturned, the insult is new"
    decide(scratch, "confirm")
    assert item(scratch)["mark"] == 0
    assert events(scratch)[-4:] == ["decided", "open", "claimed", "decided"]


def test_a_decided_item_stays_decided_where_less_is_found(scratch: Any, again: Any) -> None:
    decide(scratch, "confirm")
    again(GREETING, queue=OTHER)
    again(queue=None)
    assert item(scratch)["state"] == "decided"
    assert scratch.get("qa", "/api/v1/calls/c-mine/scorecard").json()["effective"]["mark"] == 100
