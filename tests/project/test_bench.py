"""The measurements run, and each of the named comparisons is among them; their figures are nobody's promise here."""

from __future__ import annotations

import json

import pytest

from bench.run import main


@pytest.mark.parametrize(
    ("part", "against"),
    [
        ("hearing", "bare faster-whisper"),
        ("judging", "budget"),
        ("judging", "300 plain re searches a turn"),
        ("queueing", "bare RQ job"),
    ],
)
def test_each_part_measures_against_its_baseline(part: str, against: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", part, "--quick", "--json"])
    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    compared = [figure for figure in figures if (figure["against"] or "").startswith(against)]
    assert compared
    assert all(figure["value"] > 0 and figure["ratio"] > 0 for figure in compared)
