"""A voice against its own calm: what counts as raised, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from qa_service.call import SoundMoment, Speaker, Suspicion, Turn, TurnSound
from qa_service.lexicon import load_rulebook
from qa_service.reading.composure import Calm, Raised, calm_of, raised_turns

LIMITS = load_rulebook().limits
A, C = Speaker.AGENT, Speaker.CUSTOMER


def turn(
    start: int, seconds: int, *, level: float = -28.0, pitch: float = 180.0, pace: float = 4.5, speaker: Speaker = A
) -> Turn:
    """A turn of that much speech, alike throughout, beginning at second ``start``."""
    return Turn(
        speaker=speaker,
        start_ms=start * 1000,
        end_ms=(start + seconds) * 1000,
        text="字" * round(pace * seconds),
        sound=TurnSound(
            level_db=level,
            pitch_hz=pitch,
            chars_per_second=pace,
            speech_ms=seconds * 1000,
            course=tuple(
                SoundMoment(at_ms=(start + second) * 1000, level_db=level, pitch_hz=pitch) for second in range(seconds)
            ),
        ),
    )


CALM = (turn(0, 5), turn(10, 5), turn(20, 6))


def raised(*more: Turn, calm: Sequence[Turn] = CALM) -> dict[int, Raised]:
    return dict(raised_turns([*calm, *more], LIMITS))


@pytest.mark.parametrize(
    ("odd", "signals"),
    [
        ({"level": -21.0}, ("音量比平时高 7 dB",)),
        ({"level": -19.0}, ("音量比平时高 9 dB",)),
        ({"pitch": 220.0}, ("音高比平时高 22%",)),
        ({"pace": 5.6}, ("语速比平时快 24%",)),
        ({"level": -20.0, "pitch": 240.0, "pace": 6.0}, ("音量比平时高 8 dB", "音高比平时高 33%", "语速比平时快 33%")),
    ],
    ids=["louder", "much-louder", "higher", "faster", "all"],
)
def test_steps_are_told_as_a_person_reads_them(odd: dict[str, float], signals: tuple[str, ...]) -> None:
    assert raised(turn(30, 4, **odd))[3].signals == signals


@pytest.mark.parametrize(
    ("odd", "seconds"),
    [({"level": -24.0}, 4), ({"pitch": 210.0}, 4), ({"pace": 5.2}, 4), ({"level": -20.0, "pace": 6.0}, 2), ({}, 20)],
    ids=["a-little-louder", "a-little-higher", "a-little-faster", "for-two-seconds", "long-and-calm"],
)
def test_less_is_nothing(odd: dict[str, float], seconds: int) -> None:
    assert raised(turn(30, seconds, **odd)) == {}


def test_a_long_turn_may_be_loud_in_one_part() -> None:
    long = turn(30, 12)
    assert long.sound is not None
    course = tuple(
        replace(moment, level_db=-19.0) if 5 <= second < 9 else moment
        for second, moment in enumerate(long.sound.course)
    )
    assert raised(replace(long, sound=replace(long.sound, course=course)))[3].signals == ("音量比平时高 9 dB",)


def test_short_shouts_in_a_row_count_together() -> None:
    shouts = [turn(30 + 4 * n, 1, level=-18.0) for n in range(3)]
    assert set(raised(*shouts)) == {3, 4, 5}


def test_short_shouts_far_apart_do_not() -> None:
    assert raised(*[turn(30 + 20 * n, 1, level=-18.0) for n in range(3)]) == {}


def test_a_calm_turn_beside_a_loud_one_is_calm() -> None:
    assert set(raised(turn(30, 4, level=-18.0), turn(36, 1), turn(40, 5))) == {3}


def test_each_speaker_has_their_own_calm() -> None:
    loud_by_nature = [turn(5 + 10 * n, 4, level=-18.0, pitch=120.0, speaker=C) for n in range(4)]
    assert raised(*loud_by_nature) == {}


def test_who_shouts_a_quarter_of_the_call_is_noticed() -> None:
    turns = [turn(10 * n, 5, level=-19.0 if n % 4 == 3 else -28.0) for n in range(12)]
    assert set(raised_turns(turns, LIMITS)) == {3, 7, 11}


def test_who_shouts_from_the_first_word_on_is_noticed_by_the_calm_at_the_end() -> None:
    turns = [turn(10 * n, 5, level=-18.0 if n < 3 else -28.0) for n in range(8)]
    assert set(raised_turns(turns, LIMITS)) == {0, 1, 2}


def test_who_shouts_throughout_is_not_noticed() -> None:
    assert raised_turns([turn(10 * n, 5, level=-12.0) for n in range(8)], LIMITS) == {}


@pytest.mark.parametrize(
    "calm",
    [CALM[:1], (turn(0, 1), turn(5, 1))],
    ids=["too-few-turns", "too-little-speech"],
)
def test_without_a_calm_nothing_is_said(calm: tuple[Turn, ...]) -> None:
    assert raised(turn(30, 4, level=-10.0), calm=calm) == {}


@pytest.mark.parametrize(
    "odd",
    [{"suspicions": (Suspicion.CROSSTALK,)}, {"speaker_doubtful": True}, {"sound": None}],
    ids=["suspect", "guessed-speaker", "no-audio"],
)
def test_what_is_doubtful_takes_no_part(odd: dict[str, object]) -> None:
    assert raised(replace(turn(30, 4, level=-10.0), **odd)) == {}  # type: ignore[arg-type]


def test_imported_text_has_no_composure() -> None:
    assert raised_turns([replace(one, sound=None) for one in CALM], LIMITS) == {}


@pytest.mark.parametrize(
    ("sound", "alone"),
    [
        (Raised(level_db=7.0), False),
        (Raised(pitch=0.25), False),
        (Raised(pace=0.8), False),
        (Raised(level_db=7.0, pitch=0.25), True),
        (Raised(pitch=0.25, pace=0.3), True),
        (Raised(level_db=9.5, strong=True), True),
    ],
    ids=["louder", "higher", "faster", "louder-and-higher", "higher-and-faster", "much-louder"],
)
def test_sound_alone_needs_two_steps_or_a_big_one(sound: Raised, alone: bool) -> None:
    assert sound.alone is alone


@pytest.mark.parametrize(
    ("odd", "strong"),
    [({"level": -18.5}, True), ({"level": -21.0}, False), ({"pitch": 240.0}, True), ({"pace": 9.0}, False)],
    ids=["+9.5 dB", "+7 dB", "+33 %", "twice as fast"],
)
def test_a_big_step_is_half_as_much_again_and_never_the_pace(odd: dict[str, float], strong: bool) -> None:
    assert raised(turn(30, 4, **odd))[3].strong is strong


def test_the_calm_is_the_quieter_half() -> None:
    quiet, usual, loud = turn(0, 5, level=-30.0, pitch=160.0), turn(10, 5), turn(20, 10, level=-10.0, pitch=300.0)
    calm = calm_of([one.sound for one in (loud, usual, quiet) if one.sound])
    assert calm == Calm(level_db=-29.0, pitch_hz=170.0, chars_per_second=4.5)


def test_the_quietest_turn_is_calm_however_long() -> None:
    calm = calm_of(
        [one.sound for one in (turn(0, 20), turn(30, 2, level=-15.0), turn(40, 2, level=-15.0)) if one.sound]
    )
    assert calm is not None
    assert calm.level_db == -28.0
