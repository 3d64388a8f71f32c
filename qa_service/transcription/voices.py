"""Two voices on one channel: how each stretch of speech sounds, and how well it goes with either voice.

What tells voices apart on a telephone is the envelope of the spectrum: ten cepstral coefficients of each frame. Frames
are sorted into a few kinds of sound found in the call itself, so that an *a* is compared with an *a*; a voice is how
far it lies from the call's average, by kind of sound and overall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_service.call import Span
from qa_service.transcription.audio import RATE, SAMPLES_PER_MS
from qa_service.transcription.vad import FRAME_SAMPLES, TURNS, Probabilities

Floats = NDArray[np.float64]

HOP = 256
"""Samples (16 ms) from one frame to the next; a frame is twice as long."""

BANDS, LOWEST_HZ, HIGHEST_HZ = 24, 250, 3600
"""Mel bands over what a telephone carries."""

COEFFICIENTS = 10
"""Without the zeroth, the level: who holds the receiver closer changes during a call."""

KINDS_OF_SOUND = 8
LOUDEST_RANGE_DB = 30
"""Frames further below the loud ones are breath and line noise, alike for both speakers."""

FRAME_WORTH = 0.12
"""Neighbouring frames are much alike: one counts as this much of an independent observation (tuned on made calls)."""

FEWEST_FRAMES = 20 * KINDS_OF_SOUND
OFFSET_PRIOR, KIND_PRIOR = 3.0, 8.0
"""How many observations hold a voice to the call's average: over all sounds, and for each kind of sound beyond that."""

FREEDOM_COST = 0.1
"""What a voice pays, against what chance alone would ask, for being free to differ from the average: without it one
speaker is taken for two, with the whole of it two for one (tuned on made calls)."""

_ROUNDS = 6
_LONGEST_BLOCK = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePrints:
    """How each of n stretches sounds, as what a model of a voice needs to know.

    ``counts`` of shape (n, kinds) are observations of each kind of sound, ``sums`` of shape (n, kinds, coefficients)
    how far these lie from the call's average, in standard deviations.
    """

    counts: Floats
    sums: Floats


def voice_prints(
    samples: NDArray[np.int16], probabilities: Probabilities, stretches: Sequence[Span]
) -> VoicePrints | None:
    """Measure each stretch of a channel (int16 at 16 kHz), in order of time; None where too little is spoken."""
    at_ms, cepstra, level_db = _frames(samples, probabilities)
    loud = level_db > np.percentile(level_db, 90) - LOUDEST_RANGE_DB if len(level_db) else np.zeros(0, dtype=bool)
    at_ms, cepstra = at_ms[loud], cepstra[loud]
    if len(at_ms) < FEWEST_FRAMES:
        return None
    frames = (cepstra - cepstra.mean(axis=0)) / np.maximum(cepstra.std(axis=0), 1e-6)
    kinds, means, deviations = _sorted_by_sound(frames)
    counts = np.zeros((len(stretches), KINDS_OF_SOUND))
    sums = np.zeros((len(stretches), KINDS_OF_SOUND, COEFFICIENTS))
    for number, span in enumerate(stretches):
        own = slice(*np.searchsorted(at_ms, (span.start_ms, span.end_ms)))
        counts[number] = kinds[own].sum(axis=0)
        sums[number] = (kinds[own].T @ frames[own] - counts[number][:, None] * means) / deviations
    return VoicePrints(counts=FRAME_WORTH * counts, sums=FRAME_WORTH * sums)


def likelihoods(prints: VoicePrints, shares: Floats) -> tuple[Floats, Floats]:
    """How well each stretch goes with each voice, if the voices are what ``shares`` says.

    ``shares`` of shape (guesses, voices, n) is how much of a stretch is whose. Returned are the log likelihoods against
    the call's average, of the same shape, and for each guess how unlikely its voices are (a log prior, never above 0).
    """
    counts = shares @ prints.counts
    sums = np.einsum("gvn,nkc->gvkc", shares, prints.sums)
    overall = sums.sum(axis=2) / (counts.sum(axis=2)[..., None] + OFFSET_PRIOR)
    by_kind = (sums - counts[..., None] * overall[:, :, None]) / (counts[..., None] + KIND_PRIOR)
    voices = overall[:, :, None] + by_kind
    fits = np.einsum("nkc,gvkc->gvn", prints.sums, voices)
    fits -= 0.5 * np.einsum("nk,gvk->gvn", prints.counts, np.square(voices).sum(axis=3))
    prior = OFFSET_PRIOR * np.square(overall).sum(axis=(1, 2)) + KIND_PRIOR * np.square(by_kind).sum(axis=(1, 2, 3))
    freedom = np.log1p(counts.sum(axis=2) / OFFSET_PRIOR).sum(axis=1) + np.log1p(counts / KIND_PRIOR).sum(axis=(1, 2))
    return fits, -0.5 * (prior + FREEDOM_COST * COEFFICIENTS * freedom)


