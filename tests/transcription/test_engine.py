"""Loading a model: what is missing is said by name; what is loaded answers with words, times and its own numbers."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel

from qa_service.errors import EngineUnavailable
from qa_service.settings import Settings
from qa_service.testing.scripted_whisper import INVENTED, TINY, Shape, Variant, build_scripted_whisper
from qa_service.transcription.engine import SpeechEngine, WhisperEngine, load_engine
from qa_service.transcription.suspect import of_segments
from tests.transcription.conftest import EngineMaker


def settings(folder: Path | str, **more: object) -> Settings:
    return Settings.model_validate({"whisper_model": str(folder), "whisper_device": "cpu", **more})


def sound(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * 16_000), dtype=np.float32)


def test_a_script_is_said_with_its_times(engine_saying: EngineMaker) -> None:
    (segment,) = engine_saying("您好，我是东江银行的王晓。").recognise(sound(5))
    assert segment.text == "您好，我是东江银行的王晓。"
    assert [word.text for word in segment.words[:3]] == ["您", "好，", "我"]
    assert [word.start_ms for word in segment.words[3:6]] == [pytest.approx(ms, abs=40) for ms in (800, 1000, 1200)]
    assert segment.no_speech < 0.01
    assert segment.log_prob == pytest.approx(0, abs=0.01)
    assert segment.temperature == 0.0


def test_times_end_with_the_clip(engine_saying: EngineMaker) -> None:
    segments = engine_saying("一二三四五六七八九十").recognise(sound(1.2))
    words = [word for segment in segments for word in segment.words]
    assert "".join(word.text for word in words).startswith("一二三四五六")
    assert all(0 <= word.start_ms <= word.end_ms <= 1200 for word in words)


def test_the_pinned_library_takes_the_model_for_a_multilingual_one(model: Path) -> None:
    loaded = WhisperModel(str(model), device="cpu", local_files_only=True)
    assert loaded.model.is_multilingual, "else language zh silently becomes en"


def test_a_loop_is_kept_and_can_be_seen(engine_saying: EngineMaker) -> None:
    segments = engine_saying("我们会", variant=Variant.LOOP).recognise(sound(5))
    assert any(of_segments(segments))
    assert max(segment.compression for segment in segments) > 2.4


def test_a_loop_on_a_short_clip_ends_early(engine_saying: EngineMaker) -> None:
    segments = engine_saying("我们会", variant=Variant.LOOP).recognise(sound(1))
    assert len("".join(segment.text for segment in segments)) <= 120


def test_an_invention_on_silence_comes_with_a_clear_conscience(engine_saying: EngineMaker) -> None:
    (segment,) = engine_saying(variant=Variant.INVENTS).recognise(sound(6))
    assert segment.text == INVENTED
    assert segment.no_speech < 0.01


def test_random_weights_do_no_harm(engine_saying: EngineMaker) -> None:
    segments = engine_saying("您好", variant=Variant.RANDOM).recognise(sound(2))
    assert all(0 <= word.start_ms <= word.end_ms <= 2000 for segment in segments for word in segment.words)


@pytest.mark.parametrize("file", ["model.bin", "config.json", "vocabulary.json", "tokenizer.json"])
def test_a_missing_file_is_named(model: Path, file: str) -> None:
    (model / file).unlink()
    with pytest.raises(EngineUnavailable, match=file.replace(".", r"\.")):
        load_engine(settings(model))


def test_all_missing_files_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"model\.bin、config\.json、vocabulary\.json 或 vocabulary\.txt、tok"):
        load_engine(settings(tmp_path))


@pytest.mark.parametrize(("mels", "refused"), [(80, False), (128, True)])
def test_the_preprocessor_file_may_be_absent_only_where_the_usual_bands_are_right(
    tmp_path: Path, mels: int, refused: bool
) -> None:
    shape = Shape(width=TINY.width, heads=TINY.heads, encoder_layers=1, decoder_layers=1, mels=mels)
    folder = build_scripted_whisper(tmp_path, "您好", shape=shape)
    assert load_engine(settings(folder)).recognise(sound(1))
    (folder / "preprocessor_config.json").unlink()
    if refused:
        with pytest.raises(EngineUnavailable, match=r"preprocessor_config\.json"):
            load_engine(settings(folder))
    else:
        assert load_engine(settings(folder)).window_ms == 30_000


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "preprocessor_config.json"])
def test_a_broken_file_is_named(model: Path, file: str) -> None:
    (model / file).write_text("{", encoding="utf-8")
    with pytest.raises(EngineUnavailable, match=file.replace(".", r"\.")):
        load_engine(settings(model))


def test_broken_weights_are_refused(model: Path) -> None:
    (model / "model.bin").write_bytes(b"no model")
    with pytest.raises(EngineUnavailable, match="无法在 cpu"):
        load_engine(settings(model))


def test_an_unknown_compute_type_is_refused(model: Path) -> None:
    with pytest.raises(EngineUnavailable, match="int3"):
        load_engine(settings(model, whisper_compute_type="int3"))


def test_a_model_without_chinese_is_refused(model: Path) -> None:
    path = model / "vocabulary.json"
    tokens = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([token or "<empty>" for token in tokens]), encoding="utf-8")
    with pytest.raises(EngineUnavailable, match="只懂英文"):
        load_engine(settings(model))


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder", "small.zh"])
def test_what_is_neither_folder_nor_known_name_is_refused(name: str) -> None:
    with pytest.raises(EngineUnavailable, match="QA_WHISPER_MODEL"):
        load_engine(settings(name))


def test_a_known_name_is_looked_for_here_and_never_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    with pytest.raises(EngineUnavailable, match="不会联网下载"):
        load_engine(settings("tiny"))


def test_a_gpu_that_is_not_there_is_said(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 0)
    with pytest.raises(EngineUnavailable, match="没有可用的 GPU"):
        load_engine(settings(model, whisper_device="cuda"))
    assert load_engine(settings(model, whisper_device="auto")).packs, "auto falls back to the CPU"


@pytest.mark.parametrize(
    ("notes", "sentence"),
    [({"hotword": True}, "hotword"), ({"beam_size": 0}, "beam_size"), ({"beam_size": "wide"}, "beam_size")],
    ids=["unknown-key", "too-narrow", "no-number"],
)
def test_wrong_model_notes_are_refused(model: Path, notes: dict[str, object], sentence: str) -> None:
    (model / "qa_service.json").write_text(json.dumps(notes), encoding="utf-8")
    with pytest.raises(EngineUnavailable, match=sentence):
        load_engine(settings(model))


def test_model_notes_are_heeded(model: Path) -> None:
    notes = {"hotwords": True, "beam_size": 3, "note": "仅供演示"}
    (model / "qa_service.json").write_text(json.dumps(notes), encoding="utf-8")
    engine = load_engine(settings(model, hotwords="逾期 还款"))
    assert isinstance(engine, WhisperEngine)
    assert engine.note == "仅供演示"
    assert (engine.options["hotwords"], engine.options["beam_size"]) == ("逾期 还款", 3)


def test_a_model_that_was_not_trained_to_write_times_is_not_asked_for_them(tmp_path: Path) -> None:
    folder = build_scripted_whisper(tmp_path, "您好我是东江银行的")
    (folder / "qa_service.json").write_text('{"hotwords": false, "timestamps": false}', encoding="utf-8")
    engine = load_engine(settings(folder))
    assert isinstance(engine, WhisperEngine)
    assert engine.options["without_timestamps"] is True
    (segment,) = engine.recognise(sound(5))
    assert segment.text == "您好我是东江银行的"
    assert segment.words[5].start_ms == pytest.approx(1000, abs=40)


def test_the_tail_of_a_clip_is_not_heard_twice(engine_saying: EngineMaker) -> None:
    endless = engine_saying("一二三四五六七八九十", variant=Variant.LOOP, word_ms=100)
    words = [word for segment in endless.recognise(sound(10)) for word in segment.words]
    starts = [word.start_ms for word in words if word.text == "一"]
    assert starts == sorted(starts)
    assert words[-1].end_ms <= 10_000


def test_too_many_hotwords_leave_room_for_the_answer(model: Path) -> None:
    (model / "qa_service.json").write_text('{"hotwords": true}', encoding="utf-8")
    engine = load_engine(settings(model, hotwords="逾期还款 " * 200))
    assert isinstance(engine, WhisperEngine)
    assert 1 <= len(str(engine.options["hotwords"]).split()) < 200
    engine.recognise(sound(30))


@pytest.mark.parametrize(("seconds", "window"), [(30, 30_000), (10, 10_000)])
def test_the_window_is_the_models(engine_saying: EngineMaker, seconds: int, window: int) -> None:
    shape = Shape(width=128, heads=2, encoder_layers=1, decoder_layers=1, chunk_seconds=seconds)
    assert engine_saying(shape=shape).window_ms == window


def test_the_fingerprint_names_model_and_options(model: Path, tmp_path: Path) -> None:
    def fingerprint(folder: Path, **more: object) -> str:
        return load_engine(settings(folder, **more)).fingerprint

    first = fingerprint(model)
    assert first == fingerprint(model)
    assert first.startswith("whisper:model:")
    assert first != fingerprint(build_scripted_whisper(tmp_path / "b" / "model", "再见")), "other weights"
    assert first != fingerprint(model, whisper_compute_type="float32"), "other options"


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_forked_process_is_told_instead_of_hanging(engine_saying: EngineMaker) -> None:
    engine: SpeechEngine = engine_saying("您好")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            engine.recognise(sound(1))
        except EngineUnavailable as error:
            os.write(writer, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert "子进程" in os.read(reader, 1000).decode()
    os.close(reader)
    os.close(writer)
