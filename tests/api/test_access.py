"""Who gets what: every route, every role, one's own objects and foreign ones."""

from __future__ import annotations

from typing import Any

import pytest

ROLES = ("agent", "team_lead", "qa", "qa_lead", "compliance", "admin")

# Status per role, in the order of ROLES. The agent is A101, the team lead has T1; c-mine is of A101 in T1, c-other is
# of A202 in T2. A foreign object is not found, an action not allowed is forbidden before anything is looked up.
ROUTES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("GET", "/api/v1/calls", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-mine", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-other", (404, 404, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-none", (404, 404, 404, 404, 404, 404)),
    ("GET", "/api/v1/calls/c-mine/transcript", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-other/transcript", (404, 404, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-mine/analysis", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-other/analysis", (404, 404, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-waiting/analysis", (404, 404, 404, 404, 404, 404)),
    ("GET", "/api/v1/calls/c-mine/scorecard", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-other/scorecard", (404, 404, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-mine/audio", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-other/audio", (404, 404, 200, 200, 200, 200)),
    ("GET", "/api/v1/calls/c-clean/audio", (404, 404, 404, 404, 404, 404)),
    ("POST", "/api/v1/calls/c-mine/voices", (403, 403, 422, 422, 403, 403)),
    ("POST", "/api/v1/calls/c-mine/retry", (403, 403, 403, 409, 403, 409)),
    ("POST", "/api/v1/calls/c-none/retry", (403, 403, 403, 404, 403, 404)),
    ("POST", "/api/v1/calls", (403, 403, 403, 415, 403, 415)),
    ("GET", "/api/v1/review-items", (403, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/review-items/{c-mine}", (403, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/review-items/{c-other}", (403, 404, 200, 200, 200, 200)),
    ("GET", "/api/v1/review-items/999", (403, 404, 404, 404, 404, 404)),
    ("POST", "/api/v1/review-items/999/claim", (403, 403, 404, 404, 403, 403)),
    ("POST", "/api/v1/review-items/{c-other}/release", (403, 403, 409, 409, 403, 403)),
    ("POST", "/api/v1/review-items/{c-other}/decisions", (403, 403, 422, 422, 403, 403)),
    ("GET", "/api/v1/agents/A101/scorecards", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/agents/A202/scorecards", (404, 404, 200, 200, 200, 200)),
    ("GET", "/api/v1/agents/A999/scorecards", (404, 404, 404, 404, 404, 404)),
    ("GET", "/api/v1/promises", (200, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/rules", (200, 200, 200, 200, 200, 200)),
    ("GET", "/metrics", (403, 403, 403, 403, 403, 200)),
)

CASES = [
    pytest.param(method, path, role, status, id=f"{method}-{path}-{role}")
    for method, path, statuses in ROUTES
    for role, status in zip(ROLES, statuses, strict=True)
]


@pytest.mark.parametrize(("method", "path", "role", "status"), CASES)
def test_every_route_answers_each_role_as_the_table_says(
    house: Any, method: str, path: str, role: str, status: int
) -> None:
    for call_id, item in house.items.items():
        path = path.replace(f"{{{call_id}}}", str(item))
    assert house.ask(role, method, path).status_code == status


def test_the_table_names_every_route_of_the_application(house: Any) -> None:
    described = house.client.get("/openapi.json").json()["paths"]
    open_to_all = {"/", "/healthz", "/readyz", "/problems/{kind}"}
    asked = {(method, shape_of(path)) for method, path, _ in ROUTES}
    served = {
        (method.upper(), shape_of(path)) for path, of in described.items() if path not in open_to_all for method in of
    }
    assert asked == served


def shape_of(path: str) -> tuple[str, ...]:
    """The fixed words of a path, with a star for what varies."""
    fixed = {"api", "v1", "calls", "review-items", "agents", "scorecards", "promises", "rules", "metrics"}
    fixed |= {"transcript", "analysis", "scorecard", "audio", "retry", "voices", "claim", "release", "decisions"}
    return tuple(part if part in fixed else "*" for part in path.strip("/").split("/"))


@pytest.mark.parametrize(
    ("role", "calls"),
    [
        ("agent", {"c-mine", "c-clean", "c-waiting", "c-broken"}),
        ("team_lead", {"c-mine", "c-clean", "c-waiting", "c-broken"}),
        ("qa", {"c-mine", "c-clean", "c-waiting", "c-broken", "c-other", "c-cdr"}),
    ],
)
def test_lists_hold_what_one_may_see_and_nothing_else(house: Any, role: str, calls: set[str]) -> None:
    assert {item["call_id"] for item in house.get(role, "/api/v1/calls").json()["items"]} == calls
    promised = {item["call_id"] for item in house.get(role, "/api/v1/promises").json()["items"]}
    assert promised == calls & {"c-mine", "c-other"}


def test_a_team_lead_sees_the_queue_of_the_team_alone(house: Any) -> None:
    items = house.get("team_lead", "/api/v1/review-items").json()["items"]
    assert [item["call_id"] for item in items] == ["c-mine"]


def test_a_filter_for_foreign_calls_finds_nothing_rather_than_everything(house: Any) -> None:
    assert house.get("agent", "/api/v1/calls", params={"agent": "A202"}).json()["items"] == []
    assert house.get("team_lead", "/api/v1/promises", params={"team": "T2"}).json()["items"] == []


def test_a_foreign_call_and_none_at_all_read_the_same(house: Any) -> None:
    foreign = house.get("agent", "/api/v1/calls/c-other").json()
    nothing = house.get("agent", "/api/v1/calls/c-none").json()
    assert foreign["detail"].replace("c-other", "") == nothing["detail"].replace("c-none", "")


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic abc"}])
def test_without_a_token_nothing_is_given(house: Any, header: dict[str, str]) -> None:
    answer = house.client.get("/api/v1/calls", headers=header)
    assert answer.status_code in (401, 429)
    assert answer.headers["content-type"] == "application/problem+json"
