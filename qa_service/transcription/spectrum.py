"""The power of a channel over time and frequency, a minute at a time: what tones and music are told by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qa_service.transcription.samples import RATE, Beat, no_beat

Floats = NDArray[np.float32]

STEP_MS = 32
"""From one spectrum to the next; each covers twice as much."""

BIN_HZ = 15.625
"""Distance of two frequencies of a spectrum: 8 kHz over 512 samples."""

BLOCK_STEPS = 468
"""Spectra handed over at a time: 15 s, 0.5 MB. What larger ones take for their steps between is not given back."""

_WINDOW = 512
_HOP = _WINDOW // 2
_HALVED = 2
"""Two samples become one: nothing here is told by what lies above 4 kHz."""

_HANN = np.hanning(_WINDOW).astype(np.float32)
_SCALE = np.float32(2 / (_WINDOW * np.square(_HANN).sum()))


def spectra(channel: NDArray[np.int16]) -> Iterator[Floats]:
    """Blocks of shape (steps, 257): power of each frequency as a share of full scale squared.

    ``channel`` is int16 of shape (samples,) at 16 kHz. Spectrum number i covers milliseconds ``[32 i, 32 i + 64)``;
    what is left over at the end has none.
    """
    block = BLOCK_STEPS * _HOP * _HALVED
    for start in range(0, len(channel), block):
        piece = channel[start : start + block + _HOP * _HALVED].astype(np.float32) / np.float32(32768)
        halved = (piece[0 : len(piece) // 2 * 2 : 2] + piece[1::2]) / 2
        if len(halved) < _WINDOW:
            return
        windows = np.lib.stride_tricks.sliding_window_view(halved, _WINDOW)[::_HOP][:BLOCK_STEPS]
        found = np.fft.rfft(windows * _HANN, axis=1)
        yield (np.square(found.real) + np.square(found.imag)) * _SCALE


def frame_levels(channel: NDArray[np.int16], samples: int, beat: Beat = no_beat) -> Floats:
    """Mean power of each ``samples`` samples in dB below full scale, the last one padded; digital silence is -120."""
    found = [np.empty(0, dtype=np.float32)]
    block = 60 * RATE // samples * samples
    for start in range(0, len(channel), block):
        piece = channel[start : start + block].astype(np.float32) / np.float32(32768)
        frames = np.pad(piece, (0, -len(piece) % samples)).reshape(-1, samples)
        beat()
        found.append(10 * np.log10(np.einsum("ij,ij->i", frames, frames) / samples + np.float32(1e-12)))
    return np.concatenate(found)


def mean_level(levels: Floats) -> float:
    """The level of several stretches of equal length together: the mean of their powers, in dB."""
    return float(10 * np.log10(np.mean(np.power(10, levels.astype(np.float64) / 10))))
