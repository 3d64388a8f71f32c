"""Where speech is, by the two rules, from one pass of the detector."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.vad import get_speech_timestamps, get_vad_model

from qa_service.call import Span
from qa_service.testing.audio import noise, silence, speech, utterances
from qa_service.transcription.vad import (
    FRAME_MS,
    METRICS,
    TURNS,
    VadRule,
    frame_probabilities,
    mean_probability,
    spans,
)

CHANNEL = np.concatenate(
    [silence(700)] + [part for n in range(12) for part in (speech(1500, seed=n), silence(120 * n + 60))]
)


def frames(pattern: str) -> np.ndarray:
    """Probabilities drawn by hand: # speech, - undecided, . silence; one frame of 32 ms each."""
    return np.array([{"#": 0.9, "-": 0.4, ".": 0.05}[mark] for mark in pattern], dtype=np.float32)


def as_pairs(found: tuple[Span, ...]) -> list[tuple[int, int]]:
    return [(span.start_ms, span.end_ms) for span in found]


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        (TURNS, {"min_silence_duration_ms": 300, "speech_pad_ms": 100, "min_speech_duration_ms": 64}),
        (METRICS, {"min_silence_duration_ms": 100, "speech_pad_ms": 0}),
    ],
    ids=["turns", "metrics"],
)
def test_rules_find_what_the_library_finds(rule: VadRule, options: dict[str, int]) -> None:
    whole = CHANNEL[: len(CHANNEL) // 512 * 512]
    found = spans(frame_probabilities(whole), rule, len(whole) // 16)
    reference = get_speech_timestamps(whole.astype(np.float32) / 32768, **options)
    assert as_pairs(found) == [(part["start"] // 16, part["end"] // 16) for part in reference]
    assert len(found) > 5


def test_blocks_do_not_change_the_probabilities() -> None:
    long = np.tile(CHANNEL, 3)
    long = long[: len(long) // 512 * 512]
    assert len(long) > 60 * 16_000, "more than one block"
    whole = get_vad_model()(long.astype(np.float32) / 32768).reshape(-1)
    assert np.abs(frame_probabilities(long) - whole).max() < 1e-4


def test_the_detector_beats_several_times_a_minute() -> None:
    beats: list[None] = []
    frame_probabilities(silence(60_000), lambda: beats.append(None))
    assert len(beats) > 10


@pytest.mark.parametrize("sound", [silence(3000), noise(3000), silence(0), silence(10)], ids=len)
def test_no_speech_no_spans(sound: np.ndarray) -> None:
    assert spans(frame_probabilities(sound), TURNS, len(sound) // 16) == ()


def test_speech_is_found_where_it_is() -> None:
    channel = utterances((1000, 3000), (5000, 6500), length=8000)
    found = as_pairs(spans(frame_probabilities(channel), TURNS, 8000))
    assert [(round(start, -3), round(end, -3)) for start, end in found] == [(1000, 3000), (5000, 7000)]


@pytest.mark.parametrize(
    ("pattern", "turns", "metrics"),
    [
        ("....", [], []),
        ("..####" + "." * 12, [(0, 292)], [(64, 192)]),
        ("####" + "." * 20 + "####", [(0, 228), (668, 896)], [(0, 128), (768, 896)]),
        ("####" + "." * 6 + "####", [(0, 448)], [(0, 128), (320, 448)]),
        ("####----####", [(0, 384)], [(0, 384)]),
        ("#" + "." * 20, [], [(0, 32)]),
        ("--------", [], []),
        ("........####", [(156, 384)], [(256, 384)]),
    ],
    ids=["silence", "padded", "two", "breath", "undecided-inside", "click", "undecided-alone", "at-the-end"],
)
def test_rules_over_drawn_probabilities(
    pattern: str, turns: list[tuple[int, int]], metrics: list[tuple[int, int]]
) -> None:
    duration = len(pattern) * FRAME_MS
    assert as_pairs(spans(frames(pattern), TURNS, duration)) == turns
    assert as_pairs(spans(frames(pattern), METRICS, duration)) == metrics


def test_spans_end_with_the_call() -> None:
    assert as_pairs(spans(frames("..######"), TURNS, 230)) == [(0, 230)]


@pytest.mark.parametrize(
    ("span", "mean"),
    [((0, 64), 0.9), ((64, 128), 0.05), ((0, 128), 0.475), ((500, 600), 0.0)],
    ids=["speech", "silence", "both", "outside"],
)
def test_mean_probability(span: tuple[int, int], mean: float) -> None:
    assert mean_probability(frames("##.."), Span(start_ms=span[0], end_ms=span[1])) == pytest.approx(mean)
