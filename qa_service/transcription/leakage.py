"""What one channel hears of the other: echo on the line must not become words of the wrong speaker.

How loud the echo is, is estimated for each call: while one side speaks the other is mostly silent, so the median
difference in level over those frames is the echo (or, on a clean line, the noise floor, which gates nothing). It is an
echo only if the level also moves with the other side's. What the gate lets through is known by its words: the same
ones, at the same time, at a lower level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from qa_service.call import Span, Suspicion
from qa_service.transcription.samples import Beat, no_beat
from qa_service.transcription.turns import Heard
from qa_service.transcription.vad import FRAME_MS, FRAME_SAMPLES, TURNS, Probabilities

MARGIN_DB = 6.0
"""How far above the estimated echo a channel must be to count as speaking for itself."""

LOUDEST_DB = -9.0
"""An echo louder than this cannot be told from two people talking at once, and is not gated."""

FEWEST_FRAMES = 30
"""About a second of the other side's speech, below which nothing is estimated."""

ECHO_LIKENESS = 0.6
"""Correlation of the two levels from which on it is an echo: made ones reach 0.9, separate lines do not come near."""

QUIETEST_DB = -45.0
"""An echo quieter than this is nothing to tell of: a stereo codec leaves as much (Opus: -70 dB)."""

LOWER_DB = 3.0
SAME_WORDS = 0.7
FEWEST_CHARACTERS = 4
"""Repeated text is crosstalk if this much quieter than the other channel, with this share of its characters said there;
below this many characters all of them must be."""

_REACH = 4
"""Frames (130 ms) that an echo may lag behind."""

_BLOCK = 2000 * FRAME_SAMPLES
_WORD_SLACK_MS = 300
"""How far word times of the two channels may disagree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two channels of a call, each freed from the other's echo.

    ``probabilities`` are those of speech, 0 where a channel only carries the other; ``levels`` decibels for each frame;
    ``leak_db`` how loud the channel repeats the other one, relative to it, None where it does not or nothing can be
    said.
    """

    probabilities: tuple[Probabilities, Probabilities]
    levels: tuple[Probabilities, Probabilities]
    leak_db: tuple[float | None, float | None]


def without_echo(
    samples: NDArray[np.int16], probabilities: tuple[Probabilities, Probabilities], beat: Beat = no_beat
) -> Sides:
    """Clear both channels of each other's echo.

    ``samples`` is int16 of shape (2, samples); there is one probability for each 512 of them.
    """
    levels = _levels(samples[0], beat), _levels(samples[1], beat)
    first, second = probabilities
    return Sides(
        probabilities=(
            _gated(first, levels[0], second, levels[1]),
            _gated(second, levels[1], first, levels[0]),
        ),
        levels=levels,
        leak_db=(_leak(levels[0], second, levels[1]), _leak(levels[1], first, levels[0])),
    )


def with_crosstalk(sides: Sides, left: Sequence[Heard], right: Sequence[Heard]) -> list[Heard]:
    """The utterances of both channels, those marked that only repeat what the other channel says at the time."""
    marked = [_marked(one, right, sides.levels[0], sides.levels[1]) for one in left]
    return marked + [_marked(one, left, sides.levels[1], sides.levels[0]) for one in right]


def _marked(one: Heard, others: Sequence[Heard], own_db: Probabilities, other_db: Probabilities) -> Heard:
    quieter = _frames(other_db, one.span) - _frames(own_db, one.span)
    if not len(quieter) or float(np.median(quieter)) < LOWER_DB or not _repeats(one, others):
        return one
    return replace(one, suspicions=one.suspicions | {Suspicion.CROSSTALK})


def _repeats(one: Heard, others: Sequence[Heard]) -> bool:
    """Whether the other channel says the words of this one, in their order and at the time."""
    begin, end = one.span.start_ms - _WORD_SLACK_MS, one.span.end_ms + _WORD_SLACK_MS
    said = "".join(
        other.text[word.start : word.end]
        for other in others
        if other.span.start_ms < one.span.end_ms and one.span.start_ms < other.span.end_ms
        for word in other.words
        if begin <= word.start_ms and word.end_ms <= end
    )
    own = "".join(filter(str.isalnum, one.text))
    blocks = SequenceMatcher(None, own, said, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks if block.size > 1 or len(own) == 1)
    wanted = len(own) if len(own) < FEWEST_CHARACTERS else SAME_WORDS * len(own)
    return bool(own) and same >= wanted


def _frames(levels: Probabilities, span: Span) -> Probabilities:
    return levels[span.start_ms // FRAME_MS : -(-span.end_ms // FRAME_MS)]


def _gated(own: Probabilities, own_db: Probabilities, other: Probabilities, other_db: Probabilities) -> Probabilities:
    spoken = other >= TURNS.threshold
    if np.count_nonzero(spoken) < FEWEST_FRAMES:
        return own
    source_db = np.max([_later(other_db, lag) for lag in range(_REACH + 1)], axis=0)
    echo_db = float(np.median((own_db - source_db)[spoken]))
    if echo_db > LOUDEST_DB:
        return own
    return np.where(own_db < source_db + echo_db + MARGIN_DB, np.float32(0), own)


def _leak(own_db: Probabilities, other: Probabilities, other_db: Probabilities) -> float | None:
    """The level of the echo at the lag at which it is most like its source; frames in which both speak are left out."""
    spoken = other >= TURNS.threshold
    if np.count_nonzero(spoken) < FEWEST_FRAMES:
        return None
    best, leak = ECHO_LIKENESS, None
    for lag in range(_REACH + 1):
        own, source = own_db[spoken], _later(other_db, lag)[spoken]
        echo_db = np.median(own - source)
        alone = own - source < echo_db + MARGIN_DB
        likeness = _likeness(own[alone], source[alone])
        if likeness > best:
            best, leak = likeness, round(float(np.median((own - source)[alone])), 1)
    return None if leak is None or leak < QUIETEST_DB else leak


def _likeness(one: Probabilities, other: Probabilities) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if len(one) > 1 and np.ptp(one) and np.ptp(other) else 0.0


def _later(levels: Probabilities, lag: int) -> Probabilities:
    """The levels as they are ``lag`` frames later."""
    return np.concatenate([levels[:lag], levels[: len(levels) - lag]])


def _levels(channel: NDArray[np.int16], beat: Beat) -> Probabilities:
    """Decibels of each frame, the last one padded; digital silence is -20."""
    found = [np.empty(0, dtype=np.float32)]
    for start in range(0, len(channel), _BLOCK):
        block = channel[start : start + _BLOCK].astype(np.float32)
        frames = np.pad(block, (0, -len(block) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
        beat()
        found.append(10 * np.log10(np.square(frames).mean(axis=1) + np.float32(0.01)))
    return np.concatenate(found)
