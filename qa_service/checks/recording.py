"""Whether the recording itself is what the firm must be able to show."""

from __future__ import annotations

from qa_service.call import Call, Transcript
from qa_service.judgement import By, CallFact, CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook

SILENT = "录音中没有听到人声"


def check_recording(transcript: Transcript | None, rulebook: Rulebook) -> tuple[Finding, ...]:
    """A recording that ends early or holds no speech."""
    if transcript is None:
        return ()
    if transcript.partial:
        return found(rulebook, "recording.missing", CallFact(key="recording", text=transcript.partial), by=By.DATA)
    if not transcript.turns:
        return found(rulebook, "recording.no_speech", CallFact(key="recording", text=SILENT), by=By.DATA)
    return ()


def unheard(call: Call, transcript: Transcript | None) -> tuple[CannotJudge, ...]:
    """What follows for the verdict on the words where nothing, or not everything, was heard."""
    if transcript is not None and not transcript.turns:
        return (CannotJudge(rule="recording.no_speech", because=f"{SILENT}，请收听。"),)
    if not call.turns and transcript is None:
        return (
            CannotJudge(rule="recording.missing", because="没有录音也没有文字，无法判断通话内容。", needs_person=False),
        )
    return ()
