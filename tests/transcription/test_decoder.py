"""What a clip may cost: a loop takes no more than twice a clip with ordinary speech."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from faster_whisper import WhisperModel
from faster_whisper.transcribe import TranscriptionOptions

from qa_service.settings import Settings
from qa_service.testing.scripted_whisper import Variant, build_scripted_whisper
from qa_service.transcription.decoder import MOST_TOKENS, BoundedWhisper, token_limit
from qa_service.transcription.engine import WhisperEngine, load_engine

SENTENCE = (
    "您好这里是东江银行信用卡中心委托方诚达资产工号幺零二本次通话将被录音请问是王先生本人吗您名下尾号三零七二的账户"
)
ORDINARY = 3.5
"""Characters a second of talk with its pauses, a token each; without them 4.5."""

ENCODER = 100
"""What encoding a window costs in tokens, by CPU: ``bench/hearing.py`` measures both for Whisper small."""


class Counting:
    """The model below faster-whisper, counting what it is asked to do."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.windows = 0
        self.tokens: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def encode(self, *arguments: Any, **more: Any) -> Any:
        self.windows += 1
        return self._model.encode(*arguments, **more)

    def generate(self, *arguments: Any, **more: Any) -> Any:
        results = self._model.generate(*arguments, **more)
        self.tokens.append(len(results[0].sequences_ids[0]))
        return results

    @property
    def cost(self) -> int:
        return self.windows * ENCODER + sum(self.tokens)


def heard(folder: Path, text: str, variant: Variant, seconds: int, **more: Any) -> tuple[str, Counting]:
    build_scripted_whisper(folder, text, variant=variant, **more)
    hotwords = more.get("hotwords", "")
    engine = load_engine(Settings(whisper_model=str(folder), whisper_device="cpu", hotwords=hotwords))
    assert isinstance(engine, WhisperEngine)
    counting = engine._model.model = Counting(engine._model.model)
    segments = engine.recognise(np.zeros(seconds * 16_000, dtype=np.float32))
    return "".join(segment.text for segment in segments), counting


@pytest.mark.parametrize("seconds", [3, 5, 10, 20, 30], ids="{}s".format)
@pytest.mark.parametrize("unit", ["我们会", "请您尽快处理您名下的欠款"], ids=["syllables", "sentence"])
def test_a_loop_costs_no_more_than_two_ordinary_clips(tmp_path: Path, unit: str, seconds: int) -> None:
    text = (SENTENCE * 4)[: int(seconds * ORDINARY)]
    _, ordinary = heard(tmp_path / "says", text, Variant.SAYS, seconds)
    looped, loop = heard(tmp_path / "loops", unit, Variant.LOOP, seconds)
    assert looped.startswith(unit)
    assert len(loop.tokens) > 1, "it was tried again"
    assert loop.cost <= 2 * ordinary.cost, (loop.windows, loop.tokens, ordinary.windows, ordinary.tokens)


@pytest.mark.parametrize("seconds", [10, 30], ids="{}s".format)
def test_the_fastest_speech_is_written_in_one_attempt(tmp_path: Path, seconds: int) -> None:
    text = "".join(chr(0x4E00 + 7 * n) for n in range(seconds * 7))  # no loop: 7 different characters a second
    written, spent = heard(tmp_path, text, Variant.SAYS, seconds, word_ms=140)
    assert written == text
    assert (spent.windows, len(spent.tokens)) == (1, 1)


def test_the_words_to_expect_take_no_room_from_the_answer(tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + 7 * n) for n in range(200))
    written, spent = heard(tmp_path, text, Variant.SAYS, 30, word_ms=145, hotwords="逾期 还款 征信 减免 分期 委托")
    assert (written, spent.windows) == (text, 1)


@pytest.mark.parametrize(
    ("length_ms", "tokens"), [(0, 20), (1000, 26), (10_000, 85), (30_000, 215), (60_000, MOST_TOKENS)]
)
def test_the_limit_grows_with_the_clip(length_ms: int, tokens: int) -> None:
    assert token_limit(length_ms) == tokens


def test_the_engine_uses_the_bounded_model(tmp_path: Path) -> None:
    engine = load_engine(Settings(whisper_model=str(build_scripted_whisper(tmp_path)), whisper_device="cpu"))
    assert isinstance(engine, WhisperEngine)
    assert isinstance(engine._model, BoundedWhisper)


def answer(tokens: list[int], *, log_prob: float = -0.2, compression: float = 1.2, no_speech: float = 0.0) -> Any:
    return SimpleNamespace(sequences_ids=[tokens], no_speech_prob=no_speech), log_prob, 0.0, compression


LOOP = answer([1, 2, 3] * 60, compression=9.0)
UNSET: dict[str, Any] = dict.fromkeys(field.name for field in fields(TranscriptionOptions))
OPTIONS = TranscriptionOptions(
    **UNSET
    | {"temperatures": [0.0, 0.4], "max_new_tokens": 200, "log_prob_threshold": -1.0, "no_speech_threshold": 0.6}
)


@pytest.mark.parametrize(
    ("answers", "chosen", "attempts"),
    [
        ([answer([5, 6, 7, 8])], 0, 1),
        ([LOOP, answer([5, 6, 7, 8, 9])], 1, 2),
        ([LOOP, answer([1, 2, 3, 1, 2])], 0, 2),
        ([LOOP, answer([1, 2, 3, 5, 6, 7, 8, 9])], 1, 2),
        ([LOOP, answer([5, 6] * 40, log_prob=-0.9, compression=7.0)], 0, 2),
        ([answer([5, 6, 7], log_prob=-1.2), answer([5, 6, 8], log_prob=-0.8)], 1, 2),
        ([answer([5, 6, 7], log_prob=-1.2), answer([5, 6, 8], log_prob=-1.5)], 0, 2),
        ([answer([5, 6, 7], log_prob=-1.2, no_speech=0.9)], 0, 1),
    ],
    ids=[
        "good", "loop-then-good", "loop-then-the-same-cut-short", "loop-then-its-beginning-and-more", "two-loops",
        "unsure-then-surer", "unsure-then-unsurer", "unsure-of-silence",
    ],
)  # fmt: skip
def test_the_better_of_two_attempts_is_taken(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], chosen: int, attempts: int
) -> None:
    asked: list[Any] = []

    def library(_self: object, _encoded: object, _prompt: object, _tokenizer: object, options: Any) -> Any:
        asked.append(options)
        return answers[len(asked) - 1]

    monkeypatch.setattr(WhisperModel, "generate_with_fallback", library)
    model = object.__new__(BoundedWhisper)
    model.max_length = 448
    assert model.generate_with_fallback(None, [0] * 4, None, OPTIONS) is answers[chosen]
    assert [options.temperatures for options in asked] == [[0.0], [0.4]][:attempts]
    rooms = [(options.max_new_tokens + 4) // 2 for options in asked]
    assert rooms == ([200, 70] if answers[0] is LOOP else [200, 200])[:attempts], "only after a loop it is short"


@pytest.mark.parametrize("seconds", [10, 20, 30], ids="{}s".format)
def test_text_that_fills_a_clip_is_followed_by_no_window_of_its_tail(tmp_path: Path, seconds: int) -> None:
    _, spent = heard(tmp_path, SENTENCE * 2, Variant.LOOP, seconds)
    assert spent.windows == 1
