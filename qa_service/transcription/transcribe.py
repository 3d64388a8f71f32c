"""From samples to turns: each channel through detector and engine, then all of it in order of time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from qa_service.call import (
    ChannelLayout,
    ChannelQuality,
    HeardWord,
    Noise,
    Recording,
    Span,
    Speaker,
    Transcript,
    Voice,
)
from qa_service.errors import RecordingRefused
from qa_service.lines import load_lines
from qa_service.settings import Settings
from qa_service.transcription import suspect
from qa_service.transcription.audio import DecodedAudio, decode, decode_sides
from qa_service.transcription.clips import Clip, cut_to_window, pack, put_back, render
from qa_service.transcription.engine import Segment, SpeechEngine, Word, load_engine
from qa_service.transcription.leakage import with_crosstalk, without_echo
from qa_service.transcription.noises import find_noises, without_tones
from qa_service.transcription.quality import channel_quality
from qa_service.transcription.samples import no_beat
from qa_service.transcription.sound import ChannelSound, measure_channel, with_sound
from qa_service.transcription.speakers import tell_apart
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
    other_side: Path | None = None,
    billed_seconds: float | None = None,
    beat: Callable[[], None] | None = None,
) -> Transcript:
    """Decode and transcribe the file at ``path`` in one go; the engine is loaded where none is given.

    ``other_side`` is the customer's file of a call recorded one file per side; ``path`` is then the agent's.

    Raises:
        RecordingRefused: the file cannot be heard.
        InputRefused: the recording names a line that the house has not described.
        EngineUnavailable: there is no model to hear it with.
    """
    line = load_lines(settings.lines).of(recording)
    with tempfile.TemporaryDirectory(prefix="qa-audio-") as folder:
        decoding = partial(decode, path) if other_side is None else partial(decode_sides, path, other_side)
        audio = decoding(
            Path(folder) / "audio.npy",
            raw=line.headerless,
            billed_seconds=billed_seconds,
            max_seconds=settings.max_call_hours * 3600,
            max_bytes=settings.max_upload_mib * 1024**2,
            beat=beat,
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
    recording with one channel, whose speakers are guessed and marked doubtful, nor where each side is its own file.
    ``engines`` is one engine, or one for each speaker. ``beat`` is called between clips and at least once for each
    minute of audio.

    Raises:
        RecordingRefused: both channels are given to the same speaker.
    """
    listener = _Listener(audio, engines, partial(_sign, audio, beat or no_beat))
    sides = CHANNELS if audio.layout is ChannelLayout.SEPARATE_FILES else channels
    found = listener.mixed() if audio.channels == 1 else listener.apart(_speakers(sides))
    return Transcript(
        turns=with_sound(to_turns(found.heard), found.sound.channels),
        duration_ms=audio.duration_ms,
        engine=_fingerprint(engines),
        activity=MappingProxyType(dict(found.activity)),
        partial=audio.partial,
        layout=audio.layout,
        quality=found.sound.quality,
        noises=found.sound.noises,
        leak_db=MappingProxyType(dict(found.leak_db)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """What the channels are, whatever is said on them; the only channel of a mono recording goes by ``left``."""

    channels: Mapping[Voice, ChannelSound]
    noises: tuple[Noise, ...]
    quality: tuple[ChannelQuality, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was heard of a recording; ``activity`` and ``leak_db`` are empty where both speak on one channel."""

    heard: Sequence[Heard]
    sound: _Sound
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
        detected = self._detected()
        noises = self._noises(detected)
        left, right = (without_tones(own, found) for own, found in zip(detected, noises, strict=True))
        sides = without_echo(self._audio.samples, (left, right), self._beat)
        said = [
            [replace(one, voice=voice) for one in self._hear(channel, speaker, sides.probabilities[channel])]
            for channel, (speaker, voice) in enumerate(zip(speakers, _CHANNEL_VOICES, strict=True))
        ]
        activity = [spans(own, METRICS, self._audio.duration_ms) for own in sides.probabilities]
        leaks = zip(speakers, sides.leak_db, strict=True)
        return _Found(
            heard=with_crosstalk(sides, *said),
            sound=self._sound(detected, sides.probabilities, noises),
            activity=dict(zip(speakers, activity, strict=True)),
            leak_db={speaker: leak for speaker, leak in leaks if leak is not None},
        )

    def mixed(self) -> _Found:
        """Utterances where both speak on one channel: who does is a guess."""
        detected = self._detected()
        noises = self._noises(detected)
        probabilities = without_tones(detected[0], noises[0])
        heard = list(self._hear(0, Speaker.AGENT, probabilities))
        return _Found(
            heard=tell_apart(heard, self._audio.samples[0], probabilities),
            sound=self._sound(detected, [probabilities], noises),
        )

    def _detected(self) -> list[Probabilities]:
        """The detector's word on each channel."""
        return [frame_probabilities(samples, self._beat) for samples in self._audio.samples]

    def _noises(self, detected: Sequence[Probabilities]) -> list[tuple[Noise, ...]]:
        """The noises of each channel."""
        channels = zip(self._audio.samples, _CHANNEL_VOICES, detected, strict=False)  # mono has but the first
        return [find_noises(samples, voice, own, self._beat) for samples, voice, own in channels]

    def _sound(
        self, detected: Sequence[Probabilities], speech: Sequence[Probabilities], noises: Sequence[tuple[Noise, ...]]
    ) -> _Sound:
        """Levels, pitches and quality; ``detected`` is the detector's word, ``speech`` what was left of it."""
        channels: dict[Voice, ChannelSound] = {}
        quality: list[ChannelQuality] = []
        parts = zip(_CHANNEL_VOICES, self._audio.samples, detected, speech, strict=False)
        for voice, samples, heard, own in parts:
            channels[voice] = measure_channel(samples, own, self._beat)
            quality.append(channel_quality(samples, voice, channels[voice], heard, self._beat))
        return _Sound(channels=channels, noises=tuple(chain.from_iterable(noises)), quality=tuple(quality))

    def _hear(self, channel: int, speaker: Speaker, probabilities: Probabilities) -> Iterator[Heard]:
        engine = _engine_for(self._engines, speaker)
        speech = spans(probabilities, TURNS, self._audio.duration_ms)
        fitting = cut_to_window(speech, probabilities, engine.window_ms)
        for clip in pack(fitting, engine.window_ms, together=engine.packs):
            segments = engine.recognise(render(clip, self._audio.samples[channel]))
            yield from _utterances(clip, segments, speaker, probabilities, engine.prompt)
            self._beat()


def _utterances(
    clip: Clip, segments: Sequence[Segment], speaker: Speaker, probabilities: Probabilities, prompt: str | None
) -> Iterator[Heard]:
    """The utterances of a clip that have any words, each with the doubts about the segments these come from."""
    by_segment = zip(segments, suspect.of_segments(segments, prompt), strict=True)
    doubts = iter([doubt for segment, doubt in by_segment for _ in segment.words])
    spoken = [word for segment in segments for word in segment.words]
    for piece, said in zip(clip.pieces, put_back(clip, spoken), strict=True):
        inherited = [next(doubts) for _ in said]
        text, words = _placed(said)
        if text:
            probability = mean_probability(probabilities, piece.span)
            length_ms = piece.span.end_ms - piece.span.start_ms
            own = suspect.of_utterance(text, length_ms=length_ms, speech_probability=probability, prompt=prompt)
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
            probability=None if word.probability is None else round(word.probability, 3),
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


def _sign(audio: DecodedAudio, beat: Callable[[], None]) -> None:
    """A heartbeat, at which the memory of what has been heard is handed back as well."""
    audio.release()
    beat()
