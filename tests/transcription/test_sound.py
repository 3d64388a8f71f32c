"""Level, pitch and pace of turns, on signals that have known ones."""

from __future__ import annotations

import numpy as np
import pytest

from qa_service.call import Speaker, Turn, Voice
from qa_service.testing.audio import RATE, silence
from qa_service.testing.signals import VOWELS, as_sound, cadence, hiss, mixed, swung, voiced
from qa_service.transcription.sound import ChannelSound, measure_channel, turn_sound, with_sound
from qa_service.transcription.vad import FRAME_SAMPLES


def all_speech(sound: np.ndarray) -> ChannelSound:
    """Measured as if the detector fired throughout: what is tested is the measuring."""
    return measure_channel(sound, np.ones(-(-len(sound) // FRAME_SAMPLES), dtype=np.float32))


def turn(start_ms: int, end_ms: int, text: str = "一二三四五六七八九十", voice: Voice | None = None) -> Turn:
    return Turn(speaker=Speaker.AGENT, start_ms=start_ms, end_ms=end_ms, text=text, voice=voice)


@pytest.mark.parametrize("pitch", [70, 85, 110, 140, 180, 220, 260, 300, 350, 400])
def test_pitch_in_the_telephone_band_at_20_db_is_grossly_wrong_in_at_most_2_percent(pitch: int) -> None:
    wrong = frames = 0
    for vowel in range(len(VOWELS)):
        for glide in (0.0, 0.08 if 80 <= pitch <= 360 else 0.0):
            clear = voiced(pitch, 1500, vowel=vowel, glide=glide)
            found = all_speech(mixed(clear, hiss(len(clear), level=300, low=300, high=3400))).pitches
            true = swung(pitch, 1536, glide)[FRAME_SAMPLES // 2 :: FRAME_SAMPLES][: len(found)]
            voiced_frames = np.isfinite(found)
            wrong += np.count_nonzero(np.abs(found / true - 1)[voiced_frames] > 0.2)
            frames += np.count_nonzero(voiced_frames)
    assert frames >= 0.8 * 10 * 46, "a vowel has a pitch"
    assert wrong <= 0.02 * frames


@pytest.mark.parametrize("step", [0.1, 0.2, 0.3])
def test_a_step_in_pitch_is_measured(step: float) -> None:
    usual, higher = (
        turn_sound(turn(0, 2000), all_speech(as_sound(voiced(hz, 2000)))) for hz in (150, 150 * (1 + step))
    )
    assert usual.pitch_hz is not None
    assert higher.pitch_hz is not None
    assert higher.pitch_hz / usual.pitch_hz - 1 == pytest.approx(step, abs=0.01)


@pytest.mark.parametrize("gain_db", [-20, -6, -3, 3, 6, 9])
def test_a_step_in_level_is_measured(gain_db: int) -> None:
    clear = voiced(150, 2000, level=1500)
    usual, other = (turn_sound(turn(0, 2000), all_speech(as_sound(clear * 10 ** (db / 20)))) for db in (0, gain_db))
    assert usual.level_db == pytest.approx(20 * np.log10(1500 / 32768), abs=0.2)
    assert other.level_db is not None
    assert usual.level_db is not None
    assert other.level_db - usual.level_db == pytest.approx(gain_db, abs=0.2)


@pytest.mark.parametrize(
    "sound",
    [hiss(2 * RATE, level=3000), np.zeros(2 * RATE)],
    ids=["noise", "digital-silence"],
)
def test_what_has_no_pitch_gets_none(sound: np.ndarray) -> None:
    assert turn_sound(turn(0, 2000), all_speech(as_sound(sound))).pitch_hz is None


def test_hum_below_the_voice_is_no_pitch() -> None:
    hummed = mixed(voiced(200, 2000), cadence(((50.0,), 2000), level=6000))
    assert turn_sound(turn(0, 2000), all_speech(hummed)).pitch_hz == pytest.approx(200, rel=0.02)


def test_only_speech_is_measured() -> None:
    said = as_sound(voiced(150, 2048))
    channel = np.concatenate([silence(1024), said, silence(3072), said, silence(1024)])
    probabilities = np.repeat(np.float32([0, 1, 0, 1, 0]), [32, 64, 96, 64, 32])
    sound = measure_channel(channel, probabilities)
    whole, alone = turn_sound(turn(500, 8700), sound), turn_sound(turn(1024, 3072, "一二三四五"), sound)
    assert (whole.speech_ms, alone.speech_ms) == (4096, 2048)
    assert whole.level_db == alone.level_db
    assert whole.chars_per_second == alone.chars_per_second == pytest.approx(2.44, abs=0.01)


def test_the_course_goes_second_by_second_of_speech() -> None:
    said = voiced(150, 4000)
    said[2 * RATE :] *= 2
    course = turn_sound(turn(0, 4000), all_speech(as_sound(said))).course
    assert [moment.at_ms for moment in course] == [0, 992, 1984, 2976]
    assert course[3].level_db - course[0].level_db == pytest.approx(6, abs=0.2)
    assert all(moment.pitch_hz == pytest.approx(150, rel=0.02) for moment in course)


def test_punctuation_is_not_spoken() -> None:
    sound = all_speech(as_sound(voiced(150, 2000)))
    plain, marked = (turn_sound(turn(0, 2000, text), sound) for text in ("您好您好", "您好，您好！"))
    assert plain.chars_per_second == marked.chars_per_second


def test_a_turn_without_speech_has_no_sound() -> None:
    quiet = measure_channel(silence(2000), np.zeros(63, dtype=np.float32))
    found = turn_sound(turn(0, 2000), quiet)
    assert (found.level_db, found.pitch_hz, found.chars_per_second, found.course) == (None, None, None, ())


def test_each_turn_is_measured_on_the_channel_of_its_voice() -> None:
    low, high = (all_speech(as_sound(voiced(hz, 2000))) for hz in (110, 220))
    turns = (turn(0, 2000, voice=Voice.LEFT), turn(0, 2000, voice=Voice.RIGHT))
    pitches = [one.sound and one.sound.pitch_hz for one in with_sound(turns, {Voice.LEFT: low, Voice.RIGHT: high})]
    assert pitches == [pytest.approx(110, rel=0.02), pytest.approx(220, rel=0.02)]


@pytest.mark.parametrize("voice", [None, Voice.LEFT, Voice.SECOND])
def test_of_one_channel_every_turn_is_measured_there(voice: Voice | None) -> None:
    (measured,) = with_sound([turn(0, 2000, voice=voice)], {Voice.LEFT: all_speech(as_sound(voiced(110, 2000)))})
    assert measured.sound is not None
    assert measured.sound.pitch_hz == pytest.approx(110, rel=0.02)
