"""A command line of one's own: a data folder, no settings from outside, real processes or the same entry in-process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qa_service.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run ``qa-service`` with these words, as the console script would."""
    for name in [name for name in os.environ if name.startswith("QA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QA_DATA_DIR", str(tmp_path / "data"))

    def command(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["qa-service", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Outcome(status=int(ended.value.code or 0), out=said.out, err=said.err)

    return command


def spawn(folder: Path, *words: str, **settings: str) -> subprocess.Popen[str]:
    """``qa-service`` as a process of its own, in a group of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    environ |= {"QA_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), **settings}
    return subprocess.Popen(
        [sys.executable, "-m", "qa_service", *words],
        env=environ,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def a_call(call_id: str, **more: Any) -> dict[str, Any]:
    """Call data with two turns."""
    turns = [
        {"speaker": "agent", "start": 0, "end": 2, "text": "您好"},
        {"speaker": "customer", "start": 2, "end": 3, "text": "你好"},
    ]
    return {"call_id": call_id, "started_at": "2026-03-12T14:05:00+08:00", "agent_id": "A101", "turns": turns, **more}


def write_json(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def write_lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
