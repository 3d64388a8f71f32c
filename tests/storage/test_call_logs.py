"""Dialler records taken in by the hundred, and what of a person's number reaches the database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from qa_service.actions.backend import Backend
from qa_service.actions.intake import Received, receive_call, receive_records
from qa_service.documents import parse_call
from qa_service.errors import Conflict, InputRefused
from qa_service.states import CallState
from qa_service.storage.tables import CallRow, CallStateRow

START = "2026-03-12T14:05:00+08:00"


def record(call_id: str, **more: Any) -> dict[str, Any]:
    return {"call_id": call_id, "started_at": START, "agent_id": "A1", **more}


def send(backend: Backend, *rows: dict[str, Any]) -> list[str]:
    """In a word, what became of each."""
    answers = receive_records(backend, [parse_call(row) for row in rows])
    return [
        type(answer).__name__ if not isinstance(answer, Received) else "known" if answer.already_known else "new"
        for answer in answers
    ]


def states(backend: Backend) -> dict[str, list[str]]:
    with backend.read() as session:
        rows = session.execute(select(CallStateRow.call_id, CallStateRow.state).order_by(CallStateRow.seq)).all()
    found: dict[str, list[str]] = {}
    for call_id, state in rows:
        found.setdefault(call_id, []).append(state)
    return found


def test_each_is_answered_as_if_it_came_alone(backend: Backend) -> None:
    assert send(backend, record("c-1"), record("c-2")) == ["new", "new"]
    again = (record("c-2"), record("c-3"), record("c-1", agent_id="B2"), record("c-3"), record("c-4", memo="\udcff"))
    assert send(backend, *again) == ["known", "new", "Conflict", "known", "InputRefused"]
    assert states(backend) == {"c-1": ["recorded"], "c-2": ["recorded"], "c-3": ["recorded"]}


def test_a_refusal_names_the_call_and_keeps_the_rest(backend: Backend) -> None:
    answers = receive_records(backend, [parse_call(record("c-1")), parse_call(record("c-1", agent_id="B2"))])
    assert isinstance(answers[0], Received)
    assert isinstance(answers[1], (Conflict, InputRefused))
    assert "c-1" in str(answers[1])


def test_no_records_is_no_work(backend: Backend) -> None:
    assert send(backend) == []


def test_two_that_send_the_same_log_at_once_take_it_in_once(backend: Backend) -> None:
    rows = [record(f"c-{number}") for number in range(60)]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: send(backend, *rows), range(2)))
    assert [sorted(pair) for pair in zip(*both, strict=True)] == [["known", "new"]] * 60
    assert states(backend) == {row["call_id"]: [CallState.RECORDED] for row in rows}


@pytest.mark.parametrize("sent", [{"number_id": "13800138000"}, {"memo": "回拨 138-0013-8000"}])
def test_a_number_in_clear_is_stored_nowhere_and_counts_as_the_same(backend: Backend, sent: dict[str, Any]) -> None:
    first = receive_call(backend, parse_call(record("c-1", **sent)))
    assert receive_call(backend, parse_call(record("c-1", **sent))).already_known
    assert not first.already_known
    with backend.read() as session:
        row = session.get_one(CallRow, "c-1")
    kept = json.dumps(row.document, ensure_ascii=False) + str(row.number_id)
    assert not any(clear in kept for clear in ("13800138000", "138-0013-8000"))
    assert "n-" in kept
