"""Music told from speech: notes are held, voices glide.

In every spectrum the frequencies that stand out of their surroundings are marked; where notes are held the same ones
are marked for long, so that a stretch of music shows a few frequencies marked most of the time (the "continuous
frequency activation" of Seyerlehner, Pohle, Schedl and Widmer, 2007). Where the detector hears a voice most of the time
nothing is called music: a song with singing, or talk over music, counts as speech.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_service.call import Span
from qa_service.transcription.spectrum import STEP_MS, Floats

STEPS = 39
"""Spectra counted together: 1.25 s; a stretch is judged by two of these."""

STANDS_OUT_DB = 3.0
"""So much above the mean of its surroundings (160 Hz to each side) a frequency is marked."""

HELD = 3.0
"""Sum of the five best held frequencies (0 to 5) from which on a stretch is music.

Median of five pieces of real hold music 3.1 to 4.5, of the demo calls' two synthetic (and so very even) voices 1.2 to
1.9.
"""

STILL_HELD = 2.5
"""Music that has begun goes on down to this."""

SPOKEN = 0.5
"""Share of a stretch in which the detector fires, from which on it is speech whatever else sounds."""

SHORTEST_MS = 5000
"""Shorter music is not told: a held vowel or a jingle."""

AUDIBLE = 1e-5
"""Mean power (share of full scale squared, -50 dB) below which a stretch is no music."""

HUM = 0.7
"""A frequency marked in more than this share of the whole channel is hum of the line, and no note."""

_FIRST_BIN, _LAST_BIN = 6, 220
_AROUND = 10
_NEAR = 4
_BEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Of each 1.25 s: how often each frequency was marked, shape (stretches, frequencies), and the mean power."""

    shares: Floats
    power: Floats


def marked(spectra: Floats) -> Marked:
    """Mark one block of spectra; what is left over at its end is not counted."""
    whole = len(spectra) // STEPS * STEPS
    power = spectra[:whole, _FIRST_BIN:_LAST_BIN]
    level = 10 * np.log10(power + np.float32(1e-12))
    padded = np.pad(level, ((0, 0), (_AROUND + 1, _AROUND)), mode="edge")
    sums = np.cumsum(padded, axis=1, dtype=np.float32)
    around = (sums[:, 2 * _AROUND + 1 :] - sums[:, : -2 * _AROUND - 1]) / (2 * _AROUND + 1)
    out = (level - around > STANDS_OUT_DB).reshape(-1, STEPS, power.shape[1])
    return Marked(shares=out.mean(axis=1, dtype=np.float32), power=power.sum(axis=1).reshape(-1, STEPS).mean(axis=1))


def find_music(blocks: Sequence[Marked], spoken: NDArray[np.bool_]) -> list[Span]:
    """Where music plays, in order; ``spoken`` is where the detector fires, one for each 32 ms."""
    if not blocks:
        return []
    shares = np.concatenate([block.shares for block in blocks])
    power = np.concatenate([block.power for block in blocks])
    if len(shares) < 2:
        return []
    talk = np.pad(spoken, (0, max(0, len(shares) * STEPS - len(spoken))))[: len(shares) * STEPS]
    talking = talk.reshape(-1, STEPS).mean(axis=1)
    audible = power >= AUDIBLE
    if audible.any():
        shares = np.where(shares[audible].mean(axis=0) > HUM, np.float32(0), shares)
    both = (shares[1:] + shares[:-1]) / 2
    held = np.array([_held(stretch) for stretch in both])
    held[~(audible[1:] & audible[:-1]) | (talking[1:] + talking[:-1] >= 2 * SPOKEN)] = 0
    return [
        Span(start_ms=first * STEPS * STEP_MS, end_ms=(last + 1) * STEPS * STEP_MS)
        for first, last in _stretches(held)
        if (last + 1 - first) * STEPS * STEP_MS >= SHORTEST_MS
    ]


def _held(shares: Floats) -> float:
    """How long the best held frequencies are marked, over what is usual right beside them."""
    padded = np.pad(shares, 1)
    tops = np.flatnonzero((shares > padded[:-2]) & (shares >= padded[2:]))
    beside = np.lib.stride_tricks.sliding_window_view(np.pad(shares, _NEAR, mode="edge"), 2 * _NEAR + 1).min(axis=1)
    return float(np.sort(shares[tops] - beside[tops])[-_BEST:].sum())


def _stretches(held: NDArray[np.float64]) -> list[tuple[int, int]]:
    """First and last step of each run that stays above the lower limit and reaches the upper one for half of it."""
    going = np.diff(np.concatenate([[False], held >= STILL_HELD, [False]]).astype(np.int8))
    runs = zip(np.flatnonzero(going == 1).tolist(), np.flatnonzero(going == -1).tolist(), strict=True)
    return [(first, last) for first, last in runs if np.count_nonzero(held[first:last] >= HELD) * 2 >= last - first]
