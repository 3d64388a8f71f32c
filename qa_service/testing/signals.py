"""Signals of known properties, for tests: voices of a known pitch, tones of the exchange, music, noise in a band."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qa_service.testing.audio import RATE, Sound

Wave = NDArray[np.float64]

TELEPHONE_HZ = (300.0, 3400.0)
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
"""Formants in Hz."""


def voiced(pitch: float, milliseconds: int, *, vowel: int = 0, glide: float = 0.0, level: float = 3000.0) -> Wave:
    """A sung vowel in the telephone band whose pitch swings by ``glide`` (share) three times a second."""
    time = np.arange(milliseconds * RATE // 1000) / RATE
    phase = 2 * np.pi * np.cumsum(pitch * (1 + glide * np.sin(2 * np.pi * 3 * time))) / RATE
    sound = np.zeros(len(time))
    for harmonic in range(1, int(4000 / pitch)):
        near = [(harmonic * pitch - formant) / (60 + 0.08 * formant) for formant in VOWELS[vowel]]
        sound += sum(1 / (1 + distance**2) for distance in near) / np.sqrt(harmonic) * np.cos(harmonic * phase)
    return at_level(band(sound, *TELEPHONE_HZ), level)


def swung(pitch: float, milliseconds: int, glide: float) -> Wave:
    """The true pitch of ``voiced`` at each sample, in Hz."""
    time = np.arange(milliseconds * RATE // 1000) / RATE
    return np.asarray(pitch * (1 + glide * np.sin(2 * np.pi * 3 * time)))


def hiss(length: int, *, level: float, seed: int = 0, low: float = 0.0, high: float = 8000.0) -> Wave:
    """Noise of ``length`` samples in a band, of a root mean square of ``level`` (of 32,768)."""
    return at_level(band(np.random.default_rng(seed).normal(0, 1, length), low, high), level)


def band(sound: Wave | Sound, low: float, high: float) -> Wave:
    """Only the frequencies from ``low`` to ``high`` Hz, cut off sharply."""
    spectrum = np.fft.rfft(np.asarray(sound, dtype=np.float64))
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(frequencies < low) | (frequencies > high)] = 0
    return np.fft.irfft(spectrum, len(sound))


def at_level(sound: Wave, level: float) -> Wave:
    """The sound with this root mean square."""
    return np.asarray(sound * (level / np.sqrt(np.mean(np.square(sound)))))


def cadence(*parts: tuple[tuple[float, ...], int], repeat: int = 1, level: float = 3000.0) -> Wave:
    """Bursts of sines and pauses: each part is its frequencies in Hz (none: a pause) and its milliseconds."""
    bursts = []
    for frequencies, milliseconds in parts * repeat:
        time = np.arange(milliseconds * RATE // 1000) / RATE
        lines = [np.sin(2 * np.pi * hz * time) for hz in frequencies]
        bursts.append(sum(lines, np.zeros(len(time))) * level / max(1, len(lines)))
    return np.concatenate(bursts)


def tune(milliseconds: int, *, seed: int = 0, level: float = 3000.0) -> Wave:
    """Music: a melody over a chord, each note held for a quarter to one second, fading, with five harmonics."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(milliseconds * RATE // 1000)
    for voice, lengths in enumerate(((0.25, 0.5), (1.0,), (1.0,), (2.0,))):
        at = 0
        while at < len(sound):
            length = int(rng.choice(lengths) * RATE)
            pitch = (440, 330, 262, 131)[voice] * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
            time = np.arange(min(length, len(sound) - at)) / RATE
            note = sum((np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 6)), np.zeros(len(time)))
            sound[at : at + len(time)] += note * np.exp(-1.5 * time) * (1.0, 0.5, 0.5, 0.7)[voice]
            at += length
    return at_level(sound, level)


def as_sound(wave: Wave) -> Sound:
    """The nearest samples, cut off at full scale."""
    return np.round(wave).clip(-32_768, 32_767).astype(np.int16)


def mixed(*waves: Wave | Sound) -> Sound:
    """Waves sounding at once, the shorter ones ending early."""
    whole = np.zeros(max(map(len, waves)))
    for wave in waves:
        whole[: len(wave)] += wave
    return as_sound(whole)
