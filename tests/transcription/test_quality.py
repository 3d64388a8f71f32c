"""What a channel is worth, on signals made worse by known steps."""

from __future__ import annotations

import numpy as np
import pytest

from qa_service.call import ChannelQuality, Grade, Voice
from qa_service.testing.audio import RATE, Sound, silence
from qa_service.testing.signals import Wave, as_sound, at_level, band, hiss, mixed
from qa_service.transcription.quality import NOTHING_SAID, channel_quality
from qa_service.transcription.sound import measure_channel
from qa_service.transcription.vad import FRAME_SAMPLES

SPEAKING = [(1.0, 5.0), (6.0, 9.0), (11.0, 15.0)]
SECONDS = 16


def talk(*, seed: int = 0, level: float = 2000.0) -> Wave:
    """Sixteen seconds of wide-band bursts with speech's spread of amplitudes, apart by digital silence."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(SECONDS * RATE)
    for start, end in SPEAKING:
        length = int((end - start) * RATE)
        syllables = np.abs(np.sin(np.pi * 4 * np.arange(length) / RATE)) + 0.3
        fade = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (RATE / 10))
        sound[int(start * RATE) : int(start * RATE) + length] = rng.laplace(0, 1, length) * syllables * fade**2
    return sound * level / np.sqrt(np.mean(np.square(sound[sound != 0])))


def graded(sound: Sound) -> ChannelQuality:
    """The quality, the detector being right about where somebody speaks."""
    frames = -(-len(sound) // FRAME_SAMPLES)
    middles = (np.arange(frames) + 0.5) * FRAME_SAMPLES / RATE
    probabilities = np.zeros(frames, dtype=np.float32)
    for start, end in SPEAKING:
        probabilities[(middles >= start) & (middles < end)] = 1
    return channel_quality(sound, Voice.LEFT, measure_channel(sound, probabilities), probabilities)


def dropped(sound: Sound, *, pieces: int, milliseconds: int) -> Sound:
    """The sound with so many stretches of speech replaced by digital silence."""
    broken = sound.copy()
    for start in np.linspace(1.5, 4.5, pieces):
        broken[int(start * RATE) :][: milliseconds * RATE // 1000] = 0
    return broken


@pytest.mark.parametrize(
    ("level", "grade"),
    [(4000, Grade.GOOD), (1000, Grade.GOOD), (600, Grade.FAIR), (400, Grade.FAIR), (200, Grade.POOR)],
)
def test_level(level: int, grade: Grade) -> None:
    quality = graded(as_sound(talk(level=level)))
    assert quality.level_db == pytest.approx(20 * np.log10(level / 32768), abs=0.3)
    assert quality.grade is grade
    assert (quality.because is None) == (grade is Grade.GOOD)
    assert quality.because is None or quality.because.startswith("音量偏低")


@pytest.mark.parametrize("plateau", [32_767, 20_000, 12_000], ids=["at-full-scale", "below", "far-below"])
@pytest.mark.parametrize(
    ("share", "grade"), [(0.002, Grade.GOOD), (0.01, Grade.FAIR), (0.02, Grade.FAIR), (0.06, Grade.POOR)]
)
def test_clipping_wherever_the_top_lies(share: float, grade: Grade, plateau: int) -> None:
    loud = talk()
    top = np.quantile(np.abs(loud[loud != 0]), 1 - share)
    quality = graded(as_sound(loud.clip(-top, top) / top * plateau))
    assert quality.clipped == pytest.approx(share, rel=0.35, abs=0.001)
    assert quality.grade is grade


@pytest.mark.parametrize("level", [1000, 2000, 3000])
def test_loud_speech_that_reaches_no_top_is_not_clipped(level: int) -> None:
    assert graded(as_sound(talk(level=level))).clipped == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize(
    ("snr", "grade"), [(40, Grade.GOOD), (25, Grade.GOOD), (15, Grade.FAIR), (11, Grade.FAIR), (5, Grade.POOR)]
)
def test_noise_at_a_known_distance(snr: int, grade: Grade) -> None:
    quality = graded(mixed(talk(), hiss(SECONDS * RATE, level=2000 * 10 ** (-snr / 20), high=4000)))
    assert quality.noise_db == pytest.approx(snr, abs=1)
    assert quality.grade is grade


@pytest.mark.parametrize(
    ("cut", "grade"),
    [(2000, Grade.POOR), (2600, Grade.FAIR), (3400, Grade.GOOD), (5000, Grade.GOOD), (7000, Grade.GOOD)],
)
def test_bandwidth(cut: int, grade: Grade) -> None:
    quality = graded(mixed(band(talk(), 100, cut), hiss(SECONDS * RATE, level=2)))
    assert quality.bandwidth_hz == pytest.approx(cut, abs=250)
    assert quality.grade is grade


def test_noise_above_the_voice_is_no_bandwidth() -> None:
    quality = graded(mixed(band(talk(), 100, 3400), hiss(SECONDS * RATE, level=100, low=3600)))
    assert quality.bandwidth_hz == pytest.approx(3400, abs=250)


@pytest.mark.parametrize("milliseconds", [20, 60, 200])
@pytest.mark.parametrize(("pieces", "grade"), [(1, Grade.GOOD), (3, Grade.FAIR), (9, Grade.POOR)])
def test_dropouts_are_counted(pieces: int, milliseconds: int, grade: Grade) -> None:
    quality = graded(dropped(as_sound(talk()), pieces=pieces, milliseconds=milliseconds))
    assert quality.dropouts == pieces
    assert quality.grade is grade


def test_a_lost_packet_of_a_law_is_a_dropout_too() -> None:
    broken = dropped(as_sound(talk()), pieces=4, milliseconds=40)
    broken[broken == 0] = 8
    assert graded(broken).dropouts == 4


def test_a_gated_line_has_no_dropouts_and_no_absurd_distance_to_noise() -> None:
    fading = talk()
    for _, end in SPEAKING:
        tail = slice(int((end - 0.3) * RATE), int(end * RATE))
        fading[tail] *= np.geomspace(1, 0.01, tail.stop - tail.start)
    quality = graded(as_sound(fading))
    assert (quality.dropouts, quality.noise_db, quality.grade) == (0, None, Grade.GOOD)


def test_comfort_noise_is_measured_as_what_it_is() -> None:
    quality = graded(mixed(talk(), hiss(SECONDS * RATE, level=3)))
    assert quality.noise_db is not None
    assert 50 < quality.noise_db < 60
    assert quality.dropouts == 0


@pytest.mark.parametrize("sound", [silence(3000), as_sound(hiss(3 * RATE, level=50))], ids=["silence", "noise"])
def test_where_nobody_speaks_nothing_is_graded(sound: Sound) -> None:
    probabilities = np.zeros(-(-len(sound) // FRAME_SAMPLES), dtype=np.float32)
    quality = channel_quality(sound, Voice.RIGHT, measure_channel(sound, probabilities), probabilities)
    assert (quality.grade, quality.because, quality.voice) == (Grade.UNKNOWN, NOTHING_SAID, Voice.RIGHT)
    assert {quality.level_db, quality.clipped, quality.noise_db, quality.bandwidth_hz, quality.dropouts} == {None}


def test_the_worst_comes_first_and_all_is_told() -> None:
    bad = at_level(band(talk(), 100, 2600), 100)
    quality = graded(mixed(bad, hiss(SECONDS * RATE, level=10, high=4000)))
    assert quality.grade is Grade.POOR
    assert quality.because is not None
    assert quality.because.startswith("音量偏低")
    assert "声音发闷" in quality.because
    assert quality.because.endswith("。")
