"""SenseVoice and Paraformer through sherpa-onnx: what is written, and every sentence for what is not there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from qa_service.errors import EngineUnavailable
from qa_service.settings import Settings
from qa_service.testing.scripted_sherpa import build_paraformer, build_sense_voice
from qa_service.transcription.audio import RATE
from qa_service.transcription.engine import SpeechEngine, load_engine
from qa_service.transcription.sherpa import LONGEST_TOKEN_MS, MODELS, NOTES_FILE, TOKENS, _spelt, _words

SECONDS = np.zeros(4 * RATE, dtype=np.float32)


def load(folder: Path) -> SpeechEngine:
    return load_engine(Settings(sherpa_model=folder))


def said(engine: SpeechEngine) -> str:
    return "".join(segment.text for segment in engine.recognise(SECONDS))


def test_sense_voice_says_its_text_without_its_tags(tmp_path: Path) -> None:
    engine = load(build_sense_voice(tmp_path, "您好，我是东江银行的。"))
    assert said(engine) == "您好，我是东江银行的。"
    (segment,) = engine.recognise(SECONDS)
    assert [(word.start_ms, word.end_ms) for word in segment.words][:2] == [(120, 420), (420, 720)]
    assert {word.probability for word in segment.words} == {None}
    assert (engine.window_ms, engine.packs, engine.prompt, engine.note) == (30_000, False, None, None)


def test_what_sense_voice_takes_for_no_speech_is_doubted(tmp_path: Path) -> None:
    (segment,) = load(build_sense_voice(tmp_path, "嗯嗯", language="<|nospeech|>")).recognise(SECONDS)
    assert (segment.no_speech, segment.log_prob) == (1.0, -1.0)


@pytest.mark.parametrize("times", [True, False])
def test_paraformer_says_its_text(tmp_path: Path, times: bool) -> None:
    engine = load(build_paraformer(tmp_path, "我明天还两千块", times=times))
    assert said(engine) == "我明天还两千块"


def test_the_models_own_notes_are_read(tmp_path: Path) -> None:
    plain = load(build_sense_voice(tmp_path / "a", "您好")).fingerprint
    (tmp_path / "a" / NOTES_FILE).write_text('{"itn": false, "note": "听得懂普通话。"}', encoding="utf-8")
    noted = load(tmp_path / "a")
    assert noted.note == "听得懂普通话。"
    assert noted.fingerprint != plain


def test_of_two_models_the_smaller_one_is_taken(tmp_path: Path) -> None:
    folder = build_sense_voice(tmp_path, "一")
    (folder / "model.onnx").rename(folder / MODELS[0])
    build_sense_voice(tmp_path, "一二")
    (folder / TOKENS).write_text((folder / TOKENS).read_text(encoding="utf-8"), encoding="utf-8")
    assert said(load(folder)) == "一"


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (["您", "好"], "您好"),
        (["<|zh|>", "您", "<|HAPPY|>"], "您"),
        (["▁app", "▁支", "付"], " app 支付"),
        (["hel@@", "lo", "world"], "hello world"),
        (["用", "app", "还", "a@@", "b", "c"], "用app还ab c"),
        (["3", "5", "0"], "3 5 0"),
        ([], ""),
    ],
    ids=["han", "tags", "pieces", "joined", "mixed", "figures", "nothing"],
)
def test_how_tokens_are_spelt(tokens: list[str], text: str) -> None:
    assert "".join(_spelt(tokens)) == text


@pytest.mark.parametrize(
    ("starts", "times"),
    [
        ([0.1, 0.3], [(100, 300), (300, 300 + LONGEST_TOKEN_MS)]),
        ([0.1, 5.0], [(100, 100 + LONGEST_TOKEN_MS), (1000, 1000)]),
        ([0.5, 0.4], [(500, 500), (400, 800)]),
        ([], [(0, 400), (500, 900)]),
        ([0.1], [(0, 400), (500, 900)]),
    ],
    ids=["in-order", "past-the-end", "backwards", "none", "too-few"],
)
def test_when_tokens_are_said(starts: list[float], times: list[tuple[int, int]]) -> None:
    assert [(word.start_ms, word.end_ms) for word in _words(["您", "好"], starts, 1000)] == times


def spoil_model(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no model")


def forget_metadata(folder: Path) -> None:
    model = onnx.load(str(folder / "model.onnx"))
    del model.metadata_props[:]
    onnx.save(model, str(folder / "model.onnx"))


def remove(*names: str) -> Callable[[Path], None]:
    return lambda folder: [(folder / name).unlink() for name in names][:0]


def write(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (remove("model.onnx"), r"缺少 model\.int8\.onnx 或 model\.onnx"),
        (remove(TOKENS), r"缺少 tokens\.txt"),
        (remove("model.onnx", TOKENS), r"model\.onnx、tokens\.txt"),
        (spoil_model, r"model\.onnx 无法按 SenseVoice 加载：.*Protobuf"),
        (forget_metadata, r"model\.onnx 无法按 SenseVoice 加载：.*vocab_size"),
        (write(TOKENS, "a 0\nb 1\n"), "SenseVoice 或 Paraformer"),
        (lambda folder: (folder / TOKENS).write_bytes(b"\xff\xfe"), "UTF-8"),
        (write(NOTES_FILE, '{"beam_size": 2}'), r"qa_service\.json 有误（beam_size）"),
        (write(NOTES_FILE, "{"), r"qa_service\.json 有误（文件）"),
    ],
    ids=[
        "no-model", "no-tokens", "nothing", "no-onnx", "no-metadata", "another-kind", "binary-tokens", "unknown-note",
        "broken-notes",
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_folder_is_said(tmp_path: Path, spoil: Callable[[Path], object], says: str) -> None:
    folder = build_sense_voice(tmp_path, "您好")
    spoil(folder)
    with pytest.raises(EngineUnavailable, match=says):
        load(folder)


def test_tokens_of_another_model_are_told_when_they_are_missed(tmp_path: Path) -> None:
    folder = build_sense_voice(tmp_path, "您好")
    (folder / TOKENS).write_text("<blank> 0\n<|zh|> 1\n<|NEUTRAL|> 2\n<|Speech|> 3\n<|woitn|> 4\n", encoding="utf-8")
    with pytest.raises(EngineUnavailable, match="tokens"):
        said(load(folder))


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = build_sense_voice(tmp_path, "您好")
    monkeypatch.setitem(sys.modules, "sherpa_onnx", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'qa-service\[sherpa\]'"):
        load(folder)


def test_a_gpu_is_not_what_it_runs_on(tmp_path: Path) -> None:
    folder = build_sense_voice(tmp_path, "您好")
    with pytest.raises(EngineUnavailable, match="QA_WHISPER_DEVICE"):
        load_engine(Settings(sherpa_model=folder, whisper_device="cuda"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="QA_SHERPA_MODEL"):
        load(tmp_path / "absent")
