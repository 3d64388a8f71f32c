"""Whether the recording itself is what the firm must be able to show."""

from __future__ import annotations

from qa_service.call import Call, Suspicion, Transcript
from qa_service.judgement import By, CallFact, CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook

SILENT = "录音中没有听到人声"
ALL_SUSPECT = "听到的话全部识别存疑，无法判断，请收听。"
_NO_VOICE = frozenset({Suspicion.NO_SPEECH, Suspicion.INVENTED_PHRASE, Suspicion.PROMPT_ECHO})
"""Doubts that say that the engine wrote by itself; a loop or crosstalk may well lie over somebody's words."""


def check_recording(transcript: Transcript | None, rulebook: Rulebook) -> tuple[Finding, ...]:
    """A recording that ends early or holds no speech."""
    if transcript is None:
        return ()
    if transcript.partial:
        return found(rulebook, "recording.missing", CallFact(key="recording", text=transcript.partial), by=By.DATA)
    if nobody_speaks(transcript):
        return found(rulebook, "recording.no_speech", CallFact(key="recording", text=SILENT), by=By.DATA)
    return ()


def nobody_speaks(transcript: Transcript) -> bool:
    """Whether no voice was heard: there is no text, or none but what engines write where nobody speaks."""
    return all(_NO_VOICE.intersection(turn.suspicions) for turn in transcript.turns)


def unheard(call: Call, transcript: Transcript | None) -> tuple[CannotJudge, ...]:
    """What follows for the verdict on the words where nothing, or not everything, was heard."""
    if transcript is not None and nobody_speaks(transcript):
        return (CannotJudge(rule="recording.no_speech", because=f"{SILENT}，请收听。"),)
    if transcript is not None and not any(turn.trusted for turn in transcript.turns):
        return (CannotJudge(rule="recording.no_speech", because=ALL_SUSPECT),)
    if not call.turns and transcript is None:
        return (
            CannotJudge(rule="recording.missing", because="没有录音也没有文字，无法判断通话内容。", needs_person=False),
        )
    return ()
