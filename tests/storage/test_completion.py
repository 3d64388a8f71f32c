"""What comes later of a call that is known: a dialler record's recording, call data; and what contradicts it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from qa_service.actions.backend import Backend
from qa_service.actions.intake import Received, receive_call
from qa_service.documents import parse_call
from qa_service.errors import Conflict, LeaseLost
from qa_service.states import CallState, Stage, TaskStatus, Ticket
from qa_service.storage import tasks
from qa_service.storage.calls import move_call
from qa_service.storage.tables import CallRow, CallStateRow, OutboxRow, StageTaskRow

NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
AUDIO, OTHER = b"the agent's side, for later ears", b"the customer's side"
BARE = {"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"}
DIALLED = {
    **BARE,
    "answered_at": "2026-03-12T14:05:08+08:00",
    "agent_id": "A1",
    "debtor_id": "d-1",
    "callee": "debtor",
    "billed_seconds": 61,
    "org": {"names": ["诚达资产"]},
    "case": {"balance": "10900.00", "overdue_days": 46},
}
TURNS = [{"speaker": "customer", "start": 0.0, "end": 1.5, "text": "您好"}]

Piece = tuple[Mapping[str, Any], bytes | None]


def send(backend: Backend, data: Mapping[str, Any], *audio: bytes | None) -> Received:
    return receive_call(backend, parse_call(data), *audio)


def states(backend: Backend) -> list[CallState]:
    with backend.read() as session:
        return list(session.scalars(select(CallStateRow.state).order_by(CallStateRow.seq)))


def row_of(backend: Backend) -> CallRow:
    with backend.read() as session:
        return session.get_one(CallRow, "c-1")


def handed_out(backend: Backend) -> list[tuple[Stage, int]]:
    with backend.read() as session:
        return [(row.stage, row.token) for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def judge_by_hand(backend: Backend) -> None:
    """Have a dialler record judged, as the nightly job does."""
    with backend.write() as session:
        move_call(session, "c-1", CallState.JUDGING, at=NOW)
        ticket = tasks.hand_out(session, "c-1", Stage.JUDGE, now=NOW)
        tasks.claim(session, ticket, owner="test", now=NOW, lease=timedelta(minutes=1))
        tasks.finish(session, ticket, now=NOW)
        move_call(session, "c-1", CallState.JUDGED, at=NOW)


@pytest.mark.parametrize(
    ("later", "files", "moves", "task"),
    [
        (BARE, (AUDIO,), ["recorded", "received"], (Stage.DECODE, 1)),
        (DIALLED, (AUDIO,), ["recorded", "received"], (Stage.DECODE, 1)),
        (BARE, (AUDIO, OTHER), ["recorded", "received"], (Stage.DECODE, 1)),
        ({**BARE, "turns": TURNS}, (), ["recorded", "received", "judging"], (Stage.JUDGE, 1)),
        ({**BARE, "turns": TURNS}, (AUDIO,), ["recorded", "received", "judging"], (Stage.JUDGE, 1)),
    ],
    ids=["recording-alone", "recording-with-the-same-data", "both-sides", "transcript", "transcript-and-recording"],
)
def test_a_dialler_record_is_completed_by_what_comes_later(
    backend: Backend, later: dict[str, Any], files: tuple[bytes, ...], moves: list[str], task: tuple[Stage, int]
) -> None:
    assert send(backend, DIALLED).state is CallState.RECORDED
    completed = send(backend, later, *files)
    assert completed == Received(call_id="c-1", state=CallState.of(moves[-1]), already_known=False)
    assert states(backend) == moves
    assert handed_out(backend) == [task]
    row = row_of(backend)
    assert (row.agent_id, row.billed_seconds, row.connected) == ("A1", 61, True)
    assert (row.recording_sha256 is not None, row.other_side_sha256 is not None) == (bool(files), len(files) == 2)
    assert parse_call(row.document).case.overdue_days == 46

    for data, audio in ((later, files), (DIALLED, ()), (BARE, ())):
        assert send(backend, data, *audio).already_known, "whatever is sent again changes nothing"
    assert (states(backend), handed_out(backend)) == (moves, [task])


def test_why_a_call_set_out_late_is_in_its_history(backend: Backend) -> None:
    send(backend, DIALLED)
    send(backend, {**BARE, "note": "x"}, AUDIO)
    with backend.read() as session:
        reasons = session.scalars(select(CallStateRow.reason).order_by(CallStateRow.seq)).all()
    assert reasons == [None, "补充：recording、其他数据。"]


@pytest.mark.parametrize("first", [(BARE, AUDIO), ({**BARE, "turns": TURNS}, None)], ids=["recording", "transcript"])
def test_call_data_that_follows_fills_what_was_open(backend: Backend, first: Piece) -> None:
    send(backend, *first)
    before = states(backend)
    known = send(backend, DIALLED)
    assert not known.already_known
    assert states(backend) == before, "still on its way: what comes next reads what is known then"
    row = row_of(backend)
    assert (row.agent_id, row.debtor_id, row.callee.value, row.billed_seconds) == ("A1", "d-1", "debtor", 61)
    assert send(backend, DIALLED).already_known
    assert send(backend, *first).already_known


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("started_at", "2026-03-12T14:05:01+08:00"),
        ("answered_at", "2026-03-12T14:05:09+08:00"),
        ("agent_id", "A2"),
        ("debtor_id", "d-2"),
        ("callee", "third_party"),
        ("billed_seconds", 62),
        ("org.names", ["另一家"]),
        ("case.balance", "10900.01"),
        ("case.overdue_days", 0),
    ],
)
def test_what_contradicts_is_a_conflict_that_names_the_key(backend: Backend, key: str, value: Any) -> None:
    send(backend, DIALLED)
    outer, _, inner = key.partition(".")
    with pytest.raises(Conflict, match=rf"c-1 .*{key}"):
        send(backend, {**BARE, outer: {inner: value} if inner else value}, AUDIO)
    assert states(backend) == ["recorded"]


@pytest.mark.parametrize(
    "data",
    [
        {"started_at": "2026-03-12T06:05:00Z"},
        {"case": {"balance": "10900.0"}},
        {"case": {"balance": None, "overdue_days": 46}},
        {"org": {"kind": None, "names": []}},
        {"callee": "unknown", "direction": "outbound", "ai_voice": False},
    ],
    ids=["same-instant", "same-amount", "some-of-it", "nothing", "defaults"],
)
def test_what_says_the_same_or_nothing_is_no_contradiction(backend: Backend, data: dict[str, Any]) -> None:
    send(backend, DIALLED)
    assert send(backend, {**BARE, **data}).already_known
    assert row_of(backend).document["case"]["balance"] == "10900.00"


@pytest.mark.parametrize(
    ("first", "second", "key"),
    [
        ((BARE, AUDIO), (BARE, OTHER), "recording.sha256"),
        ((BARE, AUDIO), (BARE, AUDIO, OTHER), "recording.other_side_sha256"),
        ((BARE, AUDIO, OTHER), (BARE, OTHER, AUDIO), "recording.sha256"),
        (
            (BARE, AUDIO),
            ({**BARE, "recording": {"path": "a.wav", "channels": {"left": "customer"}}}, AUDIO),
            "recording.channels",
        ),
        ((BARE, AUDIO), ({**BARE, "turns": TURNS},), "turns"),
        (({**BARE, "turns": TURNS},), ({**BARE, "turns": [{**TURNS[0], "text": "不好"}]},), "turns"),
    ],
    ids=["other-file", "a-second-side", "sides-exchanged", "other-channels", "turns-of-a-heard-call", "other-words"],
)
def test_what_was_heard_is_not_exchanged(
    backend: Backend, first: tuple[Any, ...], second: tuple[Any, ...], key: str
) -> None:
    send(backend, *first)
    with pytest.raises(Conflict, match=key):
        send(backend, *second)


def refuse(backend: Backend, *, judged: bool) -> None:
    """Have the recording refused, and with ``judged`` the call judged without it, as the nightly job does."""
    with backend.write() as session:
        move_call(session, "c-1", CallState.DECODING, at=NOW)
        ticket = Ticket(call_id="c-1", stage=Stage.DECODE, token=1)
        tasks.claim(session, ticket, owner="test", now=datetime.now(UTC), lease=timedelta(minutes=1))
        tasks.give_up(session, ticket, error="no audio", now=NOW)
        move_call(session, "c-1", CallState.REFUSED, at=NOW)
    if judged:
        judge_by_hand(backend)


ON_LINE = {**BARE, "recording": {"path": "a.wav", "line": "trunk-3"}}


@pytest.mark.parametrize("judged", [False, True], ids=["refused", "judged-without-it"])
@pytest.mark.parametrize(
    ("data", "files"),
    [(BARE, (OTHER,)), (BARE, (OTHER, AUDIO)), (BARE, (AUDIO, OTHER)), ({**DIALLED, "note": "x"}, (OTHER,))],
    ids=["another-file", "one-file-per-side", "a-second-side", "with-more-data"],
)
def test_a_recording_nobody_could_hear_gives_way_to_another(
    backend: Backend, data: dict[str, Any], files: tuple[bytes, ...], judged: bool
) -> None:
    send(backend, BARE, AUDIO)
    refuse(backend, judged=judged)
    assert send(backend, data, *files) == Received(call_id="c-1", state=CallState.RECEIVED, already_known=False)
    row = row_of(backend)
    assert (row.recording_sha256, row.other_side_sha256) == (*(sha256(file).hexdigest() for file in files), None)[:2]
    assert handed_out(backend)[-1] == (Stage.DECODE, 2)
    assert send(backend, data, *files).already_known
    with pytest.raises(Conflict, match="sha256"):
        send(backend, BARE, b"a third one, while the second waits to be heard")


def test_a_refused_recording_sent_again_as_it_was_changes_nothing(backend: Backend) -> None:
    send(backend, BARE, AUDIO)
    refuse(backend, judged=False)
    before = handed_out(backend)
    assert send(backend, BARE, AUDIO).already_known
    assert (row_of(backend).state, handed_out(backend)) == (CallState.REFUSED, before)


def test_a_refused_recording_may_be_sent_again_on_its_right_line(tmp_path: Path, backend: Backend) -> None:
    (tmp_path / "lines.toml").write_text("[lines.trunk-3]\n[lines.trunk-4]\n", encoding="utf-8")
    backend = replace(backend, settings=backend.settings.model_copy(update={"lines": tmp_path / "lines.toml"}))
    send(backend, BARE, AUDIO)
    refuse(backend, judged=False)
    assert send(backend, ON_LINE, AUDIO).state is CallState.RECEIVED
    assert row_of(backend).document["recording"]["line"] == "trunk-3"


def test_the_line_of_a_refused_recording_stays_that_of_the_next(tmp_path: Path, backend: Backend) -> None:
    (tmp_path / "lines.toml").write_text("[lines.trunk-3]\n", encoding="utf-8")
    backend = replace(backend, settings=backend.settings.model_copy(update={"lines": tmp_path / "lines.toml"}))
    send(backend, ON_LINE, AUDIO)
    refuse(backend, judged=False)
    assert send(backend, BARE, OTHER).state is CallState.RECEIVED
    assert row_of(backend).document["recording"]["line"] == "trunk-3"


def test_a_recording_beside_a_transcript_may_follow_it(backend: Backend) -> None:
    send(backend, {**BARE, "turns": TURNS})
    assert send(backend, BARE, AUDIO).state is CallState.JUDGING
    assert row_of(backend).recording_sha256 is not None
    assert handed_out(backend) == [(Stage.JUDGE, 1), (Stage.JUDGE, 2)], "judged with what is known now"


def test_a_judged_dialler_record_sets_out_with_its_recording(backend: Backend) -> None:
    send(backend, DIALLED)
    judge_by_hand(backend)
    assert send(backend, BARE, AUDIO).state is CallState.RECEIVED
    assert states(backend) == ["recorded", "judging", "judged", "received"]
    assert handed_out(backend)[-1] == (Stage.DECODE, 1)


def test_a_judged_call_is_judged_again_with_new_facts_and_not_without(backend: Backend) -> None:
    send(backend, BARE)
    judge_by_hand(backend)
    assert send(backend, BARE).already_known
    assert send(backend, DIALLED).state is CallState.JUDGING
    assert handed_out(backend) == [(Stage.JUDGE, 1), (Stage.JUDGE, 2)]


def test_whoever_judges_a_dialler_record_meanwhile_has_lost_it(backend: Backend) -> None:
    send(backend, DIALLED)
    with backend.write() as session:
        move_call(session, "c-1", CallState.JUDGING, at=NOW)
        ticket = tasks.hand_out(session, "c-1", Stage.JUDGE, now=NOW)
        assert tasks.claim(session, ticket, owner="slow", now=NOW, lease=timedelta(minutes=1))
    assert send(backend, BARE, AUDIO).state is CallState.RECEIVED
    with pytest.raises(LeaseLost), backend.write() as session:
        tasks.finish(session, ticket, now=NOW)
    with backend.read() as session:
        assert session.get_one(StageTaskRow, ("c-1", Stage.JUDGE)).status is TaskStatus.DONE
        assert [ring.ticket for ring in tasks.unsent(session, Stage.JUDGE, now=NOW, limit=9)] == []
    with backend.write() as session:
        again = tasks.hand_out(session, "c-1", Stage.JUDGE, now=NOW)
    assert again == Ticket(call_id="c-1", stage=Stage.JUDGE, token=3)


@pytest.mark.parametrize("first", [DIALLED, None], ids=["known-before", "all-at-once"])
def test_record_and_recording_at_once_are_one_call(backend: Backend, first: dict[str, Any] | None) -> None:
    if first is not None:
        send(backend, first)
    pieces: list[Piece] = [(DIALLED, None), (BARE, AUDIO)] * 5
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda piece: send(backend, *piece), pieces))
    row = row_of(backend)
    assert (row.state, row.agent_id, row.recording_sha256 is not None) == (CallState.RECEIVED, "A1", True)
    assert states(backend) in (["received"], ["recorded", "received"])
    assert handed_out(backend) == [(Stage.DECODE, 1)]
