"""Tones of the exchange told from speech: ring-back, busy, dial and fax tones, keys.

A tone is one or two lines that hold nearly all power and keep frequency and level; no voice does so for a third of a
second. What it says is told by its cadence. Cadences: ITU-T E.180 supplement 2 (China: 450 Hz, ring-back 1 s on and 4 s
off, busy 0.35 s on and off); keys: ITU-T Q.23.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_service.call import NoiseKind, Span
from qa_service.transcription.spectrum import BIN_HZ, STEP_MS, Floats

PURITY = 0.88
"""Share of the power (94 to 4000 Hz) that a tone's lines hold at least; vowels reach it for moments only."""

AUDIBLE = 1e-5
"""Power (share of full scale squared, -50 dB) below which nothing is called a tone."""

SHORTEST_MS = 320
"""A steady tone is at least as long; the shortest of an exchange is 0.35 s (busy)."""

WANDER = 0.02
"""A tone's frequency stays within this share of itself; a voice held on purpose wanders further."""

UNEVEN_DB = 2.5
"""A tone's level stays within so many dB."""

RING_HZ = (380.0, 500.0)
RING_MS = (650, 2600)
RING_PAUSE_MS = 1500
"""Ring-back: a long burst in this band, and a long pause to the next; busy and congestion tones pause for less."""

DOUBLE_PAUSE_MS = 300
"""Bursts so close are one double ring (Britain, Australia, Hong Kong)."""

_FIRST_BIN = 6
_LINE = 4
_SECOND_LINE = 0.05
_ROWS = np.array([697.0, 770.0, 852.0, 941.0])
_COLUMNS = np.array([1209.0, 1336.0, 1477.0, 1633.0])
_KEY_TOLERANCE = 0.02
_KEY_STEPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The two strongest lines of each spectrum: arrays of shape (steps,).

    ``power`` of everything, ``purity`` the share both hold, ``low`` and ``high`` their frequencies in Hz (equal where
    there is but one), ``evenness`` the power of the weaker over that of the stronger.
    """

    power: Floats
    purity: Floats
    low: Floats
    high: Floats
    evenness: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """One burst."""

    span: Span
    low_hz: float
    high_hz: float


def lines_of(spectra: Floats) -> Lines:
    """The two strongest lines of each spectrum of a block."""
    power = spectra[:, _FIRST_BIN:]
    steps = np.arange(len(power))
    bins = np.arange(power.shape[1], dtype=np.float32)
    total = power.sum(axis=1) + np.float32(1e-20)
    first = power.argmax(axis=1)
    first_power, first_bin = _line(power, bins, first, steps)
    rest = power.copy()
    for offset in range(-_LINE - 1, _LINE + 2):
        rest[steps, np.clip(first + offset, 0, power.shape[1] - 1)] = 0
    second_power, second_bin = _line(rest, bins, rest.argmax(axis=1), steps)
    evenness = second_power / (first_power + np.float32(1e-20))
    paired = np.where(evenness >= _SECOND_LINE, second_bin, first_bin)
    return Lines(
        power=total,
        purity=(first_power + second_power) / total,
        low=(np.minimum(first_bin, paired) + _FIRST_BIN) * np.float32(BIN_HZ),
        high=(np.maximum(first_bin, paired) + _FIRST_BIN) * np.float32(BIN_HZ),
        evenness=evenness,
    )


def _line(power: Floats, bins: Floats, at: NDArray[np.intp], steps: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Power of the bins around ``at``, and their centre of gravity in bins."""
    around = np.clip(at[:, None] + np.arange(-_LINE, _LINE + 1), 0, power.shape[1] - 1)
    taken = power[steps[:, None], around]
    summed = taken.sum(axis=1) + np.float32(1e-20)
    return summed, (taken * bins[around]).sum(axis=1) / summed


def joined(blocks: Sequence[Lines]) -> Lines:
    """The lines of a whole channel from those of its blocks."""
    return Lines(
        **{name: np.concatenate([getattr(block, name) for block in blocks]) for name in Lines.__dataclass_fields__}
    )


