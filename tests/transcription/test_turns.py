"""Utterances into turns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_service.call import HeardWord, Span, Speaker, Suspicion, Voice
from qa_service.transcription.turns import Heard, to_turns

A, C = Speaker.AGENT, Speaker.CUSTOMER


def heard(speaker: Speaker, start: int, end: int, text: str, *doubts: Suspicion, sure: float = 0.9) -> Heard:
    return Heard(
        speaker=speaker,
        span=Span(start_ms=start, end_ms=end),
        text=text,
        words=tuple(
            HeardWord(start=at, end=at + 1, start_ms=start + at, end_ms=start + at + 1, probability=sure)
            for at in range(len(text))
        ),
        suspicions=frozenset(doubts),
    )


@pytest.mark.parametrize(
    ("utterances", "turns"),
    [
        ([], []),
        ([heard(A, 0, 900, "您好"), heard(A, 1300, 2000, "我是")], [(A, 0, 2000, "您好，我是")]),
        ([heard(A, 0, 900, "您好"), heard(A, 2000, 3000, "我是")], [(A, 0, 3000, "您好。我是")]),
        ([heard(A, 0, 900, "您好"), heard(A, 2100, 3000, "我是")], [(A, 0, 900, "您好"), (A, 2100, 3000, "我是")]),
        ([heard(A, 0, 900, "您好"), heard(C, 950, 1200, "嗯"), heard(A, 1300, 2000, "我是")],
         [(A, 0, 900, "您好"), (C, 950, 1200, "嗯"), (A, 1300, 2000, "我是")]),
        ([heard(C, 1000, 2000, "喂"), heard(A, 500, 3000, "您好")], [(A, 500, 3000, "您好"), (C, 1000, 2000, "喂")]),
        ([heard(C, 0, 500, "喂"), heard(A, 0, 400, "您好")], [(A, 0, 400, "您好"), (C, 0, 500, "喂")]),
    ],
    ids=["none", "breath", "pause", "long-pause", "other-speaks", "by-start", "by-end"],
)  # fmt: skip
def test_turns_are_in_order_and_join_short_pauses(
    utterances: list[Heard], turns: list[tuple[Speaker, int, int, str]]
) -> None:
    found = to_turns(utterances)
    assert [(turn.speaker, turn.start_ms, turn.end_ms, turn.text) for turn in found] == turns


def test_doubt_does_not_spread_to_a_trusted_utterance() -> None:
    turns = to_turns([heard(A, 0, 900, "您好"), heard(A, 1000, 2000, "谢谢观看", Suspicion.INVENTED_PHRASE)])
    assert [(turn.text, turn.suspicions, turn.trusted) for turn in turns] == [
        ("您好", (), True),
        ("谢谢观看", (Suspicion.INVENTED_PHRASE,), False),
    ]


def test_several_doubts_keep_one_order() -> None:
    (turn,) = to_turns([heard(A, 0, 900, "啊" * 40, Suspicion.NO_SPEECH, Suspicion.LOOP)])
    assert turn.suspicions == (Suspicion.LOOP, Suspicion.NO_SPEECH)


def test_confidence_is_the_mean_over_words_not_over_utterances() -> None:
    (turn,) = to_turns([heard(A, 0, 900, "您好吗", sure=1.0), heard(A, 1000, 2000, "我", sure=0.2)])
    assert turn.confidence == 0.8


@pytest.mark.parametrize("pause_ms", [20, 400, 900], ids=["our-own-cut", "breath", "pause"])
def test_words_keep_their_place_and_time_when_utterances_are_joined(pause_ms: int) -> None:
    second = 900 + pause_ms
    (turn,) = to_turns([heard(A, 0, 900, "您好"), heard(A, second, second + 500, "我是"), heard(C, 5000, 5100, "嗯")])[
        :1
    ]
    assert [turn.text[word.start : word.end] for word in turn.words] == ["您", "好", "我", "是"]
    assert [word.start_ms for word in turn.words] == [0, 1, second, second + 1]


def test_two_voices_are_not_joined_though_one_role_is_guessed_for_both() -> None:
    said = [heard(A, 0, 900, "您好"), heard(A, 1000, 2000, "我是")]
    turns = to_turns(replace(one, voice=voice) for one, voice in zip(said, (Voice.FIRST, Voice.SECOND), strict=True))
    assert [(turn.text, turn.voice) for turn in turns] == [("您好", Voice.FIRST), ("我是", Voice.SECOND)]


def test_a_turn_is_as_doubtful_as_its_most_doubtful_part() -> None:
    said = [heard(A, 0, 900, "您好"), heard(A, 1000, 2000, "我是")]
    (turn,) = to_turns(replace(one, speaker_confidence=sure) for one, sure in zip(said, (0.9, 0.6), strict=True))
    assert turn.speaker_confidence == 0.6
