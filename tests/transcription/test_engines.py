"""What holds of hearing whichever engine listens: Whisper, SenseVoice, and Paraformer with and without times."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa_service.call import ChannelLayout, Recording, Speaker
from qa_service.documents import parse_call
from qa_service.errors import EngineUnavailable
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.settings import Settings
from qa_service.testing.audio import noise, silence, utterances, write_recording
from qa_service.testing.scripted_sherpa import build_paraformer, build_sense_voice
from qa_service.testing.scripted_whisper import build_scripted_whisper
from qa_service.transcription.audio import RATE
from qa_service.transcription.engine import SpeechEngine, load_engine
from qa_service.transcription.transcribe import transcribe_recording

A, C = Speaker.AGENT, Speaker.CUSTOMER
LEFT = utterances((500, 2500), (6000, 9000), length=12_000, pitch=200)
RIGHT = utterances((3000, 5000), (9600, 11_500), length=12_000, pitch=120)

Load = Callable[[Path, str], SpeechEngine]


def whisper(folder: Path, text: str) -> SpeechEngine:
    model = build_scripted_whisper(folder, text)
    return load_engine(Settings(whisper_model=str(model), whisper_device="cpu", whisper_threads=1))


def sense_voice(folder: Path, text: str) -> SpeechEngine:
    return load_engine(Settings(sherpa_model=build_sense_voice(folder, text)))


def paraformer(folder: Path, text: str) -> SpeechEngine:
    return load_engine(Settings(sherpa_model=build_paraformer(folder, text)))


def without_times(folder: Path, text: str) -> SpeechEngine:
    return load_engine(Settings(sherpa_model=build_paraformer(folder, text, times=False)))


@pytest.fixture(
    scope="module", params=[whisper, sense_voice, paraformer, without_times], ids=lambda load: load.__name__
)
def load(request: pytest.FixtureRequest) -> Load:
    loader: Load = request.param
    return loader


@pytest.fixture(scope="module")
def engines(load: Load, tmp_path_factory: pytest.TempPathFactory) -> dict[Speaker, SpeechEngine]:
    folder = tmp_path_factory.mktemp("models")
    says = {A: "您再不还款我就闹到你们单位去，听到没有，明天之前", C: "我明天还两千块，剩下的下个月发了工资再说吧"}
    return {who: load(folder / who.value, text) for who, text in says.items()}


def test_each_sides_words_come_to_its_turns_in_order(engines: dict[Speaker, SpeechEngine], tmp_path: Path) -> None:
    path = write_recording(tmp_path / "c.wav", LEFT, RIGHT)
    transcript = transcribe_recording(path, None, Settings(), engines)
    assert transcript.layout is ChannelLayout.STEREO
    assert [turn.speaker for turn in transcript.turns] == [A, C, A, C]
    assert [turn.start_ms for turn in transcript.turns] == [
        pytest.approx(ms, abs=400) for ms in (500, 3000, 6000, 9600)
    ]
    for turn in transcript.turns:
        assert turn.text and not turn.suspicions
        assert "".join(turn.text[word.start : word.end] for word in turn.words) == turn.text
        assert all(turn.start_ms <= word.start_ms <= word.end_ms <= turn.end_ms for word in turn.words)
        starts = [word.start_ms for word in turn.words]
        assert starts == sorted(starts)


def test_both_on_one_channel_are_guessed(engines: dict[Speaker, SpeechEngine], tmp_path: Path) -> None:
    path = write_recording(tmp_path / "c.wav", np.maximum(LEFT, RIGHT))
    transcript = transcribe_recording(path, None, Settings(), engines[A])
    assert transcript.turns
    assert all(turn.speaker_doubtful for turn in transcript.turns)


@pytest.mark.parametrize("channel", [silence(4000), noise(4000, level=60)], ids=["silence", "noise"])
def test_nobody_speaks_and_nothing_is_said(engines: dict[Speaker, SpeechEngine], tmp_path: Path, channel: Any) -> None:
    path = write_recording(tmp_path / "c.wav", channel, channel[::-1])
    assert transcribe_recording(path, None, Settings(), engines).turns == ()


def test_what_is_heard_is_judged(engines: dict[Speaker, SpeechEngine], tmp_path: Path) -> None:
    long = utterances((300, 5500), length=6000, pitch=200), utterances((5600, 5900), length=6000)
    path = write_recording(tmp_path / "c.wav", *long)
    call = parse_call({"call_id": "c", "started_at": "2026-03-12T14:00:00+08:00", "recording": {"path": "c.wav"}})
    transcript = transcribe_recording(path, Recording(path="c.wav"), Settings(), engines)
    judged = Judge(load_rulebook()).judge(call, transcript=transcript)
    (threat,) = [finding for finding in judged.analysis.findings if finding.rule.startswith("threat.")]
    assert threat.quotes[0].start_ms is not None and threat.quotes[0].end_ms is not None
    assert 300 <= threat.quotes[0].start_ms < threat.quotes[0].end_ms <= 6000
    sure = all(word.probability is not None for turn in transcript.turns for word in turn.words)
    assert (threat.heard is not None) is sure, "an engine that does not say how sure it is gets no number"


@pytest.mark.parametrize("length_ms", [0, 10, 100, 1000, 30_000])
def test_times_lie_in_the_clip(engines: dict[Speaker, SpeechEngine], length_ms: int) -> None:
    clip = np.zeros(length_ms * RATE // 1000, dtype=np.float32)
    words = [word for segment in engines[A].recognise(clip) for word in segment.words]
    assert all(0 <= word.start_ms <= word.end_ms <= length_ms for word in words)


def test_the_fingerprint_names_model_and_options(load: Load, tmp_path: Path) -> None:
    one, same, other = (load(tmp_path / name / "model", text) for name, text in zip("abc", "甲甲乙", strict=True))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert one.fingerprint.split(":")[:2] in (["whisper", "model"], ["sherpa", "model"])


def _recognise(engine: SpeechEngine, answers: Any) -> None:
    try:
        engine.recognise(np.zeros(RATE, dtype=np.float32))
    except EngineUnavailable as error:
        answers.put(str(error))


def test_a_forked_process_is_told_so_instead_of_hanging(engines: dict[Speaker, SpeechEngine]) -> None:
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_recognise, args=(engines[A], answers))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert "子进程" in answers.get()
