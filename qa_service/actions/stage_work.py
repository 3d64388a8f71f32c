"""What the three stages do to a call: decode its recording, transcribe it, judge it.

Each reads what it needs, works without a transaction, and returns how to write its result. Engine and rulebook are
loaded when the first call needs them, once a process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from qa_service.actions.backend import Backend
from qa_service.actions.judging import load_judge
from qa_service.actions.materials import read_material
from qa_service.actions.rejudging import record_judgement
from qa_service.actions.stages import Beat, Work, Write
from qa_service.call import Call
from qa_service.documents import parse_call
from qa_service.errors import InputRefused, RecordingRefused
from qa_service.lines import load_lines
from qa_service.pipeline import Judge, past_call
from qa_service.states import Stage, Ticket
from qa_service.storage.judgements import write_transcript
from qa_service.storage.recordings import recording_path
from qa_service.storage.tables import CallRow, DecodedRow

if TYPE_CHECKING:  # the engine's libraries are heavy, and only one of the three stages needs them
    from qa_service.transcription.audio import DecodedAudio
    from qa_service.transcription.transcribe import Engines

WORK_FOLDER = "work"


def stage_work(backend: Backend, *, engines: Callable[[], Engines] | None = None) -> Mapping[Stage, Work]:
    """The work of every stage; ``engines`` replaces the engine of the settings (one for each speaker, in tests)."""
    load = engines or partial(_load_engine, backend)
    judge = cache(partial(load_judge, backend.settings))
    return MappingProxyType(
        {
            Stage.DECODE: partial(_decode, backend),
            Stage.TRANSCRIBE: partial(_transcribe, backend, cache(load)),
            Stage.JUDGE: partial(_judge, backend, judge),
        }
    )


def _load_engine(backend: Backend) -> Engines:
    from qa_service.transcription.engine import load_engine

    return load_engine(backend.settings)


def _decode(backend: Backend, ticket: Ticket, beat: Beat) -> Write:
    call, sha256 = _call(backend, ticket)
    audio = _decoded(backend, ticket, call, sha256, beat)
    document = {"duration_ms": audio.duration_ms, "channels": audio.channels, "partial": audio.partial}
    row = DecodedRow(
        call_id=ticket.call_id,
        token=ticket.token,
        path=str(audio.path.relative_to(backend.settings.data_dir)),
        document=document,
        created_at=datetime.now(UTC),
    )
    return partial(_merge, row)


def _merge(row: DecodedRow, session: Session) -> None:
    session.merge(row)


def _decoded(backend: Backend, ticket: Ticket, call: Call, sha256: str | None, beat: Beat) -> DecodedAudio:
    from qa_service.transcription.audio import decode, decode_sides

    if sha256 is None:
        raise InputRefused(f"通话 {call.call_id} 没有录音，无法解码。")
    settings = backend.settings
    folder = settings.data_dir / WORK_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # The token is part of the name: a worker that was replaced writes beside its successor, not over it.
    target = folder / f"{ticket.call_id}.{ticket.stage}.{ticket.token}.npy"
    raw = load_lines(settings.lines).of(call.recording).headerless
    max_seconds = settings.max_call_hours * 3600
    billed = call.billed_seconds
    path = recording_path(settings.data_dir, sha256)
    other = call.recording.other_side_sha256 if call.recording is not None else None
    if other is None:
        return decode(
            path, target, raw=raw, billed_seconds=billed, max_seconds=max_seconds, name=call.call_id, beat=beat
        )
    return decode_sides(
        path,
        recording_path(settings.data_dir, other),
        target,
        raw=raw,
        billed_seconds=billed,
        max_seconds=max_seconds,
        name=call.call_id,
        beat=beat,
    )


def _transcribe(backend: Backend, engines: Callable[[], Engines], ticket: Ticket, beat: Beat) -> Write:
    from qa_service.transcription.transcribe import transcribe

    call, sha256 = _call(backend, ticket)
    audio = _kept(backend, ticket) or _decoded(backend, ticket, call, sha256, beat)
    line = load_lines(backend.settings.lines).of(call.recording)
    transcript = transcribe(audio, engines(), channels=line.channels, beat=beat)

    speech_ms = past_call(call, transcript).debtor_speech_ms

    def write(session: Session) -> None:
        write_transcript(
            session,
            ticket.call_id,
            transcript,
            debtor_speech_ms=speech_ms,
            token=ticket.token,
            now=datetime.now(UTC),
        )

    return write


def _kept(backend: Backend, ticket: Ticket) -> DecodedAudio | None:
    from qa_service.transcription.audio import load_decoded

    with backend.read() as session:
        row = session.get(DecodedRow, ticket.call_id)
    try:
        return load_decoded(backend.settings.data_dir / row.path) if row is not None else None
    except RecordingRefused:
        # Cleared away or damaged: the recording itself is still there to be decoded again.
        return None


def _judge(backend: Backend, judge: Callable[[], Judge], ticket: Ticket, beat: Beat) -> Write:
    with backend.read() as session:
        material = read_material(session, ticket.call_id)
        decoded = session.get(DecodedRow, ticket.call_id)
    beat()
    judged = material.judged_by(judge())
    if decoded is not None:
        (backend.settings.data_dir / Path(decoded.path)).unlink(missing_ok=True)

    def write(session: Session) -> None:
        record_judgement(session, judged, judge().rulebook.scheme, token=ticket.token, now=datetime.now(UTC))

    return write


def _call(backend: Backend, ticket: Ticket) -> tuple[Call, str | None]:
    with backend.read() as session:
        row = session.get_one(CallRow, ticket.call_id)
        return parse_call(row.document), row.recording_sha256
