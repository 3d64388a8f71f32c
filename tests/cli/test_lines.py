"""``qa-service lines``: a file of lines is shown, or what is wrong with it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "lines.toml"


@pytest.mark.parametrize("named", [True, False], ids=["argument", "setting"])
def test_the_lines_are_listed(run: Any, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    monkeypatch.setenv("QA_LINES", str(EXAMPLE))
    shown = run("lines", *([EXAMPLE] if named else []))
    assert (shown.status, shown.err) == (0, "")
    assert "trunk-3" in shown.out and "G.711 A 律，8000 Hz，1 声道" in shown.out


def test_a_wrong_file_is_told(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "lines.toml"
    file.write_text('[lines.a]\nchannels = {left = "me"}', encoding="utf-8")
    told = run("lines", file)
    assert told.status != 0
    assert "lines.a.channels.left" in told.err
