"""What a stored call is judged from: its data, what was heard of it, who speaks, and what came before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from qa_service.call import Call, Transcript
from qa_service.documents import parse_call
from qa_service.judgement import Judged
from qa_service.past import PastCall
from qa_service.pipeline import Judge
from qa_service.reading.voices import VoiceRoles
from qa_service.storage.calls import last_refusal
from qa_service.storage.history import past_calls
from qa_service.storage.payloads import read_transcript
from qa_service.storage.tables import CallRow, TranscriptRow
from qa_service.storage.voices import voice_roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that the judgement of one call depends on but the rules; as the arguments of ``Judge.judge``."""

    call: Call
    transcript: Transcript | None
    history: tuple[PastCall, ...]
    roles: VoiceRoles
    refused: str | None = None

    def judged_by(self, judge: Judge) -> Judged:
        """The judgement by these rules."""
        return judge.judge(
            self.call, history=self.history, transcript=self.transcript, roles=self.roles, refused=self.refused
        )


def read_material(session: Session, call_id: str) -> Material:
    """The material of a call that is there; ``NoResultFound`` for any other (a programming error)."""
    row = session.get_one(CallRow, call_id)
    kept = session.get(TranscriptRow, call_id)
    call = parse_call(row.document)
    return Material(
        call=call,
        transcript=_as_billed(call, read_transcript(kept.document)) if kept is not None else None,
        history=past_calls(session, row),
        roles=voice_roles(session, call_id),
        refused=last_refusal(session, call_id) if kept is None else None,
    )


def _as_billed(call: Call, transcript: Transcript) -> Transcript:
    """The transcript, partial where the billing that came after the recording tells of a longer call."""
    from qa_service.transcription.completeness import why_partial

    heard = transcript.duration_ms / 1000
    reason = why_partial(heard=heard, announced=None, billed=call.billed_seconds, damaged=0, broken_off=False)
    return transcript if transcript.partial or not reason else replace(transcript, partial=reason)
