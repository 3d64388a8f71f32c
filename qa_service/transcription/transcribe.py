"""From samples to turns: each channel through detector and engine, then all of it in order of time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from qa_service.call import HeardWord, Recording, Span, Speaker, Transcript, Voice
from qa_service.errors import RecordingRefused
from qa_service.lines import load_lines
from qa_service.settings import Settings
from qa_service.transcription import suspect
from qa_service.transcription.audio import DecodedAudio, decode
from qa_service.transcription.clips import Clip, cut_to_window, pack, put_back, render
from qa_service.transcription.engine import Segment, SpeechEngine, Word, load_engine
from qa_service.transcription.leakage import with_crosstalk, without_echo
from qa_service.transcription.roles import guess_speakers
from qa_service.transcription.turns import Heard, to_turns
from qa_service.transcription.vad import METRICS, TURNS, Probabilities, frame_probabilities, mean_probability, spans
from qa_service.transcription.wording import clean_words

CHANNELS: Mapping[str, Speaker] = MappingProxyType({"left": Speaker.AGENT, "right": Speaker.CUSTOMER})
"""Who is on which channel where the call data does not say."""

_CHANNEL_VOICES = (Voice.LEFT, Voice.RIGHT)

Engines = SpeechEngine | Mapping[Speaker, SpeechEngine]


def transcribe_recording(
    path: Path,
    recording: Recording | None,
    settings: Settings,
    engine: Engines | None = None,
    *,
    billed_seconds: float | None = None,
    beat: Callable[[], None] | None = None,
) -> Transcript:
    """Decode and transcribe the file at ``path`` in one go; the engine is loaded where none is given.

    Raises:
        RecordingRefused: the file cannot be heard.
        InputRefused: the recording names a line that the house has not described.
        EngineUnavailable: there is no model to hear it with.
    """
    line = load_lines(settings.lines).of(recording)
    with tempfile.TemporaryDirectory(prefix="qa-audio-") as folder:
        audio = decode(
            path,
            Path(folder) / "audio.npy",
            billed_seconds=billed_seconds,
            max_bytes=settings.max_upload_mib * 1024**2,
        )
        return transcribe(audio, engine or load_engine(settings), channels=line.channels, beat=beat)


def transcribe(
    audio: DecodedAudio,
    engines: Engines,
    *,
    channels: Mapping[str, Speaker] = CHANNELS,
    beat: Callable[[], None] | None = None,
) -> Transcript:
    """Recognise a decoded recording.

    ``channels`` maps ``left`` and ``right`` to a speaker (one of them, or nothing, is enough); it is not read for a
    recording with one channel, whose speakers are guessed and marked doubtful. ``engines`` is one engine, or one for
    each speaker. ``beat`` is called between clips and at least once for each minute of audio.

    Raises:
        RecordingRefused: both channels are given to the same speaker.
    """
    listener = _Listener(audio, engines, beat or _silent)
    found = listener.mixed() if audio.channels == 1 else listener.apart(_speakers(channels))
    return Transcript(
        turns=to_turns(found.heard),
        duration_ms=audio.duration_ms,
        engine=_fingerprint(engines),
        activity=MappingProxyType(dict(found.activity)),
        partial=audio.partial,
        leak_db=MappingProxyType(dict(found.leak_db)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was heard of a recording; ``activity`` and ``leak_db`` are empty where both speak on one channel."""

    heard: Sequence[Heard]
    activity: Mapping[Speaker, tuple[Span, ...]] = field(default_factory=dict)
    leak_db: Mapping[Speaker, float] = field(default_factory=dict)


