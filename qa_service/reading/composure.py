"""Who loses composure by the sound of it: each turn against the calm part of the same speaker's own call.

The calm part is the quieter half (by speech time) of a speaker's other turns. It was chosen over the first minute
because some are beside themselves from the first word on, and over the mean of the call because who shouts a quarter of
the time raises that. Who shouts for more than half of the call is not told by this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, pairwise
from statistics import fmean, median

from qa_service.call import SoundMoment, Speaker, Turn, TurnSound
from qa_service.lexicon.model import Limits

FEWEST_TURNS = 2
"""Other turns of a second or more that a speaker must have, or nothing is said of what is usual."""

SHORTEST_MS = 1000

LEAST_CALM_MS = 3000
"""Speech that the calm part must hold at least."""

NEIGHBOURS_MS = 8000
"""Seconds of speech count together, across turns too, unless more than this lies between them."""


Window = Sequence[tuple[int, SoundMoment]]
"""Neighbouring seconds of one speaker's speech, each with the number of its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """By how much a turn lies above its speaker's calm: dB, share of the pitch, share of the pace; None if by less."""

    level_db: float | None = None
    pitch: float | None = None
    pace: float | None = None
    strong: bool = False

    @property
    def signals(self) -> tuple[str, ...]:
        """What a person reads, loudest first."""
        parts = (
            None if self.level_db is None else f"音量比平时高 {self.level_db:.0f} dB",
            None if self.pitch is None else f"音高比平时高 {self.pitch:.0%}",
            None if self.pace is None else f"语速比平时快 {self.pace:.0%}",
        )
        return tuple(part for part in parts if part is not None)

    @property
    def alone(self) -> bool:
        """Whether the sound is worth showing without any word: two of the three, or one by half as much again."""
        return self.strong or len(self.signals) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """A speaker's usual way of speaking in this call: dB below full scale, Hz, characters a second."""

    level_db: float
    pitch_hz: float | None
    chars_per_second: float | None


def raised_turns(turns: Sequence[Turn], limits: Limits) -> Mapping[int, Raised]:
    """The turns that are louder, higher or faster than their speaker's calm by the profile's steps, by number.

    Empty where nothing was measured (imported text) or too little was said. Turns whose speaker or words are in doubt
    take no part.
    """
    found: dict[int, Raised] = {}
    for speaker in Speaker:
        own = {
            number: turn.sound
            for number, turn in enumerate(turns)
            if turn.speaker is speaker and turn.sound is not None and turn.trusted and not turn.speaker_doubtful
        }
        found.update(_raised(own, limits))
    return dict(sorted(found.items()))


def calm_of(sounds: Sequence[TurnSound]) -> Calm | None:
    """The calm of one speaker from how their turns sound; None where too little was said."""
    usable = sorted((s for s in sounds if s.speech_ms >= SHORTEST_MS and s.level_db is not None), key=_level)
    said = list(accumulate(sound.speech_ms for sound in usable))
    if len(usable) < FEWEST_TURNS or said[-1] < LEAST_CALM_MS:
        return None
    # Where the half is but a few words, the next turns belong to it: it takes so much to know a voice.
    half = [
        so_far <= said[-1] / 2 or so_far - s.speech_ms < LEAST_CALM_MS for so_far, s in zip(said, usable, strict=True)
    ]
    calm = list(compress(usable, half))
    speech_ms = sum(sound.speech_ms for sound in calm)
    pitches = [moment.pitch_hz for sound in calm for moment in sound.course if moment.pitch_hz is not None]
    paces = [(sound.chars_per_second, sound.speech_ms) for sound in calm if sound.chars_per_second]
    return Calm(
        level_db=sum(_level(sound) * sound.speech_ms for sound in calm) / speech_ms,
        pitch_hz=median(pitches) if pitches else None,
        chars_per_second=sum(pace * ms for pace, ms in paces) / sum(ms for _, ms in paces) if paces else None,
    )


def _raised(own: Mapping[int, TurnSound], limits: Limits) -> Iterator[tuple[int, Raised]]:
    windows: dict[int, list[Window]] = {number: [] for number in own}
    for window in _windows(own, round(limits.spike_seconds)):
        for number in {number for number, _ in window}:
            windows[number].append(window)
    for number, sound in own.items():
        # What is usual is told by the other turns: one that is only higher may well be among the quieter half.
        calm = calm_of([other for of, other in own.items() if of != number])
        if calm is None:
            continue
        level, pitch = _highest(number, windows[number], calm)
        raised = _beyond((level, pitch, _faster(sound, calm, limits)), limits)
        if raised.signals:
            yield number, raised


def _highest(number: int, windows: Sequence[Window], calm: Calm) -> tuple[float, float]:
    """The highest steps in level and pitch of the windows that a turn has part in."""
    level = pitch = 0.0
    for window in windows:
        # A calm turn beside a loud one is not loud for being its neighbour.
        whole = _above([moment for _, moment in window], calm)
        part = _above([moment for of, moment in window if of == number], calm)
        level, pitch = max(level, min(whole[0], part[0])), max(pitch, min(whole[1], part[1]))
    return level, pitch


def _above(moments: Sequence[SoundMoment], calm: Calm) -> tuple[float, float]:
    """How far some seconds lie above the calm: dB, and share of the pitch (0 where most have none)."""
    heard = [moment.pitch_hz for moment in moments if moment.pitch_hz is not None]
    pitch = median(heard) / calm.pitch_hz - 1 if calm.pitch_hz and len(heard) * 2 > len(moments) else 0.0
    return fmean(moment.level_db for moment in moments) - calm.level_db, pitch


def _beyond(steps: tuple[float, float, float], limits: Limits) -> Raised:
    """The steps that reach their limits."""
    wanted = (limits.spike_level_db, limits.spike_pitch_share, limits.spike_pace_share)
    level, pitch, pace = (step if step >= limit else None for step, limit in zip(steps, wanted, strict=True))
    # Pace alone is too changeable to be worth a look, however high.
    strong = any(step >= 1.5 * limit for step, limit in zip(steps[:2], wanted[:2], strict=True))
    return Raised(level_db=level, pitch=pitch, pace=pace, strong=strong)


def _faster(sound: TurnSound, calm: Calm, limits: Limits) -> float:
    """By which share of the calm pace a turn is faster; 0 for turns shorter than a spike."""
    long_enough = sound.speech_ms >= limits.spike_seconds * 1000
    if not long_enough or not calm.chars_per_second or sound.chars_per_second is None:
        return 0.0
    return sound.chars_per_second / calm.chars_per_second - 1


def _windows(own: Mapping[int, TurnSound], length: int) -> Iterator[Window]:
    """Every run of so many neighbouring seconds of one speaker's speech, each with the number of its turn."""
    moments = [(number, moment) for number, sound in own.items() for moment in sound.course]
    for first in range(len(moments) - length + 1):
        window = moments[first : first + length]
        if all(after.at_ms - before.at_ms <= NEIGHBOURS_MS for (_, before), (_, after) in pairwise(window)):
            yield window


def _level(sound: TurnSound) -> float:
    return sound.level_db if sound.level_db is not None else 0.0
