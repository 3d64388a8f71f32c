"""A house that has been running is brought to this version with its calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from sqlalchemy import text

from qa_service.actions.backend import Backend
from qa_service.actions.intake import receive_call
from qa_service.documents import call_document, parse_call
from qa_service.settings import Settings
from qa_service.states import CallState
from qa_service.storage import schema
from qa_service.storage.engine import Database, open_url
from qa_service.storage.tables import CallRow

DIALLED = {"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "agent_id": "A1", "billed_seconds": 61}
INSERT = """
INSERT INTO call (call_id, started_at, day, agent_id, direction, callee, billed_seconds, document, content_hash, state,
                  received_at)
VALUES ('c-1', :moment, :day, 'A1', 'outbound', 'unknown', 61, :document, :hash, 'recorded', :moment)
"""


def first_version_with_a_call(url: str) -> Database:
    database = open_url(url)
    moment = datetime(2026, 3, 12, 6, 5, tzinfo=UTC)
    document = json.dumps(call_document(parse_call(DIALLED)))
    stored = moment.replace(tzinfo=None).isoformat(" ") if url.startswith("sqlite") else moment
    with database.writer.begin() as connection:
        command.upgrade(schema._config(connection), "0001")
        values = {"moment": stored, "day": "2026-03-12", "document": document, "hash": "0" * 64}
        connection.execute(text(INSERT), values)
        connection.execute(
            text("INSERT INTO call_state (call_id, seq, state, at) VALUES ('c-1', 1, 'recorded', :moment)"),
            {"moment": stored},
        )
    return database


def test_a_call_of_the_first_version_is_kept_and_can_be_completed(database_url: str, tmp_path: Path) -> None:
    database = first_version_with_a_call(database_url)
    assert not schema.is_current(database)
    schema.upgrade(database)
    assert schema.is_current(database)
    backend = Backend(settings=Settings(data_dir=tmp_path, database_url=database_url), database=database)
    with backend.read() as session:
        row = session.get_one(CallRow, "c-1")
    assert (row.agent_id, row.state, row.recording_sha256, row.other_side_sha256) == (
        "A1", CallState.RECORDED, None, None,
    )  # fmt: skip
    assert receive_call(backend, parse_call(DIALLED)).already_known
    assert receive_call(backend, parse_call(DIALLED), b"agent", b"customer").state is CallState.RECEIVED
    backend.close()
