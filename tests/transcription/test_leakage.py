"""An echo of one speaker on the other's channel makes no turns; two people talking at once still do."""

from __future__ import annotations

import numpy as np
import pytest

from qa_service.testing.audio import noise, silence, utterances
from qa_service.transcription.leakage import without_echo
from qa_service.transcription.vad import TURNS, frame_probabilities, spans

LENGTH = 20_000
AGENT = utterances((500, 4500), (7000, 11_000), (14_000, 17_000), length=LENGTH, pitch=200)
CUSTOMER = utterances((5000, 6500), (11_500, 13_500), length=LENGTH, pitch=120)
INTERRUPTING = utterances((5000, 6500), (8500, 10_000), (11_500, 13_500), length=LENGTH, pitch=120)


def scaled(sound: np.ndarray, decibels: float) -> np.ndarray:
    return (sound * 10 ** (decibels / 20)).astype(np.int16)


def delayed(sound: np.ndarray, milliseconds: int) -> np.ndarray:
    return np.concatenate([silence(milliseconds), sound])[: len(sound)]


def starts(left: np.ndarray, right: np.ndarray) -> tuple[list[int], list[int]]:
    samples = np.stack([left, right])
    cleared = without_echo(samples, (frame_probabilities(left), frame_probabilities(right)))
    first, second = ([round(span.start_ms / 500) for span in spans(p, TURNS, LENGTH)] for p in cleared)
    return first, second


@pytest.mark.parametrize("delay", [0, 30, 100], ids="delay{}".format)
@pytest.mark.parametrize("level", [-14, -20, -30], ids="level{}".format)
def test_an_echo_is_not_heard(level: int, delay: int) -> None:
    echoing = CUSTOMER + delayed(scaled(AGENT, level), delay)
    if level == -20:
        assert len(spans(frame_probabilities(echoing), TURNS, LENGTH)) > 2, "the detector alone takes it for speech"
    assert starts(AGENT, echoing)[1] == [pytest.approx(start, abs=1) for start in starts(AGENT, CUSTOMER)[1]]


@pytest.mark.parametrize("quieter", [0, -6, -12], ids="level{}".format)
@pytest.mark.parametrize("echo", [-20, -30, None], ids="echo{}".format)
def test_an_interruption_is_heard_over_an_echo(echo: int | None, quieter: int) -> None:
    right = scaled(INTERRUPTING, quieter)
    if echo is not None:
        right = right + scaled(AGENT, echo)
    found = starts(AGENT, right)[1]
    assert any(16 <= start <= 18 for start in found), found


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (AGENT, CUSTOMER),
        (AGENT + noise(LENGTH, level=50), CUSTOMER + noise(LENGTH, level=50, seed=1)),
        (AGENT, silence(LENGTH)),
        (AGENT, INTERRUPTING),
        (AGENT, AGENT[::-1].copy()),
    ],
    ids=["clean", "noisy", "silent", "interrupting", "talking-throughout"],
)
def test_a_line_without_echo_is_left_alone(left: np.ndarray, right: np.ndarray) -> None:
    alone = [
        [round(span.start_ms / 500) for span in spans(frame_probabilities(s), TURNS, LENGTH)] for s in (left, right)
    ]
    assert list(starts(left, right)) == alone


def test_a_word_or_two_is_too_little_to_estimate_from() -> None:
    short = utterances((500, 1100), length=LENGTH)
    samples = np.stack([short, CUSTOMER])
    probabilities = frame_probabilities(short), frame_probabilities(CUSTOMER)
    assert without_echo(samples, probabilities)[1] is probabilities[1]
