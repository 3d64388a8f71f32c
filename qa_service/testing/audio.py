"""Sounds for tests: speech-like audio on which the speech detector fires, and recordings in any usual format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Sound = NDArray[np.int16]
"""One channel at 16 kHz, shape (samples,)."""

_FORMANTS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
_SYLLABLE = RATE // 5


def silence(milliseconds: int) -> Sound:
    """Digital silence."""
    return np.zeros(milliseconds * RATE // 1000, dtype=np.int16)


def speech(milliseconds: int, *, pitch: float = 130.0, seed: int = 0) -> Sound:
    """Vowel-like syllables of 200 ms with gliding pitch (in Hz): no words, but speech to the detector."""
    rng = np.random.default_rng(seed)
    wanted = milliseconds * RATE // 1000
    syllables = [_syllable(rng, pitch) for _ in range(-(-wanted // _SYLLABLE))]
    sound = np.concatenate(syllables)[:wanted]
    return np.asarray(sound / np.abs(sound).max() * 16_000, dtype=np.int16)


def noise(milliseconds: int, *, level: int = 300, seed: int = 0) -> Sound:
    """Steady noise around ``level`` (of 32,768): a line on which nobody speaks."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, level, milliseconds * RATE // 1000).clip(-32_768, 32_767).astype(np.int16)


def utterances(*spans: tuple[int, int], length: int, pitch: float = 130.0) -> Sound:
    """A channel of ``length`` milliseconds that speaks in each span ``(start, end)`` and is silent between."""
    sound = silence(length)
    for number, (start, end) in enumerate(spans):
        said = speech(end - start, pitch=pitch, seed=number)
        sound[start * RATE // 1000 :][: len(said)] = said
    return sound


def write_recording(
    path: Path, *channels: Sound, rate: int = RATE, codec: str | None = None, options: dict[str, str] | None = None
) -> Path:
    """Write one, two or six channels of equal length; the format follows the suffix.

    ``codec`` overrides the suffix's usual one, ``options`` go to it.
    """
    sound = np.stack(channels, axis=1).reshape(1, -1)
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)]
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:  # the same bytes every time
        stream = container.add_stream(codec or _CODECS[path.suffix], rate=rate, options=options)
        assert isinstance(stream, av.AudioStream)  # noqa: S101
        stream.layout = layout
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="s16", layout=layout)
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=stream.frame_size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


_CODECS = {".wav": "pcm_s16le", ".opus": "libopus", ".mp3": "libmp3lame", ".m4a": "aac", ".flac": "flac"}


def cut_off(path: Path, share: float) -> Path:
    """Keep only the first ``share`` (0 to 1) of a file's bytes, as a broken transfer does."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def _syllable(rng: np.random.Generator, pitch: float) -> NDArray[np.float64]:
    time = np.arange(_SYLLABLE) / RATE
    tone = pitch * (1 + 0.15 * rng.uniform(-1, 1)) * (1 + 0.1 * np.sin(2 * np.pi * 2.5 * time))
    phase = 2 * np.pi * np.cumsum(tone) / RATE
    formants: Sequence[int] = _FORMANTS[rng.integers(len(_FORMANTS))]
    sound = np.zeros(_SYLLABLE)
    for harmonic in range(1, int(4000 / tone.max())):
        distances = [(harmonic * tone.mean() - formant) / (60 + formant * 0.05) for formant in formants]
        gain = sum(weight / (1 + distance**2) for weight, distance in zip((1, 0.6, 0.3), distances, strict=True))
        sound += gain * np.sin(harmonic * phase)
    edge = np.minimum(time / 0.03, (_SYLLABLE / RATE - time) / 0.04).clip(0, 1)
    return np.asarray(sound * edge)
