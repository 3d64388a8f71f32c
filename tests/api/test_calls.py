"""Sending calls in, and reading them back."""

from __future__ import annotations

import json
from typing import Any

import pytest

WAV = {"recording": ("a.wav", b"RIFF....WAVEfmt ", "audio/wav")}


def document(call_id: str, **more: Any) -> dict[str, Any]:
    turn = {"speaker": "agent", "start": 0, "end": 1.5, "text": "您好"}
    return {"call_id": call_id, "started_at": "2026-03-12T14:05:00+08:00", "agent_id": "A101", "turns": [turn], **more}


def as_form(data: Any) -> dict[str, str]:
    return {"call": json.dumps(data)}


def test_a_call_with_turns_is_accepted_and_can_be_read_at_its_location(house: Any) -> None:
    answer = house.post("qa_lead", "/api/v1/calls", json=document("n-turns", colour="blue"))
    assert answer.status_code == 202
    assert answer.json() == {"call_id": "n-turns", "state": "judging", "already_known": False}
    read = house.get("qa", answer.headers["location"]).json()
    assert (read["state"], read["agent_id"], read["has_recording"]) == ("judging", "A101", False)
    assert read["call"]["colour"] == "blue", "unknown keys are kept"
    assert [move["state"] for move in read["moves"]] == ["received", "judging"]
    turns = house.get("qa", answer.headers["location"] + "/transcript").json()["turns"]
    assert turns == [
        {
            "speaker": "agent",
            "start": 0.0,
            "end": 1.5,
            "text": "您好",
            "confidence": None,
            "suspicions": [],
            "speaker_doubtful": False,
            "speaker_confidence": None,
            "voice": None,
            "words": [],
            "sound": None,
        }
    ]


def test_a_recording_is_accepted_with_its_call_data(house: Any) -> None:
    data = document("n-audio", turns=[])
    answer = house.post("admin", "/api/v1/calls", data=as_form(data), files=WAV)
    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    assert house.get("qa", "/api/v1/calls/n-audio").json()["has_recording"] is True
    assert list((house.backend.settings.data_dir / "incoming").iterdir()) == [], "nothing is left behind"


def test_call_data_may_come_as_a_file_beside_the_recording(house: Any) -> None:
    data = json.dumps(document("n-files", turns=[]))
    files = {"call": ("call.json", data, "application/json"), **WAV}
    assert house.post("admin", "/api/v1/calls", files=files).status_code == 202


def test_a_call_with_neither_is_a_dialler_record(house: Any) -> None:
    assert house.post("admin", "/api/v1/calls", json=document("n-cdr", turns=[])).json()["state"] == "recorded"


