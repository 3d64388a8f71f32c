"""The measurements run, and each of the named comparisons is among them; their figures are nobody's promise here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def figures() -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bench.run", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("what", "against"),
    [
        ("30 s stereo call: engine", "bare faster-whisper"),
        ("30 s stereo call: bare engine and decode, detector, features", "bare faster-whisper"),
        ("one full clip, bare faster-whisper", "the same without words to expect"),
        ("one full clip, bare faster-whisper", "the same without word times"),
        ("one full clip, an endless loop", "the same with ordinary text"),
        ("judge a 300 s call", "budget"),
        ("judge a 300 s call", "300 plain re searches a turn"),
        ("judge a 300 s call by", "by the shipped"),
        ("stage that does nothing", "bare RQ job"),
    ],
)
def test_each_thing_is_measured_against_its_baseline(figures: list[dict[str, Any]], what: str, against: str) -> None:
    compared = [
        figure
        for figure in figures
        if figure["what"].startswith(what) and (figure["against"] or "").startswith(against)
    ]
    assert compared
    assert all(figure["value"] > 0 and figure["ratio"] > 0 for figure in compared)
