"""Whatever is sent, the answer is never a failure of the service."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LISTS = ("/api/v1/calls", "/api/v1/review-items", "/api/v1/promises", "/api/v1/agents/A101/scorecards")
QUERIES = (
    "limit",
    "cursor",
    "agent",
    "team",
    "rule",
    "queue",
    "severity",
    "state",
    "from",
    "to",
    "due_from",
    "standing",
)
CALM = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)

values = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.datetimes(timezones=st.just(None)).map(str),
    st.dates().map(str),
    st.sampled_from(["9223372036854775807", "9223372036854775808", "-1", "nan", "1e400", "0001-01-01T00:00:00+14:00"]),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
moments = st.sampled_from(
    ["2026-03-12T14:05:00+08:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-12T14:05:00", 1e18]
)
keys = st.lists(json_values | moments | st.integers(-(2**70), 2**70), max_size=5).map(
    lambda parts: base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
)


def fine(status: int) -> bool:
    return status < 500


@CALM
@given(path=st.sampled_from(LISTS), query=st.dictionaries(st.sampled_from(QUERIES), values, max_size=4))
def test_any_query(house: Any, path: str, query: dict[str, str]) -> None:
    assert fine(house.get("qa", path, params=query).status_code)


@CALM
@given(path=st.sampled_from(LISTS), cursor=keys)
def test_any_cursor(house: Any, path: str, cursor: str) -> None:
    assert house.get("qa", path, params={"cursor": cursor}).status_code in (200, 422)


@CALM
@given(text=st.text(min_size=1, max_size=20))
def test_any_call_id(house: Any, text: str) -> None:
    for tail in ("", "/transcript", "/scorecard", "/audio"):
        assert fine(house.get("qa", f"/api/v1/calls/{quote(text, safe='')}{tail}").status_code)


@CALM
@given(number=st.integers(-(2**70), 2**70))
def test_any_item_number(house: Any, number: int) -> None:
    assert house.get("qa", f"/api/v1/review-items/{number}").status_code in (200, 404, 422)
    assert house.post("qa", f"/api/v1/review-items/{number}/release").status_code in (404, 409, 422)


@CALM
@given(body=json_values)
def test_any_decision(house: Any, body: Any) -> None:
    path = f"/api/v1/review-items/{house.items['c-mine']}/decisions"
    assert house.post("qa", path, json=body).status_code in (409, 422)


CALL = {"call_id": "z-1", "started_at": "2026-03-12T14:05:00+08:00"}
CALL_KEYS = ("call_id", "started_at", "agent_id", "billed_seconds", "case", "org", "turns", "recording", "x", "callee")


@CALM
@given(changes=st.dictionaries(st.sampled_from(CALL_KEYS), json_values | moments, max_size=3))
def test_any_call_data(house: Any, changes: dict[str, Any]) -> None:
    assert fine(house.post("admin", "/api/v1/calls", json={**CALL, **changes}).status_code)


@CALM
@given(body=st.binary(max_size=60), kind=st.sampled_from(["application/json", "multipart/form-data; boundary=x"]))
def test_any_bytes(house: Any, body: bytes, kind: str) -> None:
    assert fine(house.post("admin", "/api/v1/calls", content=body, headers={"content-type": kind}).status_code)


@pytest.mark.parametrize("token", ["", "é", "a" * 5000, "\x00", "a b", "'; DROP TABLE call; --"])
def test_any_token(house: Any, token: str) -> None:
    headers = {"Authorization": b"Bearer " + token.encode("utf-8")}
    assert house.client.get("/api/v1/calls", headers=headers).status_code in (401, 429)
