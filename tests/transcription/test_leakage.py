"""An echo of one speaker on the other's channel makes no turns; two people talking at once still do."""

from __future__ import annotations

import numpy as np
import pytest

from qa_service.call import HeardWord, Span, Speaker, Suspicion
from qa_service.testing.audio import noise, silence, utterances
from qa_service.transcription.leakage import Sides, with_crosstalk, without_echo
from qa_service.transcription.turns import Heard
from qa_service.transcription.vad import TURNS, frame_probabilities, spans

LENGTH = 20_000
AGENT = utterances((500, 4500), (7000, 11_000), (14_000, 17_000), length=LENGTH, pitch=200)
CUSTOMER = utterances((5000, 6500), (11_500, 13_500), length=LENGTH, pitch=120)
INTERRUPTING = utterances((5000, 6500), (8500, 10_000), (11_500, 13_500), length=LENGTH, pitch=120)


def scaled(sound: np.ndarray, decibels: float) -> np.ndarray:
    return (sound * 10 ** (decibels / 20)).astype(np.int16)


def delayed(sound: np.ndarray, milliseconds: int) -> np.ndarray:
    return np.concatenate([silence(milliseconds), sound])[: len(sound)]


def sides_of(left: np.ndarray, right: np.ndarray) -> Sides:
    return without_echo(np.stack([left, right]), (frame_probabilities(left), frame_probabilities(right)))


def starts(left: np.ndarray, right: np.ndarray) -> tuple[list[int], list[int]]:
    cleared = sides_of(left, right).probabilities
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
    sides = without_echo(samples, probabilities)
    assert sides.probabilities[1] is probabilities[1]
    assert sides.leak_db[1] is None


@pytest.mark.parametrize("delay", [0, 30, 100], ids="delay{}".format)
@pytest.mark.parametrize("level", [-3, -6, -14, -20, -30], ids="level{}".format)
def test_how_loud_a_channel_repeats_the_other_is_estimated(level: int, delay: int) -> None:
    left, right = sides_of(AGENT, INTERRUPTING + delayed(scaled(AGENT, level), delay)).leak_db
    assert left is None
    assert right == pytest.approx(level, abs=1.5)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (AGENT, CUSTOMER),
        (AGENT + noise(LENGTH, level=50), INTERRUPTING + noise(LENGTH, level=50, seed=1)),
        (AGENT, silence(LENGTH)),
        (AGENT, AGENT[::-1].copy()),
        (AGENT, CUSTOMER + scaled(AGENT, -60)),
    ],
    ids=["clean", "noisy-interrupting", "silent", "talking-throughout", "what-a-codec-leaves"],
)
def test_where_nothing_is_repeated_there_is_no_estimate(left: np.ndarray, right: np.ndarray) -> None:
    assert sides_of(left, right).leak_db == (None, None)


def said(start: int, end: int, text: str, *, step: int = 200) -> Heard:
    words = tuple(
        HeardWord(start=n, end=n + 1, start_ms=start + n * step, end_ms=start + n * step + step, probability=0.9)
        for n in range(len(text))
    )
    return Heard(speaker=Speaker.AGENT, span=Span(start_ms=start, end_ms=end), text=text, words=words)


def sides_at(left_db: float, right_db: float) -> Sides:
    frames = np.ones(LENGTH // 32, dtype=np.float32)
    levels = frames * np.float32(left_db), frames * np.float32(right_db)
    return Sides(probabilities=(frames, frames), levels=levels, leak_db=(None, None))


SPOKEN = said(1000, 4000, "您今天必须把两千块还上不然")


@pytest.mark.parametrize(
    ("other", "quieter", "crosstalk"),
    [
        (said(1000, 4000, "您今天必须把两千块还上不然"), 8, True),
        (said(1000, 4000, "您今天必需把两天块还上不然"), 8, True),
        (said(2000, 3200, "须把两千块"), 8, True),
        (said(1000, 4000, "您今天必须把两千块还上不然"), 2, False),
        (said(1000, 4000, "我现在真的没有钱你让我缓缓"), 8, False),
        (said(1800, 2600, "两千块啊"), 8, True),
        (said(1800, 2600, "好的好的"), 8, False),
        (said(4400, 5600, "两千块还上"), 8, False),
        (said(2600, 3000, "嗯"), 8, False),
        (said(2000, 2400, "把两"), 8, True),
    ],
    ids=[
        "the-same", "misheard", "a-part-of-it", "as-loud", "own-words", "at-the-time", "short-own-words",
        "repeated-afterwards", "back-channel", "two-characters",
    ],
)  # fmt: skip
def test_what_the_other_side_said_louder_at_the_time_is_crosstalk(other: Heard, quieter: int, crosstalk: bool) -> None:
    first, second = with_crosstalk(sides_at(60, 60 - quieter), [SPOKEN], [other])
    assert not first.suspicions, "the louder channel is the one that speaks"
    assert second.suspicions == ({Suspicion.CROSSTALK} if crosstalk else frozenset())
    assert second.text == other.text, "it stays visible"
