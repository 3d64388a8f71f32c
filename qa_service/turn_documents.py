"""The wire format of a turn, to and from ``Turn``; times are seconds in JSON and milliseconds in code."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from qa_service.call import HeardWord, SoundMoment, Speaker, Suspicion, Turn, TurnSound, Voice

MAX_CALL_SECONDS = 24 * 3600


class Document(BaseModel):
    """An object of the wire format: unknown keys are allowed, for they are kept or named, never a reason to refuse."""

    model_config = ConfigDict(frozen=True, extra="allow")


class WordDocument(Document):
    """One word of a turn: its characters ``[first, last)``, ``start`` and ``end`` in seconds from the call's start."""

    chars: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
    start: float = Field(ge=0, le=MAX_CALL_SECONDS)
    end: float = Field(ge=0, le=MAX_CALL_SECONDS)
    probability: float | None = Field(default=None, ge=0, le=1)

    def to_word(self) -> HeardWord:
        """The word in milliseconds; ends before the start are drawn to it."""
        first, last = self.chars
        start_ms = round(self.start * 1000)
        return HeardWord(
            start=first,
            end=max(first, last),
            start_ms=start_ms,
            end_ms=max(start_ms, round(self.end * 1000)),
            probability=self.probability,
        )


class MomentDocument(Document):
    """One second of speech that begins ``at`` seconds from the call's start; see ``call.SoundMoment``."""

    at: float = Field(ge=0, le=MAX_CALL_SECONDS)
    level_db: float = Field(le=0, ge=-200)
    pitch_hz: float | None = Field(default=None, ge=0, le=4000)

    def to_moment(self) -> SoundMoment:
        """The same in the service's own type."""
        return SoundMoment(at_ms=round(self.at * 1000), level_db=self.level_db, pitch_hz=self.pitch_hz)


class SoundDocument(Document):
    """How a turn sounds; see ``call.TurnSound``. ``speech`` is in seconds."""

    level_db: float | None = Field(default=None, le=0, ge=-200)
    pitch_hz: float | None = Field(default=None, ge=0, le=4000)
    chars_per_second: float | None = Field(default=None, ge=0, le=1000)
    speech: float = Field(default=0, ge=0, le=MAX_CALL_SECONDS)
    course: tuple[MomentDocument, ...] = Field(default=(), max_length=20_000)

    def to_sound(self) -> TurnSound:
        """The same in the service's own type."""
        return TurnSound(
            level_db=self.level_db,
            pitch_hz=self.pitch_hz,
            chars_per_second=self.chars_per_second,
            speech_ms=round(self.speech * 1000),
            course=tuple(moment.to_moment() for moment in self.course),
        )


class TurnDocument(Document):
    """One turn; ``start`` and ``end`` in seconds from the call's start."""

    speaker: Speaker
    start: float = Field(ge=0, le=MAX_CALL_SECONDS)
    end: float = Field(ge=0, le=MAX_CALL_SECONDS)
    text: str
    confidence: float | None = Field(default=None, ge=0, le=1)
    suspicions: tuple[Suspicion, ...] = ()
    speaker_doubtful: bool = False
    speaker_confidence: float | None = Field(default=None, ge=0, le=1)
    voice: Voice | None = None
    words: tuple[WordDocument, ...] = Field(default=(), max_length=20_000)
    sound: SoundDocument | None = None

    def to_turn(self) -> Turn:
        """The turn in milliseconds; an end before the start is drawn to it, words outside the text are left out."""
        start_ms, end_ms = round(self.start * 1000), round(self.end * 1000)
        return Turn(
            speaker=self.speaker,
            start_ms=start_ms,
            end_ms=max(start_ms, end_ms),
            text=self.text,
            confidence=self.confidence,
            suspicions=self.suspicions,
            speaker_doubtful=self.speaker_doubtful,
            speaker_confidence=self.speaker_confidence,
            voice=self.voice,
            words=tuple(word.to_word() for word in self.words if word.chars[1] <= len(self.text)),
            sound=self.sound.to_sound() if self.sound is not None else None,
        )


def turn_document(turn: Turn) -> dict[str, Any]:
    """The JSON object of a turn, times in seconds; what was not heard (words, sound, voice) is left out."""
    document: dict[str, Any] = {
        "speaker": turn.speaker.value,
        "start": turn.start_ms / 1000,
        "end": turn.end_ms / 1000,
        "text": turn.text,
        "confidence": turn.confidence,
        "suspicions": [s.value for s in turn.suspicions],
        "speaker_doubtful": turn.speaker_doubtful,
    }
    if turn.speaker_confidence is not None:
        document["speaker_confidence"] = turn.speaker_confidence
    if turn.voice is not None:
        document["voice"] = turn.voice.value
    if turn.words:
        document["words"] = [_word_document(word) for word in turn.words]
    if turn.sound is not None:
        document["sound"] = _sound_document(turn.sound)
    return document


def _sound_document(sound: TurnSound) -> dict[str, Any]:
    document: dict[str, Any] = {
        "level_db": sound.level_db,
        "pitch_hz": sound.pitch_hz,
        "chars_per_second": sound.chars_per_second,
        "speech": sound.speech_ms / 1000 if sound.speech_ms else None,
        "course": [
            {"at": moment.at_ms / 1000, "level_db": moment.level_db, "pitch_hz": moment.pitch_hz}
            for moment in sound.course
        ],
    }
    return {key: value for key, value in document.items() if value not in (None, [])}


def _word_document(word: HeardWord) -> dict[str, Any]:
    return {
        "chars": [word.start, word.end],
        "start": word.start_ms / 1000,
        "end": word.end_ms / 1000,
        "probability": word.probability,
    }
