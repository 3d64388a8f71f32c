"""The demo's recordings are what their data says, and the committed model hears them."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
WORST = 12.0
"""Per cent of characters wrong in a call before the test fails; measured values stand in samples/README.md."""
KEY_WORDS = {"demo-01": ("录音", "两千块", "周五"), "demo-04": ("闹到你们单位", "投诉"), "demo-10": ("八百四", "明天")}


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    sys.path.insert(0, str(SAMPLES / "train"))
    try:
        import measure
    finally:
        sys.path.pop(0)
    return measure


@pytest.fixture(scope="module")
def model(measure: ModuleType) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(SAMPLES / "model"), device="cpu", compute_type="int8", cpu_threads=2)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()]


def size(path: Path) -> int:
    """Bytes of a file of the project; caches of tools do not count."""
    hidden = any(part.startswith((".", "__")) for part in path.relative_to(SAMPLES).parts)
    return 0 if hidden or not path.is_file() else path.stat().st_size


def test_every_recording_is_the_one_its_call_data_names() -> None:
    for row in rows("calls.jsonl"):
        found = hashlib.sha256((SAMPLES / row["recording"]["path"]).read_bytes()).hexdigest()
        assert found == row["recording"]["sha256"], row["call_id"]


def test_every_script_fits_its_recording() -> None:
    import av

    for script in rows("scripts.jsonl"):
        with av.open(str(SAMPLES / "calls" / f"{script['call_id']}.opus")) as file:
            seconds = file.duration / av.time_base
        assert abs(seconds - script["duration_ms"] / 1000) < 0.2, script["call_id"]
        assert script["turns"][-1]["end_ms"] <= script["duration_ms"] + 1


def test_the_samples_stay_small() -> None:
    assert sum(map(size, SAMPLES.rglob("*"))) < 12_000_000


def test_no_demo_turn_is_a_training_sentence(measure: ModuleType) -> None:
    import texts

    turns = {texts.plain(turn["text"]) for script in rows("scripts.jsonl") for turn in script["turns"]}
    made = {texts.plain(text) for text in texts.sentences(3000, seed=7)}
    assert not {turn for turn in turns if len(turn) >= 6} & made


def test_the_model_is_multilingual(model: Any) -> None:
    assert model.model.is_multilingual


@pytest.mark.parametrize("call_id", sorted(KEY_WORDS))
def test_the_model_hears_the_call(call_id: str, measure: ModuleType, model: Any) -> None:
    script, path = next(pair for pair in measure.calls() if pair[0]["call_id"] == call_id)
    total, heard_all = measure.Score(errors=0, spoken=0), ""
    for spoken, sound in measure.call_channels(script, path):
        heard = measure.recognise(model, sound, measure.OPTIONS)
        total += measure.score(heard, spoken)
        heard_all += measure.plain(heard)
    assert 100 * total.errors / total.spoken < WORST, str(total)
    assert all(word in heard_all for word in KEY_WORDS[call_id]), heard_all
