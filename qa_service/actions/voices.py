"""A person's word on who speaks in a call: kept, journalled, and the call judged again by it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_service.access import Action, Actor
from qa_service.actions.backend import Backend
from qa_service.actions.queries import visible_call
from qa_service.call import Call, Speaker, Transcript, Voice
from qa_service.documents import parse_call
from qa_service.errors import Conflict, InputRefused
from qa_service.pipeline import past_call
from qa_service.reading.voices import roles_from, voices_of, with_roles
from qa_service.states import CallState, Stage
from qa_service.storage import tasks
from qa_service.storage.calls import move_call
from qa_service.storage.payloads import read_transcript
from qa_service.storage.tables import AccessLogRow, CallRow, TranscriptRow, VoiceRoleRow
from qa_service.storage.voices import voice_roles

logger = logging.getLogger(__name__)

_JUDGEABLE = frozenset({CallState.JUDGED, CallState.JUDGING})


def set_voice_role(backend: Backend, actor: Actor, call_id: str, voice: Voice, speaker: Speaker) -> bool:
    """Say for the whole call who ``voice`` is, and so who the other voice is; the call is then judged again.

    Saying what was said last changes nothing. Returns whether anything changed.

    Raises:
        NotAllowed: the actor's roles do not include it.
        NotFound: there is no such call, or the actor may not see it.
        Conflict: the call is not judged yet, and not being judged.
        InputRefused: the call has no such voice.
    """
    actor.require(Action.CALL_VOICES)
    now = datetime.now(UTC)
    with backend.write() as session:
        tasks.lock_tasks(session, call_id)
        row = visible_call(session, actor, call_id)
        session.refresh(row, with_for_update=True)
        call, transcript = _heard(session, row)
        _require_voice(row, voice, call, transcript)
        roles = roles_from(voice, speaker)
        if voice_roles(session, call_id) == roles:
            return False
        session.add(VoiceRoleRow(call_id=call_id, voice=voice, speaker=speaker, actor=actor.name, at=now))
        session.add(
            AccessLogRow(at=now, actor=actor.name, action=Action.CALL_VOICES.value, call_id=call_id, granted=True)
        )
        row.debtor_speech_ms = past_call(*with_roles(call, transcript, roles)).debtor_speech_ms
        if row.state is CallState.JUDGED:
            move_call(session, call_id, CallState.JUDGING, at=now, actor=actor.name)
        # A judgement under way has read the roles as they were: with the new token its result is thrown away.
        tasks.hand_out(session, call_id, Stage.JUDGE, now=now)
    logger.info("assigned call=%s voice=%s speaker=%s", call_id, voice, speaker)
    return True


def _heard(session: Session, row: CallRow) -> tuple[Call, Transcript | None]:
    kept = session.scalar(select(TranscriptRow).where(TranscriptRow.call_id == row.call_id))
    return parse_call(row.document), read_transcript(kept.document) if kept is not None else None


def _require_voice(row: CallRow, voice: Voice, call: Call, transcript: Transcript | None) -> None:
    if row.state not in _JUDGEABLE:
        raise Conflict(f"通话 {row.call_id} 处于“{row.state.label}”，质检之后才能指定说话人。")
    known = voices_of(call, transcript)
    if voice not in known:
        names = "、".join(f"{each.value}（{each.label}）" for each in known) or "无"
        raise InputRefused(f"通话 {row.call_id} 没有{voice.label}（{voice.value}）；可以指定的：{names}。")
