"""The review queue: who holds an item, what is decided, and which mark counts afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from qa_service.storage.tables import ReviewEventRow

QUEUE = "/api/v1/review-items"


def item(house: Any, call_id: str = "c-mine") -> str:
    return f"{QUEUE}/{house.items[call_id]}"


def scorecard(house: Any, call_id: str = "c-mine") -> dict[str, Any]:
    body: dict[str, Any] = house.get("qa", f"/api/v1/calls/{call_id}/scorecard").json()
    return body


def events(house: Any, call_id: str = "c-mine") -> list[tuple[str, str | None]]:
    with house.backend.read() as session:
        query = (
            select(ReviewEventRow).where(ReviewEventRow.item_id == house.items[call_id]).order_by(ReviewEventRow.seq)
        )
        return [(row.state.value, row.actor) for row in session.scalars(query)]


def test_an_item_says_what_to_look_at_and_why(house: Any) -> None:
    shown = house.get("qa", item(house)).json()
    assert (shown["queue"], shown["state"], shown["mark"], shown["veto"]) == ("red_line", "open", 65, "pending")
    assert (shown["worst"]["rule"], shown["worst"]["quote"]) == ("threat.exposure_workplace", "闹到你们单位")
    assert shown["worst_at"] == 4.0
    assert shown["reasons"] == [{"queue": "red_line", "text": "须复核", "rule": None, "turn": 2}]
    assert shown["promises"][0]["payments"][0]["amount"] == "2000.00"


def test_the_most_urgent_queue_comes_first(house: Any) -> None:
    assert [each["queue"] for each in house.get("qa", QUEUE).json()["items"]] == ["red_line", "violation"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"queue": "red_line"}, {"c-mine"}),
        ({"queue": "promise"}, set()),
        ({"agent": "A202"}, {"c-other"}),
        ({"team": "T1"}, {"c-mine"}),
        ({"rule": "threat.exposure_workplace"}, {"c-mine"}),
        ({"rule": "threat"}, {"c-mine"}),
        ({"rule": "threat.exposure"}, set()),
        ({"rule": "conduct.greeting"}, {"c-mine", "c-other"}),
        ({"rule": "%"}, set()),
        ({"severity": "veto"}, {"c-mine"}),
        ({"severity": "major"}, set()),
        ({"rule": "conduct", "severity": "veto"}, set()),
        ({"state": "open"}, {"c-mine", "c-other"}),
        ({"state": "decided"}, set()),
        ({"from": "2026-03-12T14:02:00+08:00"}, {"c-other"}),
        ({"to": "2026-03-12T14:02:00+08:00"}, {"c-mine"}),
    ],
    ids=str,
)
def test_filters(house: Any, filters: dict[str, str], found: set[str]) -> None:
    listed = house.get("qa", QUEUE, params=filters).json()["items"]
    assert {each["call_id"] for each in listed} == found


def test_an_item_is_held_by_one_person(scratch: Any) -> None:
    assert scratch.post("qa", f"{item(scratch)}/claim").json()["claimed_by"] == "qa"
    assert scratch.post("qa", f"{item(scratch)}/claim").status_code == 200, "claiming again changes nothing"
    assert scratch.post("other_qa", f"{item(scratch)}/claim").status_code == 409
    assert scratch.post("other_qa", f"{item(scratch)}/release").status_code == 409
    assert scratch.post("qa", f"{item(scratch)}/release").json()["state"] == "open"
    assert scratch.post("other_qa", f"{item(scratch)}/claim").status_code == 200
    assert scratch.post("qa_lead", f"{item(scratch)}/release").status_code == 200, "who assigns may take away"
    assert events(scratch) == [
        ("open", None),
        ("claimed", "qa"),
        ("open", "qa"),
        ("claimed", "other_qa"),
        ("open", "qa_lead"),
    ]


@pytest.mark.parametrize(
    ("body", "mark", "veto"),
    [
        pytest.param({"verdict": "confirm"}, 0, "confirmed", id="all-confirmed"),
        pytest.param({"verdict": "overturn"}, 100, "overturned", id="all-overturned"),
        pytest.param({"verdicts": [{"finding": 0, "verdict": "confirm"}]}, 0, "confirmed", id="veto-confirmed"),
        pytest.param({"verdicts": [{"finding": 0, "verdict": "overturn"}]}, 95, "overturned", id="veto-overturned"),
        pytest.param(
            {"verdict": "confirm", "verdicts": [{"finding": 0, "verdict": "overturn"}]},
            95,
            "overturned",
            id="the-single-verdict-wins",
        ),
    ],
)
def test_a_decision_moves_the_mark_and_keeps_the_machines(
    scratch: Any, body: dict[str, Any], mark: int, veto: str
) -> None:
    scratch.post("qa", f"{item(scratch)}/claim")
    decided = scratch.post("qa", f"{item(scratch)}/decisions", json={**body, "note": "听过录音"})
    assert (decided.status_code, decided.json()["state"]) == (200, "decided")
    card = scorecard(scratch)
    assert (card["machine"]["mark"], card["machine"]["veto"]) == (65, "pending")
    assert (card["effective"]["mark"], card["effective"]["veto"]) == (mark, veto)
    assert [(d["actor"], d["note"]) for d in card["decisions"]] == [("qa", "听过录音")]
    listed = {call["call_id"]: call for call in scratch.get("qa", "/api/v1/calls").json()["items"]}
    assert (listed["c-mine"]["machine_mark"], listed["c-mine"]["mark"], listed["c-mine"]["veto"]) == (65, mark, veto)


def test_the_agent_sees_the_decision_on_the_own_call(scratch: Any) -> None:
    scratch.post("qa", f"{item(scratch)}/claim")
    scratch.post("qa", f"{item(scratch)}/decisions", json={"verdict": "confirm"})
    cards = scratch.get("agent", "/api/v1/agents/A101/scorecards").json()["items"]
    assert {card["call_id"]: card["effective"]["mark"] for card in cards} == {"c-mine": 0, "c-clean": 100}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param({}, "结论是空的", id="empty"),
        pytest.param({"note": "?"}, "结论是空的", id="a-note-alone"),
        pytest.param({"verdicts": [{"finding": 1, "verdict": "confirm"}]}, "一票否决", id="veto-left-open"),
        pytest.param({"verdicts": [{"finding": 2, "verdict": "confirm"}]}, "没有第 2 处", id="no-such-finding"),
        pytest.param({"verdicts": [{"finding": -1, "verdict": "confirm"}]}, "不小于 0", id="negative"),
        pytest.param({"verdicts": [{"finding": 0, "verdict": "confirm"}] * 2}, "只能有一个", id="twice"),
        pytest.param({"verdict": "maybe"}, "verdict", id="no-such-verdict"),
        pytest.param({"verdict": "confirm", "verdikt": 1}, "不是已知的键", id="unknown-key"),
    ],
)
def test_a_decision_that_says_nothing_or_too_much_is_refused(scratch: Any, body: dict[str, Any], says: str) -> None:
    scratch.post("qa", f"{item(scratch)}/claim")
    answer = scratch.post("qa", f"{item(scratch)}/decisions", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert events(scratch)[-1] == ("claimed", "qa")


def test_who_does_not_hold_an_item_cannot_decide_it(scratch: Any) -> None:
    path, body = f"{item(scratch)}/decisions", {"verdict": "confirm"}
    assert scratch.post("qa", path, json=body).status_code == 409, "nobody holds it"
    scratch.post("other_qa", f"{item(scratch)}/claim")
    assert scratch.post("qa", path, json=body).status_code == 409, "another holds it"
    assert scratch.post("other_qa", path, json=body).status_code == 200
    assert scratch.post("other_qa", path, json=body).status_code == 409, "decided once"
    assert scratch.post("other_qa", f"{item(scratch)}/release").status_code == 409
    assert scratch.post("other_qa", f"{item(scratch)}/claim").status_code == 409
    assert scorecard(scratch)["effective"]["mark"] == 0
