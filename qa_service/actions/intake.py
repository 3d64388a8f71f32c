"""Taking a call in: its recordings on disk first, then call, first states, task and ring in one transaction.

Taking the same call in twice is the same as once: a call is known by its id, its data and what its recordings hold.
What comes later of a call that is known (the recording of a dialler record, call data) completes it.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qa_service.actions.accounts import join_accounts, new_facts, without_recording
from qa_service.actions.backend import Backend
from qa_service.call import Call, Recording
from qa_service.documents import CallDocument, call_document, parse_call
from qa_service.errors import Conflict, InputRefused, RecordingRefused
from qa_service.interchange.pseudonyms import pseudonyms_of, without_clear_numbers
from qa_service.lines import load_lines
from qa_service.pipeline import past_call
from qa_service.states import CallState, Stage, TaskStatus
from qa_service.storage.calls import add_call, add_records, complete_call, move_call
from qa_service.storage.recordings import incoming_folder, store_recording
from qa_service.storage.tables import CallRow, StageTaskRow
from qa_service.storage.tasks import hand_out, lock_tasks, withdraw

logger = logging.getLogger(__name__)

MIB = 1024 * 1024

KNOWN_KEYS = frozenset(CallDocument.model_fields)
"""Keys of call data that may be named to people; any other is the sender's own words."""

