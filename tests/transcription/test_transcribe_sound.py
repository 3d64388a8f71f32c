"""What a transcript says of its sound: noises, quality, and how each turn sounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qa_service.call import Grade, NoiseKind, Transcript, Voice
from qa_service.reading.talk import talk_metrics
from qa_service.testing.audio import RATE, Sound, silence, utterances, write_recording
from qa_service.testing.signals import as_sound, cadence, hiss, mixed, tune
from qa_service.transcription.audio import decode
from qa_service.transcription.transcribe import transcribe
from tests.transcription.conftest import EngineMaker

RINGS = as_sound(cadence(((450,), 1000), ((), 4000), repeat=2))
HIGH = utterances((11_000, 14_000), (17_000, 20_000), (36_000, 39_000), length=40_000, pitch=210)
LOW = utterances((14_500, 16_500), (20_500, 24_000), length=40_000, pitch=120)


def heard(tmp_path: Path, engine_saying: EngineMaker, *channels: Sound) -> Transcript:
    hissing = [mixed(channel, hiss(len(channel), level=12, seed=n)) for n, channel in enumerate(channels)]
    return transcribe(
        decode(write_recording(tmp_path / "call.wav", *hissing), tmp_path / "audio"), engine_saying("您好")
    )


@pytest.fixture
def call(tmp_path: Path, engine_saying: EngineMaker) -> Transcript:
    """It rings twice, both talk, the agent's channel plays music for ten seconds, the agent says something more."""
    left = mixed(HIGH, np.concatenate([np.zeros(25 * RATE), tune(10_000), np.zeros(5 * RATE)]))
    return heard(tmp_path, engine_saying, left, mixed(LOW, RINGS))


def test_ringing_and_music_are_told_with_their_channel(call: Transcript) -> None:
    assert [(noise.kind, noise.voice) for noise in call.noises] == [
        (NoiseKind.HOLD_MUSIC, Voice.LEFT),
        (NoiseKind.RING_BACK, Voice.RIGHT),
    ]
    music, ringing = (noise.span for noise in call.noises)
    assert (ringing.start_ms, ringing.end_ms) == (pytest.approx(0, abs=100), pytest.approx(6000, abs=100))
    assert (music.start_ms, music.end_ms) == (pytest.approx(25_000, abs=2600), pytest.approx(35_000, abs=2600))


def test_nobody_speaks_in_either(call: Transcript) -> None:
    assert all(turn.start_ms >= 10_000 for turn in call.turns)
    assert not [turn for turn in call.turns if turn.start_ms < 35_000 and turn.end_ms > 25_500]


def test_waiting_is_counted_and_is_no_silence(call: Transcript) -> None:
    metrics = talk_metrics(call.turns, call)
    assert metrics is not None
    assert metrics.ring_back_ms == pytest.approx(6000, abs=200)
    assert metrics.hold_ms == pytest.approx(10_000, abs=4000)
    assert all(event.start_ms >= 5900 for event in metrics.silences)


def test_every_turn_carries_its_own_sound(call: Transcript) -> None:
    pitches = {
        voice: [turn.sound.pitch_hz for turn in call.turns if turn.voice is voice and turn.sound is not None]
        for voice in (Voice.LEFT, Voice.RIGHT)
    }
    assert all(pitches.values())
    assert all(pitch == pytest.approx(210, rel=0.2) for pitch in pitches[Voice.LEFT])
    assert all(pitch == pytest.approx(120, rel=0.2) for pitch in pitches[Voice.RIGHT])


def test_each_channel_has_its_quality(tmp_path: Path, engine_saying: EngineMaker) -> None:
    quiet = (LOW * 0.02).astype(np.int16)
    left, right = heard(tmp_path, engine_saying, HIGH, quiet).quality
    assert (left.voice, left.grade) == (Voice.LEFT, Grade.GOOD)
    assert (right.voice, right.grade) == (Voice.RIGHT, Grade.POOR)
    assert right.because is not None
    assert "音量偏低" in right.because


def test_a_dead_channel_is_not_graded(tmp_path: Path, engine_saying: EngineMaker) -> None:
    _, dead = heard(tmp_path, engine_saying, HIGH, silence(40_000)).quality
    assert dead.grade is Grade.UNKNOWN


def test_one_channel_goes_by_left(tmp_path: Path, engine_saying: EngineMaker) -> None:
    transcript = heard(tmp_path, engine_saying, mixed(HIGH, LOW, RINGS))
    assert [noise.kind for noise in transcript.noises] == [NoiseKind.RING_BACK]
    assert {one.voice for one in (*transcript.noises, *transcript.quality)} == {Voice.LEFT}
    assert transcript.turns
    assert all(turn.sound is not None and turn.sound.level_db is not None for turn in transcript.turns)