def test_the_same_call_again_is_known_and_another_one_of_its_name_conflicts(house: Any) -> None:
    data = document("n-again", turns=[])
    first = house.post("admin", "/api/v1/calls", data=as_form(data), files=WAV)
    again = house.post("admin", "/api/v1/calls", data=as_form(data), files=WAV)
    assert (first.status_code, again.status_code, again.json()["already_known"]) == (202, 200, True)
    assert again.headers["location"] == first.headers["location"]
    other_sound = {"recording": ("b.wav", b"RIFF....WAVEdata", "audio/wav")}
    assert house.post("admin", "/api/v1/calls", data=as_form(data), files=other_sound).status_code == 409
    other_data = {**data, "agent_id": "A102"}
    refused = house.post("admin", "/api/v1/calls", data=as_form(other_data), files=WAV)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        pytest.param({"json": {}}, 422, "call_id", id="nothing-in-it"),
        pytest.param({"json": []}, 422, "对象", id="a-list"),
        pytest.param({"json": document("x") | {"started_at": "2026-03-12T14:05:00"}}, 422, "时区", id="no-zone"),
        pytest.param(
            {"json": document("x") | {"started_at": "0001-01-01T00:00:00+08:00"}}, 422, "started_at", id="year-1"
        ),
        pytest.param({"json": document("坏编号")}, 422, "call_id", id="id-with-other-characters"),
        pytest.param({"json": document("x", note="a\0b")}, 422, "空字符", id="nul"),
        pytest.param({"json": document("x", turns=[], recording={"path": "/etc/passwd"})}, 422, "录音", id="path-only"),
        pytest.param({"content": b"{", "headers": {"content-type": "application/json"}}, 422, "JSON", id="broken-json"),
        pytest.param({"content": b'{"a":NaN}', "headers": {"content-type": "application/json"}}, 422, "JSON", id="nan"),
        pytest.param(
            {"content": b"[" * 5000, "headers": {"content-type": "application/json"}}, 422, "JSON", id="deep-json"
        ),
        pytest.param(
            {"content": b'{"call_id":"\\ud800"}', "headers": {"content-type": "application/json"}},
            422,
            "JSON",
            id="lone-surrogate",
        ),
        pytest.param({"content": b"<a/>", "headers": {"content-type": "text/xml"}}, 415, "application/json", id="xml"),
        pytest.param({"content": b""}, 415, "application/json", id="no-type"),
        pytest.param({"files": WAV}, 422, "call", id="recording-alone"),
        pytest.param({"files": [("recording", WAV["recording"])] * 4}, 400, "", id="four-files"),
        pytest.param({"files": [("recording", WAV["recording"])] * 2}, 422, "recording", id="two-recordings"),
        pytest.param(
            {"data": as_form(document("x", turns=[])), "files": {"other_side": WAV["recording"]}},
            422,
            "坐席侧",
            id="one-side-alone",
        ),
        pytest.param(
            {"data": as_form(document("x")), "files": {"sound": WAV["recording"]}}, 422, "sound", id="odd-part"
        ),
        pytest.param(
            {"data": as_form(document("x", turns=[])), "files": {"recording": ("a.wav", b"")}},
            422,
            "空",
            id="empty-file",
        ),
        pytest.param(
            {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data"}}, 400, "", id="no-boundary"
        ),
        pytest.param(
            {
                "data": as_form(document("x", turns=[], recording={"path": "a.wav", "sha256": "0" * 64})),
                "files": WAV,
            },
            422,
            "sha256",
            id="not-the-recording-announced",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_place_and_the_remedy(
    house: Any, options: dict[str, Any], status: int, says: str
) -> None:
    answer = house.post("admin", "/api/v1/calls", **options)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in answer.json()["detail"]


def chunks(count: int) -> Any:
    for _ in range(count):
        yield b"x" * 1024 * 1024


@pytest.mark.parametrize(
    "content",
    [pytest.param(lambda: b"x" * 7 * 1024 * 1024, id="declared"), pytest.param(lambda: chunks(7), id="streamed")],
)
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_a_body_over_the_limit_is_refused_however_it_comes(house: Any, content: Any, kind: str) -> None:
    answer = house.post("admin", "/api/v1/calls", content=content(), headers={"content-type": kind})
    assert answer.status_code in ((413,) if kind.startswith("application") else (413, 400))
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_uploads_may_be_large(house: Any) -> None:
    path = f"/api/v1/review-items/{house.items['c-mine']}/decisions"
    assert house.post("qa", path, content=b" " * (1024 * 1024 + 1)).status_code == 413


def test_a_recording_over_the_limit_is_refused(house: Any) -> None:
    big = {"recording": ("a.wav", b"x" * (1024 * 1024 + 1), "audio/wav")}
    answer = house.post("admin", "/api/v1/calls", data=as_form(document("n-big", turns=[])), files=big)
    assert answer.status_code in (413, 422)
    assert "1 MiB" in answer.json()["detail"]


def pages_of(house: Any, path: str, **filters: Any) -> list[dict[str, Any]]:
    items, cursor = [], None
    while True:
        body = house.get("qa", path, params={"limit": 2, **filters, **({"cursor": cursor} if cursor else {})}).json()
        items += body["items"]
        assert len(body["items"]) <= 2
        cursor = body["next"]
        if cursor is None:
            return items


@pytest.mark.parametrize("path", ["/api/v1/calls", "/api/v1/promises", "/api/v1/review-items"])
def test_pages_joined_are_the_list(house: Any, path: str) -> None:
    assert pages_of(house, path) == house.get("qa", path, params={"limit": 200}).json()["items"]


def test_an_agents_scorecards_come_in_pages_latest_first(house: Any) -> None:
    cards = pages_of(house, "/api/v1/agents/A101/scorecards")
    assert [card["call_id"] for card in cards] == ["c-clean", "c-mine"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"agent": "A202"}, {"c-other"}),
        ({"team": "T2"}, {"c-other"}),
        ({"state": "judged"}, {"c-mine", "c-other", "c-clean"}),
        ({"from": "2026-03-12T14:01:00+08:00", "to": "2026-03-12T14:03:00+08:00"}, {"c-mine", "c-other"}),
        ({"from": "2026-03-12T06:02:00Z", "to": "2026-03-12T06:02:01Z"}, {"c-other"}),
        ({"agent": "A202", "team": "T1"}, set()),
    ],
    ids=str,
)
def test_filters_of_calls(house: Any, filters: dict[str, str], found: set[str]) -> None:
    listed = house.get("qa", "/api/v1/calls", params=filters).json()["items"]
    assert {item["call_id"] for item in listed} == found


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"c-mine", "c-other"}),
        ({"due_from": "2026-03-20", "due_to": "2026-03-20"}, {"c-mine", "c-other"}),
        ({"due_from": "2026-03-21"}, set()),
        ({"due_to": "2026-03-19"}, set()),
        ({"standing": "false"}, set()),
        ({"agent": "A101"}, {"c-mine"}),
    ],
    ids=str,
)
def test_filters_of_promises(house: Any, filters: dict[str, str], found: set[str]) -> None:
    listed = house.get("qa", "/api/v1/promises", params=filters).json()["items"]
    assert {item["call_id"] for item in listed} == found
    assert all((item["amount"], item["due"]) == ("2000.00", "2026-03-20") for item in listed)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=9223372036854775808",
        "limit=x",
        "state=perhaps",
        "from=yesterday",
        "from=2026-03-12T14:01:00",
        "agent=",
        "agent=%00",
        "agent=" + "a" * 101,
        "cursor=x",
        "cursor=e30",
    ],
)
def test_odd_queries_are_refused_in_plain_words(house: Any, query: str) -> None:
    answer = house.get("qa", f"/api/v1/calls?{query}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/input-refused")


def test_the_analysis_is_that_of_the_contract(house: Any) -> None:
    analysis = house.get("qa", "/api/v1/calls/c-mine/analysis").json()
    assert analysis["disclosures"] == dict.fromkeys(("agent", "company", "principal", "recording"), "ok")
    assert analysis["checklist"] == {"greeting": True, "verification": None, "recap": None, "closing": True}
    threat = analysis["findings"][0]
    assert (threat["number"], threat["rule"], threat["turn"]) == (0, "threat.exposure_workplace", 2)
    assert (threat["quote"], threat["start"], threat["end"]) == ("闹到你们单位", 0, 6)
    assert analysis["promises"][0]["payments"] == [{"amount": "2000.00", "due": "2026-03-20"}]
    assert analysis["scorecard"]["mark"] == 65


def test_only_what_failed_can_be_tried_again(house: Any) -> None:
    assert house.post("admin", "/api/v1/calls/c-waiting/retry").status_code == 409
