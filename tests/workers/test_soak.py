"""A short soak: what a worker holds after a few dozen recordings is what it held before them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_worker_keeps_nothing_of_what_it_heard() -> None:
    words = [sys.executable, str(ROOT / "chaos" / "soak.py"), "--calls", "27", "--settled", "9", "--every", "9"]
    run = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "no leaks" in run.stdout
    assert "decode done 24, decode refused 3, transcribe done 24" in run.stdout
