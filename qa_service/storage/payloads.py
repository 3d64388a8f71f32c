"""The documents kept in JSON columns: transcripts and judgements, to and from the service's own types.

Names and units are those of the dataclasses (integer milliseconds, money as text, ISO dates), so that nothing is lost
on the way; the wire format for people and other systems is another matter (``docs/contract.md``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from qa_service.call import Transcript
from qa_service.judgement import Judged, Reason
from qa_service.past import Remembered

_TRANSCRIPT = TypeAdapter(Transcript)
_JUDGED = TypeAdapter(Judged)
_REMEMBERED = TypeAdapter(Remembered)
_REASONS = TypeAdapter(tuple[Reason, ...])


def transcript_document(transcript: Transcript) -> dict[str, Any]:
    """The JSON object of a transcript."""
    # The serialiser takes no read-only mapping.
    plain = replace(transcript, activity=dict(transcript.activity), leak_db=dict(transcript.leak_db))
    return dict(_TRANSCRIPT.dump_python(plain, mode="json"))


def read_transcript(document: Mapping[str, Any]) -> Transcript:
    """The transcript of a document that ``transcript_document`` made."""
    return _TRANSCRIPT.validate_python(document)


def judged_document(judged: Judged) -> dict[str, Any]:
    """The JSON object of a judgement: ``analysis``, ``scorecard``, ``triage``."""
    return dict(_JUDGED.dump_python(judged, mode="json"))


def read_judged(document: Mapping[str, Any]) -> Judged:
    """The judgement of a document that ``judged_document`` made."""
    return _JUDGED.validate_python(document)


def read_remembered(document: Mapping[str, Any] | None) -> Remembered:
    """What a judgement keeps for later calls, from that part of its document; nothing where it is from before."""
    return Remembered() if document is None else _REMEMBERED.validate_python(document)


def reasons_document(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """The JSON list of a review item's reasons."""
    return list(_REASONS.dump_python(reasons, mode="json"))


def read_reasons(document: list[dict[str, Any]]) -> tuple[Reason, ...]:
    """The reasons of a list that ``reasons_document`` made."""
    return _REASONS.validate_python(document)