def directions(prints: VoicePrints, number: int) -> Floats:
    """Where each stretch lies along the ``number`` directions in which stretches differ most, of shape (number, n)."""
    observed = prints.counts.sum(axis=1)
    places = prints.sums.sum(axis=1) / (observed[:, None] + 1)
    places = places - np.average(places, axis=0, weights=observed + 1e-9)
    _, _, axes = np.linalg.svd(places * np.sqrt(observed)[:, None], full_matrices=False)
    along = axes[:number] @ places.T
    return np.asarray(along / np.maximum(along.std(axis=1, keepdims=True), 1e-9))


def _frames(samples: NDArray[np.int16], probabilities: Probabilities) -> tuple[Floats, Floats, Floats]:
    """Of each frame of speech: its middle in milliseconds, its cepstrum, its level."""
    starts = np.arange(0, max(len(samples) - 2 * HOP + 1, 0), HOP)
    spoken = probabilities[(starts + HOP) // FRAME_SAMPLES] >= TURNS.threshold
    starts = starts[spoken]
    windows = np.lib.stride_tricks.sliding_window_view(samples, 2 * HOP) if len(starts) else samples[:0, None]
    cepstra, levels = [np.empty((0, COEFFICIENTS))], [np.empty(0)]
    for first in range(0, len(starts), _LONGEST_BLOCK):
        block = windows[starts[first : first + _LONGEST_BLOCK]].astype(np.float32)
        spectrum = np.fft.rfft(block * _WINDOW, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        cepstra.append(np.log(power @ _MEL + np.float32(1)) @ _COSINES)
        levels.append(10 * np.log10(np.square(block).mean(axis=1) + 1))
    return (starts + HOP) / SAMPLES_PER_MS, np.concatenate(cepstra), np.concatenate(levels)


def _sorted_by_sound(frames: Floats) -> tuple[Floats, Floats, Floats]:
    """A mixture of Gaussians over the frames: how much each is of which kind, the kinds' means and deviations."""
    order = np.argsort(frames[:, 0], kind="stable")
    means = np.stack([frames[part].mean(axis=0) for part in np.array_split(order, KINDS_OF_SOUND)])
    variances = np.ones_like(means)
    weights = np.full(KINDS_OF_SOUND, 1 / KINDS_OF_SOUND)
    squares = np.square(frames)
    for _ in range(_ROUNDS):
        kinds = _kinds(frames, squares, means, variances, weights)
        each = kinds.sum(axis=0) + 1e-3
        means = kinds.T @ frames / each[:, None]
        variances = np.maximum(kinds.T @ squares / each[:, None] - np.square(means), 0.05)
        weights = each / each.sum()
    return _kinds(frames, squares, means, variances, weights), means, np.sqrt(variances)


def _kinds(frames: Floats, squares: Floats, means: Floats, variances: Floats, weights: Floats) -> Floats:
    fits = frames @ (means / variances).T - 0.5 * squares @ (1 / variances).T
    fits += np.log(weights) - 0.5 * (np.square(means) / variances + np.log(variances)).sum(axis=1)
    fits = np.exp(fits - fits.max(axis=1, keepdims=True))
    return np.asarray(fits / fits.sum(axis=1, keepdims=True))


def _mel_bands() -> NDArray[np.float32]:
    """Triangles that overlap by half, evenly spaced on the mel scale, of shape (frequencies, bands)."""
    edges = 700 * np.expm1(np.linspace(np.log1p(LOWEST_HZ / 700), np.log1p(HIGHEST_HZ / 700), BANDS + 2))
    hertz = np.fft.rfftfreq(2 * HOP, 1 / RATE)[:, None]
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(np.minimum(rising, falling), 0), dtype=np.float32)


_MEL = _mel_bands()
_COSINES = np.cos(np.pi / BANDS * np.outer(np.arange(BANDS) + 0.5, np.arange(1, COEFFICIENTS + 1))).astype(np.float32)
_WINDOW = np.hanning(2 * HOP).astype(np.float32)
