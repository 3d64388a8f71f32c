"""Whether the recording itself is what the firm must be able to show."""

from __future__ import annotations

from qa_service.call import Call, Suspicion, Transcript
from qa_service.judgement import By, CallFact, CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.reading import Reading

SILENT = "录音中没有听到人声"
ALL_SUSPECT = "录音中有人说话，但没有可信的文字，无法判断，请收听。"
SPEECH_MS = 2000
"""Speech by the detector's word from which on a recording without trusted text is not called silent."""

_NO_VOICE = frozenset({Suspicion.NO_SPEECH, Suspicion.INVENTED_PHRASE, Suspicion.PROMPT_ECHO})
"""Doubts that say that the engine wrote by itself; a loop or crosstalk may well lie over somebody's words."""


def check_recording(
    call: Call, transcript: Transcript | None, rulebook: Rulebook, refused: str | None = None
) -> tuple[Finding, ...]:
    """A recording that is not there, cannot be heard (``refused`` says why), ends early, or holds no speech."""
    if transcript is None:
        return _absent(call, refused, rulebook)
    if transcript.partial:
        return found(rulebook, "recording.missing", CallFact(key="recording", text=transcript.partial), by=By.DATA)
    if nobody_speaks(transcript):
        return found(rulebook, "recording.no_speech", CallFact(key="recording", text=SILENT), by=By.DATA)
    return ()


def _absent(call: Call, refused: str | None, rulebook: Rulebook) -> tuple[Finding, ...]:
    """A call that was answered and left neither a recording to hear nor a transcript."""
    if call.turns or not call.connected or (call.recording is not None and refused is None):
        return ()
    lasted = f"，计费 {call.billed_seconds} 秒" if call.billed_seconds else ""
    why = f"收到的录音无法使用（{refused}）" if refused is not None else "没有收到录音"
    fact = CallFact(key="recording", text=f"话单显示已接通{lasted}，但{why}")
    return found(rulebook, "recording.missing", fact, by=By.DATA)


def channels(reading: Reading) -> tuple[CannotJudge, ...]:
    """Channels that may be the wrong way round: one act of a person settles it."""
    if reading.swapped is None:
        return ()
    return (CannotJudge(rule="recording.channels", because=reading.swapped),)


def nobody_speaks(transcript: Transcript) -> bool:
    """Whether no voice was heard: there is no text, or none but what engines write where nobody speaks."""
    spoken = sum(span.end_ms - span.start_ms for spans in transcript.activity.values() for span in spans)
    return spoken < SPEECH_MS and all(_NO_VOICE.intersection(turn.suspicions) for turn in transcript.turns)


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
