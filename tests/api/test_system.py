"""What machines ask: liveness, readiness, metrics; and the brake on guessing tokens."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text, update

from api.app import create_app
from api.security import FAILURES_ALLOWED, Throttle
from qa_service.actions.health import troubles
from qa_service.actions.users import issue_token, revoke_tokens
from qa_service.errors import QueueUnavailable
from qa_service.states import TaskStatus
from qa_service.storage.tables import StageTaskRow


def app_client(house: Any, rulebook: Any, *, host: str = "127.0.0.1", probe: Any = lambda: None) -> TestClient:
    app = create_app(house.backend, probe_queue=probe, rulebook=rulebook)
    return TestClient(app, client=(host, 50000), raise_server_exceptions=False)


def test_a_living_process_says_so_to_anybody(house: Any) -> None:
    assert house.client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_every_part_is(house: Any) -> None:
    answer = house.client.get("/readyz")
    assert (answer.status_code, set(answer.json().values())) == (200, {"ok"})


def test_not_ready_without_the_queue_and_says_which_part(house: Any, rulebook: Any) -> None:
    def down() -> None:
        raise QueueUnavailable("Redis 没有应答。")

    answer = app_client(house, rulebook, probe=down).get("/readyz")
    assert (answer.status_code, answer.json()["queue"], answer.json()["database"]) == (503, "Redis 没有应答。", "ok")


def test_without_its_tables_the_service_answers_503_in_plain_words(scratch: Any) -> None:
    with scratch.backend.write() as session:
        for table in ("access_token", "alembic_version"):
            session.execute(text(f"DROP TABLE {table}"))
    assert "db upgrade" in scratch.client.get("/readyz").json()["migrations"]
    answer = scratch.get("qa", "/api/v1/calls")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-unavailable")


def test_metrics_count_calls_tasks_and_reviews(house: Any, rulebook: Any) -> None:
    lines = app_client(house, rulebook).get("/metrics").text.splitlines()
    assert 'qa_calls{state="recorded"} 1.0' in lines
    assert 'qa_review_items_pending{queue="red_line"} 1.0' in lines
    assert 'qa_stage_tasks{stage="decode",status="waiting"} 1.0' in lines
    assert 'qa_calls{state="quarantined"} 0.0' in lines, "a gauge that falls back to nothing falls back to 0"


@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        pytest.param("127.0.0.1", {}, 200, id="this-machine"),
        pytest.param("::1", {}, 200, id="this-machine-v6"),
        pytest.param("10.0.0.7", {}, 401, id="another-machine"),
        pytest.param("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, 401, id="through-a-proxy-here"),
        pytest.param("127.0.0.1", {"Authorization": "Bearer wrong"}, 401, id="wrong-token"),
    ],
)
def test_metrics_are_for_this_machine(
    house: Any, rulebook: Any, host: str, headers: dict[str, str], status: int
) -> None:
    assert app_client(house, rulebook, host=host).get("/metrics", headers=headers).status_code == status


def test_what_stops_waiting_tasks_is_told_once(scratch: Any) -> None:
    assert troubles(scratch.backend) == ()
    with scratch.backend.write() as session:
        session.execute(update(StageTaskRow).values(last_error="规则文件有误。"))
    assert troubles(scratch.backend) == ("规则文件有误。",)
    with scratch.backend.write() as session:
        session.execute(update(StageTaskRow).values(status=TaskStatus.GIVEN_UP))
    assert troubles(scratch.backend) == (), "what was given up waits for nothing"


def test_guessing_tokens_is_slowed_down_and_the_rightful_are_not(house: Any, rulebook: Any) -> None:
    client = app_client(house, rulebook)
    bad = {"Authorization": "Bearer guess"}
    answers = [client.get("/api/v1/rules", headers=bad) for _ in range(FAILURES_ALLOWED + 2)]
    assert [a.status_code for a in answers] == [401] * FAILURES_ALLOWED + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[0].headers["www-authenticate"] == "Bearer"
    good = {"Authorization": f"Bearer {house.tokens['qa']}"}
    assert client.get("/api/v1/rules", headers=good).status_code == 200


def test_the_brake_lets_go_after_its_window_and_holds_each_place_apart() -> None:
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    for _ in range(FAILURES_ALLOWED):
        assert throttle.failed("a") is None
    assert throttle.failed("a") == 60
    assert throttle.failed("b") is None
    now[0] = 60.0
    assert throttle.failed("a") is None


def test_a_revoked_token_is_worthless(scratch: Any) -> None:
    assert scratch.get("qa", "/api/v1/rules").status_code == 200
    assert revoke_tokens(scratch.backend, "qa") == 1
    assert scratch.get("qa", "/api/v1/rules").status_code == 401
    fresh = {"Authorization": f"Bearer {issue_token(scratch.backend, 'qa')}"}
    assert scratch.client.get("/api/v1/rules", headers=fresh).status_code == 200


def test_rules_are_those_in_force_with_their_reasons(house: Any, rulebook: Any) -> None:
    body = house.get("agent", "/api/v1/rules").json()
    assert body["rulebook"] == rulebook.fingerprint
    assert {rule["id"] for rule in body["rules"]} == {rule.id for rule in rulebook.rules}
    assert all(rule["why"] and rule["label"] for rule in body["rules"])
    assert not any("patterns" in rule for rule in body["rules"]), "how a rule is matched is not told"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/api/v1/calls", 405), ("GET", "/problems/none", 404), ("GET", "/docs", 404)],
)
def test_every_error_is_a_problem(house: Any, method: str, path: str, status: int) -> None:
    answer = house.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"].startswith("/problems/")


def test_a_problems_type_can_be_looked_up(house: Any) -> None:
    kind = house.get("qa", "/api/v1/calls/none").json()["type"]
    assert house.client.get(kind).json()["title"] == "没有找到"
