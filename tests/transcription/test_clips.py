"""Utterances into clips, words back onto utterances."""

from __future__ import annotations

import numpy as np
import pytest

from qa_service.call import Span
from qa_service.transcription.clips import GAP_MS, Clip, cut_to_window, pack, put_back, render
from qa_service.transcription.engine import Word

LENGTHS = {"one": [1000], "three": [1000, 2000, 1500], "full": [5000, 4700], "too-many": [5000, 4701, 3000], "none": []}


def spans_of(lengths: list[int], apart: int = 2000) -> list[Span]:
    starts = np.cumsum([0, *[length + apart for length in lengths]]).tolist()
    return [Span(start_ms=start, end_ms=start + length) for start, length in zip(starts, lengths, strict=False)]


def said(clip: Clip, *words: tuple[str, int, int]) -> list[list[tuple[str, int, int]]]:
    placed = put_back(clip, [Word(text=t, start_ms=a, end_ms=b, probability=0.9) for t, a, b in words])
    return [[(word.text, word.start_ms, word.end_ms) for word in piece] for piece in placed]


@pytest.mark.parametrize(
    ("lengths", "clips"),
    [("one", [1]), ("three", [3]), ("full", [2]), ("too-many", [1, 2]), ("none", [])],
)
def test_consecutive_utterances_share_clips_no_longer_than_the_window(lengths: str, clips: list[int]) -> None:
    packed = pack(spans_of(LENGTHS[lengths]), 10_000)
    assert [len(clip.pieces) for clip in packed] == clips
    assert all(clip.length_ms <= 10_000 for clip in packed)
    assert [piece.span for clip in packed for piece in clip.pieces] == spans_of(LENGTHS[lengths])


def test_apart_each_utterance_has_its_clip() -> None:
    assert [len(clip.pieces) for clip in pack(spans_of([1000, 2000, 1500]), 10_000, together=False)] == [1, 1, 1]


def test_a_clip_holds_the_sound_of_its_pieces_and_silence_between() -> None:
    channel = np.arange(16 * 9000, dtype=np.int64).astype(np.int16)
    (clip,) = pack([Span(start_ms=1000, end_ms=2000), Span(start_ms=5000, end_ms=5500)], 10_000)
    sound = render(clip, channel)
    assert sound.dtype == np.float32
    assert len(sound) == 16 * (1000 + GAP_MS + 500)
    assert np.array_equal(sound[:16_000], channel[16_000:32_000].astype(np.float32) / 32768)
    assert not sound[16_000 : 16 * 1300].any()
    assert np.array_equal(sound[16 * 1300 :], channel[80_000:88_000].astype(np.float32) / 32768)


def test_a_span_past_the_last_sample_is_silence() -> None:
    (clip,) = pack([Span(start_ms=0, end_ms=100)], 10_000)
    assert len(render(clip, np.ones(800, dtype=np.int16))) == 1600


@pytest.mark.parametrize(
    ("span", "quiet", "pieces"),
    [
        ((0, 9000), [], [(0, 9000)]),
        ((0, 12_800), [250], [(0, 8000), (8000, 12_800)]),
        ((3200, 16_000), [350], [(3200, 11_200), (11_200, 16_000)]),
        ((0, 12_800), [100], [(0, 4992), (4992, 12_800)]),
        ((0, 25_600), [250, 500], [(0, 8000), (8000, 16_000), (16_000, 25_600)]),
    ],
    ids=["fits", "at-the-breath", "later-in-the-call", "breath-too-early", "twice"],
)
def test_an_utterance_longer_than_the_window_is_cut_where_speech_is_least_likely(
    span: tuple[int, int], quiet: list[int], pieces: list[tuple[int, int]]
) -> None:
    probabilities = np.full(1000, 0.9, dtype=np.float32)
    probabilities[quiet] = 0.5
    cut = cut_to_window([Span(start_ms=span[0], end_ms=span[1])], probabilities, 10_000)
    assert [(piece.start_ms, piece.end_ms) for piece in cut] == pieces
    assert all(piece.end_ms - piece.start_ms <= 10_000 for piece in cut)


CLIP = pack([Span(start_ms=10_000, end_ms=11_000), Span(start_ms=20_000, end_ms=22_000)], 10_000)[0]


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        ([("a", 0, 200), ("b", 1300, 1500)], [("a", 10_000, 10_200)], [("b", 20_000, 20_200)]),
        ([("a", 900, 1060)], [("a", 10_900, 11_000)], []),
        ([("a", 1020, 1100)], [("a", 11_000, 11_000)], []),
        ([("a", 1200, 1290)], [], [("a", 20_000, 20_000)]),
        ([("a", 3200, 4000)], [], [("a", 21_900, 22_000)]),
        ([("a", 9000, 9900)], [], [("a", 22_000, 22_000)]),
        ([("a", 1400, 1500), ("b", 500, 600)], [], [("a", 20_100, 20_200), ("b", 20_000, 20_000)]),
        ([], [], []),
    ],
    ids=["inside", "over-the-edge", "gap-near-first", "gap-near-second", "end-late", "far-off", "backwards", "none"],
)
def test_every_word_goes_back_to_an_utterance(
    words: list[tuple[str, int, int]], first: list[tuple[str, int, int]], second: list[tuple[str, int, int]]
) -> None:
    assert said(CLIP, *words) == [first, second]
