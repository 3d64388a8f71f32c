"""The one call that every odd file is made from, and how alike two sounds are.

Two voices that speak in turn: seeded syllables first, then four seconds of a demo call; nothing above 3.3 kHz, so that
a telephone codec keeps all of it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from qa_service.testing.audio import RATE, Sound, utterances

SECONDS = 12.0
DEMO = Path(__file__).parents[2] / "samples" / "calls" / "demo-01.opus"
_MADE_MS, _DEMO_MS, _DEMO_FROM_MS = 8000, 4000, 6000
_BAND_HZ = (150, 3300)
_FRAME = RATE // 50
_MOST_LAG = 8
"""Frames of 20 ms that a codec may delay a sound."""


@cache
def both_sides() -> NDArray[np.int16]:
    """Agent and customer at 16 kHz, shape (2, 12 seconds)."""
    agent = utterances((200, 1900), (3900, 5100), (6900, 7800), length=_MADE_MS, pitch=190)
    customer = utterances((2100, 3600), (5300, 6600), length=_MADE_MS, pitch=120)
    demo = _demo()
    sides = [np.concatenate(pair) for pair in zip((agent, customer), demo, strict=True)]
    return np.stack([_in_telephone_band(side) for side in sides])


def one_side() -> NDArray[np.int16]:
    """Both voices in one channel, shape (1, 12 seconds)."""
    return (both_sides().astype(np.int32).sum(axis=0, keepdims=True) // 2).astype(np.int16)


def likeness(heard: Sound, source: Sound) -> float:
    """Correlation of the two envelopes (loudness of 20 ms) at the best delay up to 160 ms either way; 1 is the same."""
    ours, theirs = _envelope(heard), _envelope(source)
    return max(_correlation(ours, theirs, lag) for lag in range(-_MOST_LAG, _MOST_LAG + 1))


def _correlation(ours: NDArray[np.float64], theirs: NDArray[np.float64], lag: int) -> float:
    ours, theirs = (ours[lag:], theirs) if lag >= 0 else (ours, theirs[-lag:])
    length = min(len(ours), len(theirs))
    return float(np.corrcoef(ours[:length], theirs[:length])[0, 1])


def _envelope(sound: Sound) -> NDArray[np.float64]:
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    return np.sqrt(np.square(frames).mean(axis=1))


def _demo() -> NDArray[np.int16]:
    resampler = av.AudioResampler(format="s16p", layout="stereo", rate=RATE)
    with av.open(str(DEMO)) as container:
        pieces = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    sound = np.concatenate([piece.to_ndarray() for piece in pieces], axis=1)
    return sound[:, _DEMO_FROM_MS * 16 : (_DEMO_FROM_MS + _DEMO_MS) * 16]


def _in_telephone_band(sound: Sound) -> Sound:
    spectrum = np.fft.rfft(sound)
    pitch = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(pitch < _BAND_HZ[0]) | (pitch > _BAND_HZ[1])] = 0
    return np.fft.irfft(spectrum, len(sound)).clip(-32_768, 32_767).astype(np.int16)