class _Listener:
    """The two ways through a recording: each speaker on a channel, or both mixed on one."""

    def __init__(self, audio: DecodedAudio, engines: Engines, beat: Callable[[], None]) -> None:
        self._audio = audio
        self._engines = engines
        self._beat = beat

    def apart(self, speakers: Sequence[Speaker]) -> _Found:
        """Utterances and speech activity where each channel is a speaker."""
        left, right = (frame_probabilities(samples, self._beat) for samples in self._audio.samples)
        sides = without_echo(self._audio.samples, (left, right))
        said = [
            [replace(one, voice=voice) for one in self._hear(channel, speaker, sides.probabilities[channel])]
            for channel, (speaker, voice) in enumerate(zip(speakers, _CHANNEL_VOICES, strict=True))
        ]
        activity = [spans(own, METRICS, self._audio.duration_ms) for own in sides.probabilities]
        leaks = zip(speakers, sides.leak_db, strict=True)
        return _Found(
            heard=with_crosstalk(sides, *said),
            activity=dict(zip(speakers, activity, strict=True)),
            leak_db={speaker: leak for speaker, leak in leaks if leak is not None},
        )

    def mixed(self) -> _Found:
        """Utterances where both speak on one channel: who does is a guess."""
        probabilities = frame_probabilities(self._audio.samples[0], self._beat)
        heard = list(self._hear(0, Speaker.AGENT, probabilities))
        speakers = guess_speakers([(one.span, one.text) for one in heard])
        guesses = zip(heard, speakers, strict=True)
        return _Found(heard=[replace(one, speaker=speaker, speaker_doubtful=True) for one, speaker in guesses])

    def _hear(self, channel: int, speaker: Speaker, probabilities: Probabilities) -> Iterator[Heard]:
        engine = _engine_for(self._engines, speaker)
        speech = spans(probabilities, TURNS, self._audio.duration_ms)
        fitting = cut_to_window(speech, probabilities, engine.window_ms)
        for clip in pack(fitting, engine.window_ms, together=engine.packs):
            segments = engine.recognise(render(clip, self._audio.samples[channel]))
            yield from _utterances(clip, segments, speaker, probabilities)
            self._beat()


def _utterances(
    clip: Clip, segments: Sequence[Segment], speaker: Speaker, probabilities: Probabilities
) -> Iterator[Heard]:
    """The utterances of a clip that have any words, each with the doubts about the segments these come from."""
    doubts = iter([doubt for segment in segments for doubt in [suspect.of_segment(segment)] * len(segment.words)])
    spoken = [word for segment in segments for word in segment.words]
    for piece, said in zip(clip.pieces, put_back(clip, spoken), strict=True):
        inherited = [next(doubts) for _ in said]
        text, words = _placed(said)
        if text:
            probability = mean_probability(probabilities, piece.span)
            length_ms = piece.span.end_ms - piece.span.start_ms
            own = suspect.of_utterance(text, length_ms=length_ms, speech_probability=probability)
            yield Heard(
                speaker=speaker,
                span=piece.span,
                text=text,
                words=words,
                suspicions=own.union(*inherited),
            )


def _placed(said: Sequence[Word]) -> tuple[str, tuple[HeardWord, ...]]:
    """The clean text of an utterance and where in it each word lies; words that come to nothing are left out."""
    text, places = clean_words([word.text for word in said])
    return text, tuple(
        HeardWord(
            start=start,
            end=end,
            start_ms=word.start_ms,
            end_ms=word.end_ms,
            probability=round(word.probability, 3),
        )
        for word, (start, end) in zip(said, places, strict=True)
        if end > start
    )


def _speakers(channels: Mapping[str, Speaker]) -> tuple[Speaker, Speaker]:
    """Who is on the left and on the right channel; what is not said follows from the other, or from the usual."""
    left, right = channels.get("left"), channels.get("right")
    if left is not None and left is right:
        raise RecordingRefused(f"左右声道不能都是{left.label}，请改正通话数据 recording.channels。")
    if left is None and right is None:
        left = CHANNELS["left"]
    if left is None:
        left = Speaker.CUSTOMER if right is Speaker.AGENT else Speaker.AGENT
    return left, Speaker.CUSTOMER if left is Speaker.AGENT else Speaker.AGENT


def _engine_for(engines: Engines, speaker: Speaker) -> SpeechEngine:
    return engines[speaker] if isinstance(engines, Mapping) else engines


def _fingerprint(engines: Engines) -> str:
    if not isinstance(engines, Mapping):
        return engines.fingerprint
    return "+".join(dict.fromkeys(engines[speaker].fingerprint for speaker in Speaker if speaker in engines))


def _silent() -> None:
    """The heartbeat of a caller who needs none."""