def find_tones(lines: Lines) -> list[tuple[NoiseKind, Span]]:
    """Every tone and what it is, in order; the pauses inside a tone's cadence are not part of it."""
    bursts = list(_bursts(lines))
    keys = [(NoiseKind.TONE, span) for span in _keys(lines)]
    kinds = [(_kind(number, bursts), burst.span) for number, burst in enumerate(bursts)]
    return sorted([*kinds, *keys], key=lambda found: found[1].start_ms)


def _bursts(lines: Lines) -> Iterator[Tone]:
    """Steady tones: runs in which neither frequency nor level changes from one spectrum to the next."""
    tonal = (lines.purity >= PURITY) & (lines.power >= AUDIBLE)
    level = 10 * np.log10(lines.power)
    steady = tonal[1:] & tonal[:-1]
    steady &= np.abs(np.diff(level)) <= UNEVEN_DB
    steady &= np.abs(np.diff(lines.low)) <= WANDER * lines.low[1:]
    steady &= np.abs(np.diff(lines.high)) <= WANDER * lines.high[1:]
    for first, last in _runs(steady):
        # The spectra at both ends lie half in the tone.
        inner = slice(first + 1, last)
        if (last - first + 1) * STEP_MS < SHORTEST_MS or not _one_tone(lines, level, inner):
            continue
        yield Tone(
            span=Span(start_ms=first * STEP_MS, end_ms=(last + 2) * STEP_MS),
            low_hz=float(np.median(lines.low[inner])),
            high_hz=float(np.median(lines.high[inner])),
        )


def _one_tone(lines: Lines, level: Floats, inner: slice) -> bool:
    """Whether neither level nor frequency creeps away over a whole burst."""
    even = float(np.ptp(level[inner])) <= UNEVEN_DB
    return even and all(np.ptp(hz[inner]) <= WANDER * np.median(hz[inner]) for hz in (lines.low, lines.high))


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Of a mask over neighbouring pairs of spectra: first and last spectrum of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _keys(lines: Lines) -> Iterator[Span]:
    """Keys pressed: two spectra or more with the same pair of Q.23, both lines of about equal power."""
    row = np.abs(lines.low[:, None] / _ROWS - 1).argmin(axis=1)
    column = np.abs(lines.high[:, None] / _COLUMNS - 1).argmin(axis=1)
    on_grid = (np.abs(lines.low / _ROWS[row] - 1) <= _KEY_TOLERANCE) & (
        np.abs(lines.high / _COLUMNS[column] - 1) <= _KEY_TOLERANCE
    )
    pressed = on_grid & (lines.purity >= PURITY) & (lines.power >= AUDIBLE) & (lines.evenness >= 0.1)
    same = pressed[1:] & pressed[:-1] & (row[1:] == row[:-1]) & (column[1:] == column[:-1])
    for first, last in _runs(same):
        if last - first + 1 >= _KEY_STEPS:
            yield Span(start_ms=first * STEP_MS, end_ms=(last + 2) * STEP_MS)


def _kind(number: int, bursts: Sequence[Tone]) -> NoiseKind:
    """Ring-back by pitch, length and the pauses around it; everything else is a tone."""
    burst = bursts[number]
    if not all(RING_HZ[0] <= hz <= RING_HZ[1] for hz in (burst.low_hz, burst.high_hz)):
        return NoiseKind.TONE
    before = burst.span.start_ms - bursts[number - 1].span.end_ms if number else None
    after = bursts[number + 1].span.start_ms - burst.span.end_ms if number + 1 < len(bursts) else None
    pauses = [pause for pause in (before, after) if pause is not None]
    double = any(pause <= DOUBLE_PAUSE_MS for pause in pauses) and any(pause >= RING_PAUSE_MS for pause in pauses)
    length = burst.span.end_ms - burst.span.start_ms
    slow = all(pause >= RING_PAUSE_MS for pause in pauses)
    # A burst that the recording begins or ends in is short; its neighbours tell.
    fits = RING_MS[0] <= length <= RING_MS[1] or (bool(pauses) and length < RING_MS[0])
    return NoiseKind.RING_BACK if (slow and fits) or double else NoiseKind.TONE
