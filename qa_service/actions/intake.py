"""Taking a call in: its recording on disk first, then call, first states, task and ring in one transaction.

Taking the same call in twice is the same as once: a call is known by its id, its data and the SHA-256 of its recording.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qa_service.actions.backend import Backend
from qa_service.call import Call, Recording
from qa_service.documents import call_document
from qa_service.errors import Conflict, InputRefused, RecordingRefused
from qa_service.pipeline import past_call
from qa_service.states import CallState, Stage
from qa_service.storage.calls import add_call, move_call
from qa_service.storage.recordings import store_recording
from qa_service.storage.tables import CallRow
from qa_service.storage.tasks import hand_out

logger = logging.getLogger(__name__)

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The answer to a call that was sent in; ``already_known`` where it had been taken in before."""

    call_id: str
    state: CallState
    already_known: bool


def receive_call(backend: Backend, call: Call, recording: Path | bytes | None = None) -> Received:
    """Take a call in, with its recording where there is one; idempotent.

    A call with turns goes straight to judging (a recording beside them is kept for listening), one with a recording
    alone to decoding, one with neither is a dialler record and done.

    Raises:
        InputRefused: the data cannot be stored, or speaks of a recording that was not sent.
        RecordingRefused: the recording is empty, too large, or not the one whose SHA-256 was given.
        Conflict: another call with this id was taken in before.
    """
    if recording is None and call.recording is not None and not call.turns:
        raise InputRefused(f"通话 {call.call_id} 写明有录音，但录音没有随通话送来；请附上录音文件，或去掉 recording。")
    sha256 = None if recording is None else _keep(backend, call, recording)
    if sha256 is not None:
        known = call.recording or Recording(path=f"{call.call_id}.audio")
        call = replace(call, recording=replace(known, sha256=sha256))
    content_hash = _content_hash(call, sha256)
    try:
        with backend.write() as session:
            return _known(session, call, content_hash) or _take_in(session, call, content_hash, sha256)
    except IntegrityError:
        # Two senders at once on PostgreSQL: the other one's transaction came first.
        with backend.read() as session:
            known_now = _known(session, call, content_hash)
        if known_now is None:
            raise
        return known_now


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


def _keep(backend: Backend, call: Call, recording: Path | bytes) -> str:
    size = len(recording) if isinstance(recording, bytes) else recording.stat().st_size
    if size == 0:
        raise RecordingRefused(f"通话 {call.call_id} 的录音是空文件，请重新导出。")
    if size > backend.settings.max_upload_mib * MIB:
        limit = backend.settings.max_upload_mib
        raise RecordingRefused(f"通话 {call.call_id} 的录音超过 {limit} MiB 上限（QA_MAX_UPLOAD_MIB），请拆分或压缩。")
    with _opened(recording) as source:
        sha256 = store_recording(backend.settings.data_dir, source)
    promised = call.recording.sha256 if call.recording is not None else None
    if promised is not None and promised != sha256:
        raise RecordingRefused(f"通话 {call.call_id} 的录音与所给 sha256 不符，可能传输有误，请重新发送。")
    return sha256


def _opened(recording: Path | bytes) -> BinaryIO:
    return io.BytesIO(recording) if isinstance(recording, bytes) else recording.open("rb")


def _content_hash(call: Call, recording_sha256: str | None) -> str:
    document = call_document(call)
    # Where the file lay at the sender's is not part of what the call is.
    document["recording"] = {**document.get("recording", {}), "path": None, "sha256": recording_sha256}
    try:
        text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        content = text.encode()
    except ValueError as error:
        raise InputRefused(f"通话 {call.call_id} 的数据中有无法保存的字符或数值（如 NaN），请更正后重发。") from error
    if "\\u0000" in text:
        raise InputRefused(f"通话 {call.call_id} 的数据中有空字符（NUL），请删去后重发。")
    return hashlib.sha256(content).hexdigest()


def _known(session: Session, call: Call, content_hash: str) -> Received | None:
    row = session.get(CallRow, call.call_id)
    if row is None:
        return None
    if row.content_hash != content_hash:
        raise Conflict(f"编号 {call.call_id} 已有内容不同的通话；若是另一通，请换编号；若要更正，请联系管理员。")
    return Received(call_id=row.call_id, state=row.state, already_known=True)


def _take_in(session: Session, call: Call, content_hash: str, sha256: str | None) -> Received:
    now = datetime.now(UTC)
    state = CallState.RECORDED if call.is_dialler_record else CallState.RECEIVED
    add_call(
        session,
        call,
        state=state,
        content_hash=content_hash,
        recording_sha256=sha256,
        debtor_speech_ms=past_call(call, None).debtor_speech_ms,
        now=now,
    )
    if call.turns:
        move_call(session, call.call_id, CallState.JUDGING, at=now)
        state = CallState.JUDGING
    if not call.is_dialler_record:
        hand_out(session, call.call_id, Stage.JUDGE if call.turns else Stage.DECODE, now=now)
    logger.info("received call=%s state=%s", call.call_id, state)
    return Received(call_id=call.call_id, state=state, already_known=False)
