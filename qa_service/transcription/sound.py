"""How each turn sounds: level, pitch and pace, measured where its channel carries speech and nowhere else.

Pitch is found by autocorrelation, which needs no fundamental: telephones cut it off below 300 Hz.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qa_service.call import SoundMoment, Turn, TurnSound, Voice
from qa_service.transcription.samples import Beat, no_beat
from qa_service.transcription.spectrum import Floats, frame_levels, mean_level
from qa_service.transcription.vad import FRAME_MS, FRAME_SAMPLES, TURNS, Probabilities

PITCH_HZ = (70.0, 400.0)
"""Voices of adults, excited ones included."""

FIRST_PEAK = 0.9
"""The first peak at least this high against the highest is the period; later ones are its multiples."""

VOICED = 0.5
"""Correlation at the period below which a frame has no pitch (a consonant, or noise)."""

BAND_HZ = (80.0, 3400.0)
"""Only this is listened to: below it is hum, above it breath."""

SMOOTHED = 5
"""A pitch is the median of so many frames around it (160 ms), which takes out single wrong octaves."""

FEWEST_VOICED = 5
"""Voiced frames (160 ms) below which nothing is said of the pitch."""

FEWEST_SPEECH_MS = 500
"""Speech below which nothing is said of the pace."""

MOMENT_FRAMES = 31
"""Frames of speech to a moment: about a second."""

_RATE = 8000
_WINDOW = 512
_TRANSFORM = 1024
_BLOCK_FRAMES = 128
_HANN = np.hanning(_WINDOW).astype(np.float32)
_FINER = 2
"""Lags to a sample: periods are seldom whole samples, and between two of them high harmonics lose their peak."""

_SHORTEST, _LONGEST = int(_FINER * _RATE / PITCH_HZ[1]), int(np.ceil(_FINER * _RATE / PITCH_HZ[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSound:
    """One channel, frame by frame of 32 ms: level in dB below full scale, pitch in Hz (NaN where there is none).

    ``speech`` is where the channel carries speech; pitch is looked for only there.
    """

    levels: Floats
    pitches: Floats
    speech: NDArray[np.bool_]


def measure_channel(channel: NDArray[np.int16], probabilities: Probabilities, beat: Beat = no_beat) -> ChannelSound:
    """Measure one channel, int16 of shape (samples,) at 16 kHz, with its speech probability for each 512 samples."""
    speech = probabilities >= TURNS.threshold
    return ChannelSound(
        levels=frame_levels(channel, FRAME_SAMPLES, beat),
        pitches=_smoothed(_pitches(channel, speech, beat)),
        speech=speech,
    )


def with_sound(turns: Iterable[Turn], channels: Mapping[Voice, ChannelSound]) -> tuple[Turn, ...]:
    """The turns with how each sounds on the channel of its voice; where there is one channel, on that."""
    only = next(iter(channels.values())) if len(channels) == 1 else None
    sounds = [(turn, channels.get(turn.voice, only) if turn.voice else only) for turn in turns]
    return tuple(replace(turn, sound=turn_sound(turn, sound)) if sound else turn for turn, sound in sounds)


def turn_sound(turn: Turn, sound: ChannelSound) -> TurnSound:
    """How one turn sounds on its channel."""
    whole = slice(turn.start_ms // FRAME_MS, -(-turn.end_ms // FRAME_MS))
    frames = np.flatnonzero(sound.speech[whole]) + whole.start
    if not len(frames):
        return TurnSound()
    speech_ms = len(frames) * FRAME_MS
    characters = sum(map(str.isalnum, turn.text))
    return TurnSound(
        level_db=round(mean_level(sound.levels[frames]), 1),
        pitch_hz=_median_pitch(sound.pitches[frames]),
        chars_per_second=round(characters * 1000 / speech_ms, 2) if speech_ms >= FEWEST_SPEECH_MS else None,
        speech_ms=speech_ms,
        course=tuple(_moments(frames, sound)),
    )


def _moments(frames: NDArray[np.intp], sound: ChannelSound) -> Iterator[SoundMoment]:
    """The turn second by second of speech; less than half a second at its end is left out."""
    for first in range(0, len(frames), MOMENT_FRAMES):
        some = frames[first : first + MOMENT_FRAMES]
        if len(some) * 2 >= MOMENT_FRAMES:
            yield SoundMoment(
                at_ms=int(some[0]) * FRAME_MS,
                level_db=round(mean_level(sound.levels[some]), 1),
                pitch_hz=_median_pitch(sound.pitches[some]),
            )


def _median_pitch(pitches: Floats) -> float | None:
    voiced = pitches[np.isfinite(pitches)]
    return round(float(np.median(voiced)), 1) if len(voiced) >= FEWEST_VOICED else None


def _pitches(channel: NDArray[np.int16], speech: NDArray[np.bool_], beat: Beat) -> Floats:
    """The pitch around the middle of each frame of speech, some seconds at a time."""
    margin = _WINDOW - FRAME_SAMPLES // 2
    found = np.full(len(speech), np.nan, dtype=np.float32)
    for first in range(0, len(speech), _BLOCK_FRAMES):
        frames = np.flatnonzero(speech[first : first + _BLOCK_FRAMES])
        if not len(frames):
            continue
        start, end = first * FRAME_SAMPLES - margin, (first + int(frames[-1]) + 1) * FRAME_SAMPLES + margin
        piece = channel[max(0, start) : end].astype(np.float32)
        lead = max(0, -start)
        piece = np.pad(piece, (lead, end - start - lead - len(piece)))
        halved = (piece[0::2] + piece[1::2]) / np.float32(2)
        windows = np.lib.stride_tricks.sliding_window_view(halved, _WINDOW)[frames * (FRAME_SAMPLES // 2)]
        found[first + frames] = _pitch(windows * _HANN)
        beat()
    return found


def _pitch(windows: Floats) -> Floats:
    """Pitch of each window of shape (512,) at 8 kHz, NaN where it is not voiced."""
    band = slice(round(BAND_HZ[0] * _TRANSFORM / _RATE), round(BAND_HZ[1] * _TRANSFORM / _RATE))
    spectrum = np.fft.rfft(windows, _TRANSFORM, axis=1)
    power = np.zeros(spectrum.shape, dtype=np.float32)
    power[:, band] = np.square(spectrum.real[:, band]) + np.square(spectrum.imag[:, band])
    correlation = np.fft.irfft(power, _FINER * _TRANSFORM, axis=1)[:, : _LONGEST + 2]
    correlation = correlation / (correlation[:, :1] + np.float32(1e-9)) / _OWN[: _LONGEST + 2]
    inside = correlation[:, _SHORTEST - 1 : _LONGEST + 2]
    before, here, after = inside[:, :-2], inside[:, 1:-1], inside[:, 2:]
    peaks = (here > before) & (here >= after)
    # The top of a peak lies between two lags: the parabola through three of them tells where, and how high.
    bend = np.where(peaks, before - 2 * here + after, np.float32(-1))
    tops = np.where(peaks, here - np.square(before - after) / (8 * bend), np.float32(0))
    highest = tops.max(axis=1)
    found = (tops >= FIRST_PEAK * highest[:, None]).argmax(axis=1)
    rows = np.arange(len(windows))
    shift = (before - after)[rows, found] / (2 * bend[rows, found])
    pitch = _FINER * _RATE / (found + _SHORTEST + shift)
    return np.asarray(np.where(highest >= VOICED, pitch, np.nan), dtype=np.float32)


def _own_correlation() -> Floats:
    """The window's own autocorrelation (1 at lag 0), by which that of the sound falls off."""
    own = np.fft.irfft(np.square(np.abs(np.fft.rfft(_HANN, _TRANSFORM))), _FINER * _TRANSFORM)
    return np.asarray(own / own[0], dtype=np.float32)


_OWN = _own_correlation()


def _smoothed(pitches: Floats) -> Floats:
    """Each pitch as the median of the voiced ones around it."""
    half = SMOOTHED // 2
    padded = np.pad(pitches, half, constant_values=np.nan)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, SMOOTHED), axis=1)  # NaN goes last
    count = np.isfinite(windows).sum(axis=1)
    middle = windows[np.arange(len(pitches)), np.maximum(count - 1, 0) // 2]
    return np.asarray(np.where(np.isfinite(pitches), middle, np.nan), dtype=np.float32)
