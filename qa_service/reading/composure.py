"""Who loses composure by the sound of it: each turn against the calm part of the same speaker's own call.

The calm part is the quieter half (by speech time) of a speaker's turns. It was chosen over the first minute because
some are beside themselves from the first word on, and over the mean of the call because who shouts a quarter of the
time raises that. Who shouts for more than half of the call is not told by this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import fmean, median

from qa_service.call import SoundMoment, Speaker, Turn, TurnSound
from qa_service.lexicon.model import Limits

FEWEST_TURNS = 3
"""Turns of a second or more that a speaker must have, or nothing is said of what is usual."""

SHORTEST_MS = 1000

LEAST_CALM_MS = 3000
"""Speech that the calm part must hold at least."""

NEIGHBOURS_MS = 8000
"""Seconds of speech count together, across turns too, unless more than this lies between them."""


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
        own = [
            (number, turn.sound)
            for number, turn in enumerate(turns)
            if turn.speaker is speaker and turn.sound is not None and turn.trusted and not turn.speaker_doubtful
        ]
        calm = calm_of([sound for _, sound in own])
        if calm is not None:
            found.update(_raised(own, calm, limits))
    return dict(sorted(found.items()))


def calm_of(sounds: Sequence[TurnSound]) -> Calm | None:
    """The calm of one speaker from how all their turns sound; None where too little was said."""
    usable = sorted((s for s in sounds if s.speech_ms >= SHORTEST_MS and s.level_db is not None), key=_level)
    if len(usable) < FEWEST_TURNS:
        return None
    half = sum(sound.speech_ms for sound in usable) / 2
    said = list(accumulate(sound.speech_ms for sound in usable))
    calm = [sound for sound, so_far in zip(usable, said, strict=True) if so_far <= half] or usable[:1]
    said_calmly = sum(sound.speech_ms for sound in calm)
    if said_calmly < LEAST_CALM_MS:
        return None
    pitches = [moment.pitch_hz for sound in calm for moment in sound.course if moment.pitch_hz is not None]
    paces = [(sound.chars_per_second, sound.speech_ms) for sound in calm if sound.chars_per_second]
    return Calm(
        level_db=sum(_level(sound) * sound.speech_ms for sound in calm) / said_calmly,
        pitch_hz=median(pitches) if pitches else None,
        chars_per_second=sum(pace * ms for pace, ms in paces) / sum(ms for _, ms in paces) if paces else None,
    )


def _raised(own: Sequence[tuple[int, TurnSound]], calm: Calm, limits: Limits) -> Iterator[tuple[int, Raised]]:
    levels, pitches = dict[int, float](), dict[int, float]()
    for window in _windows(own, round(limits.spike_seconds)):
        level, pitch = _above([moment for _, moment in window], calm)
        for number in {number for number, _ in window}:
            # A calm turn beside a loud one is not loud for being its neighbour.
            here = _above([moment for of, moment in window if of == number], calm)
            levels[number] = max(levels.get(number, 0.0), min(level, here[0]))
            pitches[number] = max(pitches.get(number, 0.0), min(pitch, here[1]))
    for number, sound in own:
        steps = (levels.get(number, 0.0), pitches.get(number, 0.0), _faster(sound, calm, limits))
        raised = _beyond(steps, limits)
        if raised.signals:
            yield number, raised


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


def _windows(own: Sequence[tuple[int, TurnSound]], length: int) -> Iterator[list[tuple[int, SoundMoment]]]:
    """Every run of so many neighbouring seconds of one speaker's speech, each with the number of its turn."""
    moments = [(number, moment) for number, sound in own for moment in sound.course]
    for first in range(len(moments) - length + 1):
        window = moments[first : first + length]
        if all(after.at_ms - before.at_ms <= NEIGHBOURS_MS for (_, before), (_, after) in pairwise(window)):
            yield window


def _level(sound: TurnSound) -> float:
    return sound.level_db if sound.level_db is not None else 0.0