_BEING_HEARD = frozenset({CallState.RECEIVED, CallState.DECODING, CallState.TRANSCRIBING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The answer to a call that was sent in; ``already_known`` where it told nothing new."""

    call_id: str
    state: CallState
    already_known: bool


def receive_call(
    backend: Backend, call: Call, recording: Path | bytes | None = None, other_side: Path | bytes | None = None
) -> Received:
    """Take a call in, with its recording where there is one; idempotent.

    ``other_side`` is the second file of a call recorded one file per side; ``recording`` is then the agent's. A call
    with turns goes straight to judging (a recording beside them is kept for listening), one with a recording alone to
    decoding, one with neither is a dialler record and done.

    Raises:
        InputRefused: the data cannot be stored, speaks of a recording that was not sent, or names an unknown line.
        RecordingRefused: a recording is empty, too large, or not the one whose SHA-256 was given.
        Conflict: another call with this id was taken in before; the sentence names the key that differs.
        SettingsInvalid: the file of lines is wrong.
    """
    _require_files(call, recording, other_side)
    load_lines(backend.settings.lines).of(call.recording)
    call = without_clear_numbers(call, partial(pseudonyms_of, backend.settings, keep=True))
    call = _with_files(backend, call, recording, other_side)
    content_hash = _content_hash(call)
    try:
        with backend.write() as session:
            return _received(session, call, content_hash)
    except IntegrityError:
        # Two senders at once on PostgreSQL: the other one's transaction came first, and its call is there now.
        with backend.write() as session:
            return _received(session, call, content_hash)


def receive_records(backend: Backend, records: Sequence[Call]) -> list[Received | InputRefused | Conflict]:
    """Take dialler records in, many in one transaction; for each what ``receive_call`` would answer, or its error."""
    hashes = [_hash_or_refusal(call) for call in records]
    try:
        with backend.write() as session:
            return _all_received(session, records, hashes)
    except IntegrityError:
        # Another sender's transaction came first for one of them: each by itself.
        return [_received_alone(backend, call) for call in records]


def _all_received(
    session: Session, records: Sequence[Call], hashes: Sequence[str | InputRefused]
) -> list[Received | InputRefused | Conflict]:
    columns = select(CallRow.call_id, CallRow.content_hash, CallRow.state)
    found = session.execute(columns.where(CallRow.call_id.in_([call.call_id for call in records])))
    known = {call_id: (content_hash, state) for call_id, content_hash, state in found}
    fresh: dict[str, tuple[str, Call]] = {}
    for call, content_hash in zip(records, hashes, strict=True):
        if isinstance(content_hash, str) and call.call_id not in known:
            fresh.setdefault(call.call_id, (content_hash, call))
    add_records(session, dict(fresh.values()), now=datetime.now(UTC))
    answers: list[Received | InputRefused | Conflict] = []
    for call, content_hash in zip(records, hashes, strict=True):
        if isinstance(content_hash, InputRefused):
            answers.append(content_hash)
        elif fresh.pop(call.call_id, None) is not None:
            logger.info("received call=%s state=%s", call.call_id, CallState.RECORDED)
            answers.append(Received(call_id=call.call_id, state=CallState.RECORDED, already_known=False))
        elif call.call_id in known and known[call.call_id][0] == content_hash:
            answers.append(Received(call_id=call.call_id, state=known[call.call_id][1], already_known=True))
        else:
            try:
                answers.append(_received(session, call, content_hash))
            except (InputRefused, Conflict) as error:  # both come before anything is written
                answers.append(error)
    return answers


def _received_alone(backend: Backend, call: Call) -> Received | InputRefused | Conflict:
    try:
        return receive_call(backend, call)
    except (InputRefused, Conflict) as error:
        return error


def _hash_or_refusal(call: Call) -> str | InputRefused:
    try:
        return _content_hash(call)
    except InputRefused as error:
        return error


def known_start(backend: Backend, call_id: str) -> datetime | None:
    """When a call that was taken in before began; None where none of this id was."""
    with backend.read() as session:
        return session.scalar(select(CallRow.started_at).where(CallRow.call_id == call_id))


@contextmanager
def upload_folder(backend: Backend) -> Iterator[Path]:
    """A folder of its own for the files of one upload, gone afterwards whatever happens."""
    with incoming_folder(backend.settings.data_dir) as folder:
        yield folder


def locate_recording(call: Call, folder: Path, *, named_by_operator: bool = False) -> Path | None:
    """The file that a manifest in ``folder`` names for the call, None where it names none.

    A path that leads out of the folder is refused, unless the operator's own command line named it.

    Raises:
        InputRefused: the path leads out of the folder.
        RecordingRefused: there is no such file.
    """
    if call.recording is None:
        return None
    path = (folder / call.recording.path).resolve()
    if not named_by_operator and not path.is_relative_to(folder.resolve()):
        raise InputRefused(
            f"通话 {call.call_id} 的录音路径 {call.recording.path} 超出清单所在文件夹，请改为其中的相对路径。"
        )
    if not path.is_file():
        raise RecordingRefused(f"通话 {call.call_id}：找不到录音文件 {call.recording.path}，请检查路径。")
    return path


def _require_files(call: Call, recording: Path | bytes | None, other_side: Path | bytes | None) -> None:
    if other_side is not None and recording is None:
        raise InputRefused(f"通话 {call.call_id} 只送来客户侧录音；请一并附上坐席侧录音。")
    if call.turns or call.recording is None:
        return
    if recording is None:
        raise InputRefused(f"通话 {call.call_id} 写明有录音，但录音没有随通话送来；请附上录音文件，或去掉 recording。")
    if other_side is None and call.recording.other_side is not None:
        raise InputRefused(f"通话 {call.call_id} 写明两侧分文件录音，但客户侧录音（other_side）没有随通话送来。")


def _with_files(backend: Backend, call: Call, recording: Path | bytes | None, other_side: Path | bytes | None) -> Call:
    """The call with its files on disk and their contents named."""
    if recording is None:
        return call
    known = call.recording or Recording(path=f"{call.call_id}.audio")
    named = f"通话 {call.call_id} 的"
    sha256 = _keep(backend, f"{named}录音", known.sha256, recording)
    if other_side is None:
        return replace(call, recording=replace(known, sha256=sha256, other_side=None, other_side_sha256=None))
    other_sha256 = _keep(backend, f"{named}客户侧录音", known.other_side_sha256, other_side)
    if sha256 == other_sha256:
        raise RecordingRefused(f"{named}两侧录音是同一个文件，请核对后重新发送。")
    sides = replace(
        known,
        sha256=sha256,
        other_side=known.other_side or f"{call.call_id}.customer.audio",
        other_side_sha256=other_sha256,
    )
    return replace(call, recording=sides)


def _keep(backend: Backend, what: str, promised: str | None, recording: Path | bytes) -> str:
    size = len(recording) if isinstance(recording, bytes) else recording.stat().st_size
    if size == 0:
        raise RecordingRefused(f"{what}是空文件，请重新导出。")
    if size > backend.settings.max_upload_mib * MIB:
        limit = backend.settings.max_upload_mib
        raise RecordingRefused(f"{what}超过 {limit} MiB 上限（QA_MAX_UPLOAD_MIB），请拆分或压缩。")
    with _opened(recording) as source:
        sha256 = store_recording(backend.settings.data_dir, source)
    if promised is not None and promised != sha256:
        raise RecordingRefused(f"{what}与所给 sha256 不符，可能传输有误，请重新发送。")
    return sha256


def _opened(recording: Path | bytes) -> BinaryIO:
    return io.BytesIO(recording) if isinstance(recording, bytes) else recording.open("rb")


def _content_hash(call: Call) -> str:
    document = call_document(call)
    # Where the files lay at the sender's is not part of what the call is.
    recording = {"sha256": None, **document.get("recording", {}), "path": None}
    recording.pop("other_side", None)
    try:
        text = json.dumps(
            {**document, "recording": recording},
            sort_keys=True,
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        )
        content = text.encode()
    except ValueError as error:
        raise InputRefused(f"通话 {call.call_id} 的数据中有无法保存的字符或数值（如 NaN），请更正后重发。") from error
    if "\\u0000" in text:
        raise InputRefused(f"通话 {call.call_id} 的数据中有空字符（NUL），请删去后重发。")
    return hashlib.sha256(content).hexdigest()


def _received(session: Session, call: Call, content_hash: str) -> Received:
    lock_tasks(session, call.call_id)
    row = session.get(CallRow, call.call_id, with_for_update=True)
    if row is None:
        return _take_in(session, call, content_hash)
    if row.content_hash != content_hash:
        sent = json.loads(json.dumps(call_document(call)))
        known = without_recording(row.document, sent) if _unheard(session, row) else row.document
        joined = join_accounts(known, sent)
        facts = new_facts(row.document, joined)
        if facts:
            return _complete(session, row, joined, facts, starts_over=known is not row.document)
    return Received(call_id=row.call_id, state=row.state, already_known=True)


def _unheard(session: Session, row: CallRow) -> bool:
    """Whether the call's recording was tried for the last time and nothing could be heard of it."""
    given_up = select(StageTaskRow.stage).where(
        StageTaskRow.call_id == row.call_id,
        StageTaskRow.stage.in_((Stage.DECODE, Stage.TRANSCRIBE)),
        StageTaskRow.status == TaskStatus.GIVEN_UP,
    )
    return row.state not in _BEING_HEARD and session.scalars(given_up).first() is not None


def _take_in(session: Session, call: Call, content_hash: str) -> Received:
    now = datetime.now(UTC)
    state = CallState.RECORDED if call.is_dialler_record else CallState.RECEIVED
    speech_ms = past_call(call, None).debtor_speech_ms
    add_call(session, call, state=state, content_hash=content_hash, debtor_speech_ms=speech_ms, now=now)
    if not call.is_dialler_record:
        state = _set_out(session, call, now)
    logger.info("received call=%s state=%s", call.call_id, state)
    return Received(call_id=call.call_id, state=state, already_known=False)


def _set_out(session: Session, call: Call, now: datetime) -> CallState:
    """Send a call that was just received on its way; returns the state it is in."""
    if not call.turns:
        hand_out(session, call.call_id, Stage.DECODE, now=now)
        return CallState.RECEIVED
    move_call(session, call.call_id, CallState.JUDGING, at=now)
    hand_out(session, call.call_id, Stage.JUDGE, now=now)
    return CallState.JUDGING


def _complete(
    session: Session, row: CallRow, document: Mapping[str, Any], facts: Sequence[str], *, starts_over: bool
) -> Received:
    """Write what a call was not known to be, and do again what was done without knowing it.

    ``starts_over`` where a recording takes the place of one that could not be heard.
    """
    now = datetime.now(UTC)
    was_unheard = starts_over or parse_call(row.document).is_dialler_record
    call = parse_call(document)
    speech_ms = past_call(call, None).debtor_speech_ms
    complete_call(row, call, content_hash=_content_hash(call), debtor_speech_ms=speech_ms)
    reason = f"补充：{'、'.join(sorted({key if key in KNOWN_KEYS else '其他数据' for key in facts}))}。"
    if was_unheard and not call.is_dialler_record:
        withdraw(session, call.call_id, Stage.JUDGE, now=now)
        move_call(session, call.call_id, CallState.RECEIVED, at=now, reason=reason)
        _set_out(session, call, now)
    elif row.state is CallState.JUDGED:
        move_call(session, call.call_id, CallState.JUDGING, at=now, reason=reason)
        hand_out(session, call.call_id, Stage.JUDGE, now=now)
    elif row.state is CallState.JUDGING:
        hand_out(session, call.call_id, Stage.JUDGE, now=now)
    logger.info("completed call=%s state=%s facts=%d", row.call_id, row.state, len(facts))
    return Received(call_id=row.call_id, state=row.state, already_known=False)
