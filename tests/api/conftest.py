"""A small house with two teams: users of every role, and calls in every state, on both databases."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.access import Role
from qa_service.actions.backend import Backend
from qa_service.actions.intake import receive_call
from qa_service.actions.rules import Rulebook, open_rulebook
from qa_service.actions.users import add_user, issue_token
from qa_service.call import Speaker
from qa_service.documents import parse_call
from qa_service.judgement import (
    Analysis,
    Category,
    Checklist,
    Disclosure,
    Disclosures,
    DisclosureStatus,
    Finding,
    Judged,
    Payment,
    Promise,
    Queue,
    Quote,
    Reason,
    Severity,
    Triage,
)
from qa_service.scoring.marks import score
from qa_service.settings import load_settings
from qa_service.states import CallState
from qa_service.storage.calls import move_call
from qa_service.storage.engine import open_url
from qa_service.storage.judgements import write_judgement
from qa_service.storage.review_items import follow_judgement
from qa_service.storage.schema import upgrade

JUDGED_AT = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)

PEOPLE: Mapping[str, dict[str, Any]] = {
    "agent": {"roles": [Role.AGENT], "agent_id": "A101"},
    "team_lead": {"roles": [Role.TEAM_LEAD], "teams": ["T1"]},
    "qa": {"roles": [Role.QA]},
    "qa_lead": {"roles": [Role.QA_LEAD]},
    "compliance": {"roles": [Role.COMPLIANCE]},
    "admin": {"roles": [Role.ADMIN]},
    "other_qa": {"roles": [Role.QA]},
}

THREAT = Finding(
    category=Category.THREAT,
    rule="threat.exposure_workplace",
    severity=Severity.VETO,
    label="威胁向单位曝光",
    speaker=Speaker.AGENT,
    evidence=(Quote(turn=2, start=0, end=6, text="闹到你们单位"),),
)
GREETING = Finding(
    category=Category.CONDUCT,
    rule="conduct.greeting",
    severity=Severity.MINOR,
    label="未问候",
    speaker=Speaker.AGENT,
    evidence=(Quote(turn=0, start=0, end=1, text="喂"),),
)
PROMISE = Promise(turns=(3,), payments=(Payment(amount=Decimal("2000.00"), due=date(2026, 3, 20)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The service with its people: ``client`` speaks HTTP, ``tokens`` are theirs by the keys of ``PEOPLE``."""

    backend: Backend
    client: TestClient
    tokens: Mapping[str, str]
    items: Mapping[str, int]

    def ask(self, who: str, method: str, path: str, **options: Any) -> Any:
        """One request in somebody's name."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def get(self, who: str, path: str, **options: Any) -> Any:
        return self.ask(who, "GET", path, **options)

    def post(self, who: str, path: str, **options: Any) -> Any:
        return self.ask(who, "POST", path, **options)


def call_json(call_id: str, *, agent: str = "A101", team: str = "T1", minute: int = 0, turns: bool = True) -> Any:
    """The call data of a call, in the contract's JSON."""
    said = ["喂", "哪位", "闹到你们单位去", "好吧我周五还两千"]
    return {
        "call_id": call_id,
        "started_at": f"2026-03-12T14:{minute:02d}:00+08:00",
        "agent_id": agent,
        "team": team,
        "debtor_id": "d-1",
        "turns": [
            {"speaker": ["agent", "customer"][n % 2], "start": n * 2.0, "end": n * 2.0 + 1.5, "text": text}
            for n, text in enumerate(said)
        ]
        if turns
        else [],
    }


def recording(seconds: float = 0.5) -> bytes:
    """A short silent WAV."""
    buffer = BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\0" * int(8000 * seconds) * 4)
    return buffer.getvalue()


def judged(call_id: str, *findings: Finding, rulebook: Rulebook, queue: Queue | None, promised: bool = False) -> Judged:
    """A judgement made by hand, so that the rules may change without changing these tests."""
    duty = Disclosure(status=DisclosureStatus.OK)
    reasons = (Reason(queue=queue, text="须复核", turn=2),) if queue is not None else ()
    return Judged(
        analysis=Analysis(
            call_id=call_id,
            disclosures=Disclosures(agent=duty, company=duty, principal=duty, recording=duty),
            checklist=Checklist(greeting=True, verification=None, recap=None, closing=True),
            findings=findings,
            cannot_judge=(),
            emotion=(),
            promises=(PROMISE,) if promised else (),
            metrics=None,
            rulebook=rulebook.fingerprint,
        ),
        scorecard=score(findings, rulebook.scheme),
        triage=Triage(queue=queue, reasons=reasons, due_at=JUDGED_AT + timedelta(days=1)) if queue else None,
    )


def take_in(backend: Backend, document: Any, outcome: Judged | None, audio: bytes | None = None) -> None:
    """Take a call in and judge it."""
    receive_call(backend, parse_call(document), audio)
    if outcome is not None:
        with backend.write() as session:
            analysis = write_judgement(session, outcome, token=1, now=JUDGED_AT)
            follow_judgement(session, analysis, outcome.triage, now=JUDGED_AT)
            move_call(session, document["call_id"], CallState.JUDGED, at=JUDGED_AT)


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return open_rulebook(load_settings({}))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, new_database_url: Any, tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("data")
    url = new_database_url(request.param)
    settings = load_settings({"QA_DATA_DIR": str(folder), "QA_DATABASE_URL": url, "QA_MAX_UPLOAD_MIB": "1"})
    backend = Backend(settings=settings, database=open_url(url))
    upgrade(backend.database)
    yield furnish(backend, rulebook)
    backend.close()


def furnish(backend: Backend, rulebook: Rulebook) -> House:
    """Users and calls."""
    tokens = {}
    for name, rights in PEOPLE.items():
        add_user(backend, name, rights["roles"], agent_id=rights.get("agent_id"), teams=rights.get("teams", ()))
        tokens[name] = issue_token(backend, name)
    red = judged("c-mine", THREAT, GREETING, rulebook=rulebook, queue=Queue.RED_LINE, promised=True)
    take_in(backend, call_json("c-mine", minute=1), red, recording())
    other = judged("c-other", replace(GREETING), rulebook=rulebook, queue=Queue.VIOLATION, promised=True)
    take_in(backend, call_json("c-other", agent="A202", team="T2", minute=2), other, recording())
    take_in(backend, call_json("c-clean", minute=3), judged("c-clean", rulebook=rulebook, queue=None))
    take_in(backend, call_json("c-waiting", minute=4), None)
    take_in(backend, call_json("c-broken", minute=5, turns=False), None, b"not audio at all")
    take_in(backend, call_json("c-cdr", agent="A303", team="T3", minute=6, turns=False), None)
    client = TestClient(create_app(backend, probe_queue=lambda: None, rulebook=rulebook), raise_server_exceptions=False)
    signed_in = {"Authorization": f"Bearer {tokens['admin']}"}
    listed = client.get("/api/v1/review-items", headers=signed_in).json()
    return House(
        backend=backend,
        client=client,
        tokens=tokens,
        items={item["call_id"]: item["id"] for item in listed["items"]},
    )


@pytest.fixture
def scratch(database_url: str, tmp_path: Path, rulebook: Rulebook) -> Iterator[House]:
    """A house of one's own, for tests that change things."""
    settings = load_settings({"QA_DATA_DIR": str(tmp_path), "QA_DATABASE_URL": database_url})
    backend = Backend(settings=settings, database=open_url(database_url))
    upgrade(backend.database)
    yield furnish(backend, rulebook)
    backend.close()
