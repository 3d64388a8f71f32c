"""Rows of what people said of the voices of a call."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_service.reading.voices import NO_ROLES, VoiceRoles, roles_from
from qa_service.storage.tables import VoiceRoleRow


def last_word(session: Session, call_id: str) -> VoiceRoleRow | None:
    """Who said last who speaks, None where nobody has."""
    query = select(VoiceRoleRow).where(VoiceRoleRow.call_id == call_id).order_by(VoiceRoleRow.id.desc()).limit(1)
    return session.scalar(query)


def voice_roles(session: Session, call_id: str) -> VoiceRoles:
    """Who each voice of the call is by a person's word, empty where nobody has said."""
    word = last_word(session, call_id)
    return NO_ROLES if word is None else roles_from(word.voice, word.speaker)
