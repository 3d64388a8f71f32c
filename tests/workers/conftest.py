"""A backend on a database of its own, and calls in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.documents import parse_call
from qa_service.settings import Settings
from qa_service.states import Stage, Ticket
from qa_service.storage import schema

NewCall = Callable[[str], Ticket]


@pytest.fixture
def backend(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Backend]:
    settings = Settings(
        database_url=database_url, redis_url=redis_url, data_dir=tmp_path / "data", lease_seconds=2, max_attempts=2
    )
    backend = open_backend(settings)
    schema.upgrade(backend.database)
    yield backend
    backend.close()


@pytest.fixture
def new_call(backend: Backend) -> NewCall:
    """Take in a call that waits for judging."""

    def new(call_id: str) -> Ticket:
        turn = {"speaker": "agent", "start": 0.0, "end": 1.0, "text": "您好"}
        data = {"call_id": call_id, "started_at": "2026-03-12T14:00:00+08:00", "turns": [turn]}
        receive_call(backend, parse_call(data))
        return Ticket(call_id=call_id, stage=Stage.JUDGE, token=1)

    return new
