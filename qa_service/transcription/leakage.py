"""What one channel hears of the other: echo on the line must not become words of the wrong speaker.

How loud the echo is, is estimated for each call: while one side speaks the other is mostly silent, so the median
difference in level over those frames is the echo (or, on a clean line, the noise floor, which gates nothing).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qa_service.transcription.vad import FRAME_SAMPLES, TURNS, Probabilities

MARGIN_DB = 6.0
"""How far above the estimated echo a channel must be to count as speaking for itself."""

LOUDEST_DB = -9.0
"""An echo louder than this cannot be told from two people talking at once, and is not gated."""

FEWEST_FRAMES = 30
"""About a second of the other side's speech, below which nothing is estimated."""

_REACH = 4
"""Frames (130 ms) that an echo may lag behind."""

_BLOCK = 2000 * FRAME_SAMPLES


def without_echo(
    samples: NDArray[np.int16], probabilities: tuple[Probabilities, Probabilities]
) -> tuple[Probabilities, Probabilities]:
    """The speech probabilities of both channels, 0 where a channel only carries the other's echo.

    ``samples`` is int16 of shape (2, samples); there is one probability for each 512 of them.
    """
    levels = _levels(samples[0]), _levels(samples[1])
    first, second = probabilities
    return _gated(first, levels[0], second, levels[1]), _gated(second, levels[1], first, levels[0])


def _gated(own: Probabilities, own_db: Probabilities, other: Probabilities, other_db: Probabilities) -> Probabilities:
    spoken = other >= TURNS.threshold
    if np.count_nonzero(spoken) < FEWEST_FRAMES:
        return own
    source_db = other_db.copy()
    for lag in range(1, _REACH + 1):
        source_db[lag:] = np.maximum(source_db[lag:], other_db[:-lag])
    echo_db = float(np.median((own_db - source_db)[spoken]))
    if echo_db > LOUDEST_DB:
        return own
    return np.where(own_db < source_db + echo_db + MARGIN_DB, np.float32(0), own)


def _levels(channel: NDArray[np.int16]) -> Probabilities:
    """Decibels of each frame, the last one padded; digital silence is -20."""
    found = [np.empty(0, dtype=np.float32)]
    for start in range(0, len(channel), _BLOCK):
        block = channel[start : start + _BLOCK].astype(np.float32)
        frames = np.pad(block, (0, -len(block) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
        found.append(10 * np.log10(np.square(frames).mean(axis=1) + np.float32(0.01)))
    return np.concatenate(found)
