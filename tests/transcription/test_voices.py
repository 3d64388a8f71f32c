"""Stretches of speech compared by their sound: one voice is like itself, and unlike another."""

from __future__ import annotations

import numpy as np
import pytest

from qa_service.call import Span
from qa_service.testing.audio import noise, silence, speech
from qa_service.transcription.vad import FRAME_SAMPLES, Probabilities
from qa_service.transcription.voices import VoicePrints, directions, likelihoods, voice_prints

STRETCHES = [Span(start_ms=start, end_ms=start + 2000) for start in range(0, 12_000, 2000)]
MINE = np.array([True, False] * 3)


def spoken(sound: np.ndarray) -> Probabilities:
    """A detector that hears speech everywhere."""
    return np.ones(-(-len(sound) // FRAME_SAMPLES), dtype=np.float32)


def dull(sound: np.ndarray) -> np.ndarray:
    """The same speech as a duller voice says it."""
    return np.convolve(sound, np.ones(4) / 4, mode="same").astype(np.int16)


@pytest.fixture(scope="module")
def prints() -> VoicePrints:
    """Six stretches, by turns a bright and a dull voice, each saying something else."""
    said = [speech(2000, seed=number) for number in range(len(STRETCHES))]
    sound = np.concatenate([one if mine else dull(one) for one, mine in zip(said, MINE, strict=True)])
    measured = voice_prints(sound, spoken(sound), STRETCHES)
    assert measured is not None
    return measured


def test_a_stretch_fits_the_voice_of_the_others_like_it(prints: VoicePrints) -> None:
    for left_out in range(len(STRETCHES)):
        others = np.arange(len(STRETCHES)) != left_out
        shares = np.stack([MINE & others, ~MINE & others]).astype(float)[None]
        (fits,), _ = likelihoods(prints, shares)
        assert (fits[0, left_out] > fits[1, left_out]) == MINE[left_out]


def test_the_greatest_difference_is_that_of_the_voices(prints: VoicePrints) -> None:
    (along,) = directions(prints, 1)
    assert abs(np.corrcoef(along, MINE)[0, 1]) > 0.9


def test_the_right_guess_is_the_likeliest(prints: VoicePrints) -> None:
    wrong = np.arange(6) < 3
    shares = np.stack([np.stack([who, ~who]) for who in (MINE, wrong)]).astype(float)
    fits, prior = likelihoods(prints, shares)
    right, other = (fits * shares).sum(axis=(1, 2)) + prior
    assert right > other


def test_nobody_in_particular_is_the_average(prints: VoicePrints) -> None:
    (fits,), (prior,) = likelihoods(prints, np.zeros((1, 2, len(STRETCHES))))
    assert np.all(fits == 0)
    assert prior == 0


@pytest.mark.parametrize(
    "sound",
    [silence(0), silence(20), silence(5000), speech(1000)],
    ids=["nothing", "less-than-a-frame", "silence", "one-second"],
)
def test_too_little_speech_has_no_voices(sound: np.ndarray) -> None:
    probabilities = spoken(sound) if sound.any() else np.zeros(len(spoken(sound)), dtype=np.float32)
    assert voice_prints(sound, probabilities, [Span(start_ms=0, end_ms=1000)]) is None


def test_what_is_quiet_beside_the_speech_is_left_out() -> None:
    sound = np.concatenate([speech(4000), noise(4000, level=20)])
    measured = voice_prints(sound, spoken(sound), [Span(start_ms=0, end_ms=4000), Span(start_ms=4100, end_ms=8000)])
    assert measured is not None
    assert measured.counts[1].sum() < 0.02 * measured.counts[0].sum()


def test_a_stretch_without_speech_counts_nothing(prints: VoicePrints) -> None:
    sound = speech(6000)
    measured = voice_prints(sound, spoken(sound), [Span(start_ms=0, end_ms=6000), Span(start_ms=9000, end_ms=9500)])
    assert measured is not None
    assert measured.counts[1].sum() == 0
