"""The demo in small: two sample recordings through the real processes, heard by an engine of one known sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from qa_service.cli import demo
from qa_service.testing.scripted_whisper import build_scripted_whisper
from tests.cli.conftest import Run, write_lines

SENTENCE = "您好我是东江银行的客服你再不还钱我就闹到你们单位去"


@pytest.fixture
def two_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [json.loads(line) for line in demo.MANIFEST.read_text("utf-8").splitlines()[:2]]
    (tmp_path / "calls").mkdir()
    for row in rows:
        shutil.copy(demo.MANIFEST.parent / row["recording"]["path"], tmp_path / "calls")
    monkeypatch.setattr(demo, "MANIFEST", write_lines(tmp_path / "calls.jsonl", *rows))
    monkeypatch.setattr(demo, "MODEL", build_scripted_whisper(tmp_path / "model", SENTENCE))


@pytest.mark.usefixtures("two_samples")
def test_recordings_become_a_review_queue_and_it_says_what_it_is(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "kept"
    told = run("demo", "--once", "--data-dir", data)
    assert told.status == 0, told.err
    for part in ("demo-01", "A101", "红线", "闹到你们单位", "一票否决待确认"):
        assert part in told.out
    assert "QA_WHISPER_MODEL" in told.out, "which one setting switches to a real model"
    assert "[2/2]" in told.err, "a line for each call"
    assert "\x1b" not in told.out + told.err
    assert "Bearer" not in told.out, "no tokens for a service that is gone"
    again = run("demo", "--once", "--data-dir", data)
    assert again.status == 0, again.err
    assert "demo-02" in again.out
