"""How well each channel was recorded (录音清晰完整): five numbers, and one word with its reason.

The limits are house values, written for compliance staff in ``docs/sound.md``: *good* is what a telephone line gives,
*poor* is where listening becomes work and recognition fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_service.call import ChannelQuality, Grade, Voice
from qa_service.transcription.samples import RATE, Beat, no_beat
from qa_service.transcription.sound import ChannelSound
from qa_service.transcription.spectrum import Floats, frame_levels, mean_level
from qa_service.transcription.vad import FRAME_MS, FRAME_SAMPLES, Probabilities

FEWEST_FRAMES = 31
"""Frames of speech (a second) below which nothing is said of a channel."""

QUIET_PROBABILITY = 0.15
"""Speech probability below which a frame is part of a pause."""

NEAR_SPEECH = 6
"""Frames (190 ms) beside speech that are no pause: breath and echo fade there."""

DIGITAL_SILENCE_DB = -90.0
"""A frame below this was never recorded: the line was gated, or the recorder filled in."""

STANDS_OUT = 32
"""Amplitudes are counted in 256 steps; below this one (an eighth of full scale) no pile is looked for."""

PILE = 3.0
"""The last amplitudes before the end are cut off ones if they are so many times as frequent as those below them."""

SPEECH_RANGE_DB = 45.0
"""A frequency carries speech if it lies within this of the strongest one …"""

OVER_PAUSE_DB = 3.0
"""… and so much above the same frequency in the pauses."""

SILENT_SAMPLE = 8
"""Largest sample of digital silence: a-law writes 8 for it."""

SHORTEST_DROPOUT = RATE * 15 // 1000
"""Digital silence of 15 ms: one lost packet (20 ms) less what resampling rounds off."""

LONGEST_DROPOUT = RATE // 2
"""Longer digital silence is a muted or gated line."""

EDGE = RATE * 10 // 1000
"""Ten milliseconds on each side of a dropout, where speech is loud: it stops and begins in the middle of a sound."""

EDGE_DB = 20.0
"""Loud is no more than this below the level of the speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One measure in words: its name, what a person reads, and where good and fair end."""

    good: float
    fair: float
    text: str


LEVEL = Limit(good=-32.0, fair=-40.0, text="音量偏低：说话电平 {value:.0f} dBFS（好：不低于 {good:.0f}）")
CLIPPED = Limit(good=0.005, fair=0.03, text="削波：{value:.1%} 的说话样本顶到上限（好：不超过 {good:.1%}）")
NOISE = Limit(good=20.0, fair=10.0, text="噪声偏大：说话只比停顿高 {value:.0f} dB（好：不低于 {good:.0f}）")
BANDWIDTH = Limit(good=3000.0, fair=2200.0, text="声音发闷：语音只到 {value:.0f} Hz（好：不低于 {good:.0f}）")
DROPOUTS = Limit(good=1.0, fair=6.0, text="断续：每分钟说话有 {value:.1f} 处中断（好：不超过 {good:.0f}）")
_BLOCK_FRAMES = 1875
NOTHING_SAID = "该声道说话不足 1 秒，无法评定"


def channel_quality(
    channel: NDArray[np.int16],
    voice: Voice,
    sound: ChannelSound,
    probabilities: Probabilities,
    beat: Beat = no_beat,
) -> ChannelQuality:
    """Measure one channel, int16 of shape (samples,) at 16 kHz.

    ``probabilities`` are the detector's own, before anything was taken out: a pause is where nothing speaks at all.
    """
    speech = np.flatnonzero(sound.speech)
    if len(speech) < FEWEST_FRAMES:
        return ChannelQuality(
            voice=voice, grade=Grade.UNKNOWN, level_db=None, clipped=None, noise_db=None, bandwidth_hz=None,
            dropouts=None, because=NOTHING_SAID,
        )  # fmt: skip
    level = mean_level(sound.levels[speech])
    pauses = _pauses(sound, probabilities)
    measured = _Measured(
        level_db=level,
        clipped=_clipped(channel, sound.speech, beat),
        noise_db=_over_noise(level, sound.levels[pauses]),
        bandwidth_hz=_bandwidth(channel, speech, pauses, beat),
        dropouts=_dropouts(channel, sound.speech, level, beat),
        minutes=len(speech) * FRAME_MS / 60_000,
    )
    grade, because = measured.graded()
    return ChannelQuality(
        voice=voice,
        grade=grade,
        level_db=round(level, 1),
        clipped=round(measured.clipped, 4),
        noise_db=None if measured.noise_db is None else round(measured.noise_db, 1),
        bandwidth_hz=measured.bandwidth_hz,
        dropouts=measured.dropouts,
        because=because,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """The five numbers of a channel and the minutes of speech they stand for."""

    level_db: float
    clipped: float
    noise_db: float | None
    bandwidth_hz: int
    dropouts: int
    minutes: float

    def graded(self) -> tuple[Grade, str | None]:
        """The worst of the five, and the sentence about everything that is not good."""
        complaints = list(self._complaints())
        if not complaints:
            return Grade.GOOD, None
        worst = Grade.POOR if any(poor for poor, _ in complaints) else Grade.FAIR
        return worst, "；".join(text for _, text in sorted(complaints, key=lambda one: not one[0])) + "。"

    def _complaints(self) -> Iterator[tuple[bool, str]]:
        at_least = [(LEVEL, self.level_db), (NOISE, self.noise_db), (BANDWIDTH, float(self.bandwidth_hz))]
        at_most = [(CLIPPED, self.clipped), (DROPOUTS, self.dropouts / max(self.minutes, 1.0))]
        for limit, value in at_least:
            if value is not None and value < limit.good:
                yield value < limit.fair, limit.text.format(value=value, good=limit.good)
        for limit, value in at_most:
            if value > limit.good:
                yield value > limit.fair, limit.text.format(value=value, good=limit.good)


def _pauses(sound: ChannelSound, probabilities: Probabilities) -> NDArray[np.intp]:
    """Frames in which nothing speaks, none of them beside speech or digitally silent."""
    around = np.convolve(probabilities >= QUIET_PROBABILITY, np.ones(2 * NEAR_SPEECH + 1), mode="same") > 0
    return np.flatnonzero(~around[: len(sound.levels)] & (sound.levels > DIGITAL_SILENCE_DB))


def _over_noise(level: float, pauses: Floats) -> float | None:
    """Speech over noise in dB, the noise under the speech taken off it; None where the pauses tell nothing."""
    if len(pauses) < FEWEST_FRAMES:
        return None
    noise = 10 ** (float(np.median(pauses)) / 10)
    speech = max(10 ** (level / 10) - noise, noise / 100)
    return float(10 * np.log10(speech / noise))


def _clipped(channel: NDArray[np.int16], speech: NDArray[np.bool_], beat: Beat) -> float:
    """Share of speech samples at the amplitude where the sound was cut off, wherever that lies.

    Amplitudes of speech become rarer the higher they are; cut off ones pile up at the end.
    """
    counts = np.zeros(257, dtype=np.int64)
    for frames in _speech_frames(channel, speech):
        counts += np.bincount((np.abs(frames.astype(np.int32)) >> 7).ravel(), minlength=257)
        beat()
    occupied = np.flatnonzero(counts)
    top = int(occupied[-1]) if len(occupied) else 0
    # Codecs and resampling overshoot a little: the pile may lie below the very last amplitude.
    for end in range(top, max(STANDS_OUT, top * 7 // 10), -1):
        width = max(1, end // 32)
        pile = counts[end - width + 1 : end + 1].mean()
        below = counts[end - 4 * width + 1 : end - 2 * width + 1].mean()
        if pile > PILE * max(below, 1.0):
            return float(counts[end - 2 * width + 1 :].sum() / counts.sum())
    return 0.0


def _bandwidth(channel: NDArray[np.int16], speech: NDArray[np.intp], pauses: NDArray[np.intp], beat: Beat) -> int:
    """The highest frequency, in steps of 125 Hz, that carries speech."""
    said = _mean_spectrum(channel, speech)
    beat()
    silent = _mean_spectrum(channel, pauses) if len(pauses) >= FEWEST_FRAMES else np.full_like(said, -200)
    carries = (said > said.max() - SPEECH_RANGE_DB) & (said > silent + OVER_PAUSE_DB)
    return int((np.flatnonzero(carries)[-1] + 1) * 125) if carries.any() else 0


def _mean_spectrum(channel: NDArray[np.int16], frames: NDArray[np.intp]) -> Floats:
    """Mean power in dB of 64 bands of 125 Hz, over at most 500 of the frames, evenly chosen."""
    some = frames[:: -(-len(frames) // 500)]
    some = some[(some + 1) * FRAME_SAMPLES <= len(channel)]
    samples = np.stack([channel[f * FRAME_SAMPLES : (f + 1) * FRAME_SAMPLES] for f in some.tolist()])
    found = np.fft.rfft(samples.astype(np.float32) * np.hanning(FRAME_SAMPLES).astype(np.float32), axis=1)
    power = (np.square(found.real) + np.square(found.imag)).mean(axis=0)[: FRAME_SAMPLES // 2]
    return np.asarray(10 * np.log10(power.reshape(64, -1).mean(axis=1) + 1e-3), dtype=np.float32)


def _dropouts(channel: NDArray[np.int16], speech: NDArray[np.bool_], level: float, beat: Beat) -> int:
    """Stretches of digital silence that begin and end in the middle of a loud sound.

    A gated line falls silent too, but after the voice has died away; that is no dropout.
    """
    loud = max(level - EDGE_DB, DIGITAL_SILENCE_DB)
    return sum(
        _level(channel[first - EDGE : first]) >= loud and _level(channel[last : last + EDGE]) >= loud
        for first, last in _silences(channel, beat)
        if speech[max(0, (first - EDGE) // FRAME_SAMPLES - 2) : last // FRAME_SAMPLES + 4].any()
    )


def _silences(channel: NDArray[np.int16], beat: Beat) -> Iterator[tuple[int, int]]:
    """Runs of digital silence inside the channel, as long as lost packets are."""
    block = 60 * RATE
    for start in range(0, len(channel), block):
        beat()
        piece = channel[start : start + block + 2 * LONGEST_DROPOUT]
        silent = (piece <= SILENT_SAMPLE) & (piece >= -SILENT_SAMPLE)
        edges = np.flatnonzero(np.diff(silent.view(np.int8), prepend=np.int8(0), append=np.int8(0))) + start
        runs = edges.reshape(-1, 2)
        lengths = runs[:, 1] - runs[:, 0]
        # Each run is told by the block that it begins inside of.
        begun = (runs[:, 0] > start) & (runs[:, 0] <= start + block)
        long = begun & (lengths >= SHORTEST_DROPOUT) & (lengths <= LONGEST_DROPOUT)
        for first, last in runs[long].tolist():
            if first >= EDGE and last + EDGE <= len(channel):
                yield first, last


def _level(samples: NDArray[np.int16]) -> float:
    return float(frame_levels(samples, len(samples))[0]) if len(samples) else DIGITAL_SILENCE_DB


def _speech_frames(channel: NDArray[np.int16], speech: NDArray[np.bool_]) -> Iterator[NDArray[np.int16]]:
    """The whole frames that carry speech, shape (frames, 512), about a minute at a time."""
    whole = len(channel) // FRAME_SAMPLES
    for first in range(0, whole, _BLOCK_FRAMES):
        last = min(first + _BLOCK_FRAMES, whole)
        block = channel[first * FRAME_SAMPLES : last * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        yield block[speech[first:last]]
