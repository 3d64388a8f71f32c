"""Folders of proposed rules, and the command as one would type it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from qa_service.__main__ import main
from tests.backtest.calls import Outcome, Rules, Run

RULE = """
category = "threat"
[[rule]]
id = "{id}"
version = {version}
status = "{status}"
severity = "{severity}"
label = "拟用规则"
why = "为了测试。"
match = [{match}]
sources = ["HOUSE"]
{more}
"""
GOOD = {
    "id": "threat.house",
    "version": 1,
    "status": "live",
    "severity": "major",
    "match": '"蓝色的气球"',
    "more": "",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run ``qa-service backtest`` with these words; settings of the environment only as the test makes them."""
    for name in [name for name in os.environ if name.startswith("QA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QA_DATA_DIR", str(tmp_path / "data"))

    def command(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["qa-service", "backtest", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Outcome(status=int(ended.value.code or 0), out=said.out, err=said.err)

    return command


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    """Write a folder of one rule; without a rule the folder is empty."""

    def write(name: str, rule: dict[str, object] | None) -> Path:
        folder = tmp_path / name
        (folder / "rules").mkdir(parents=True, exist_ok=True)
        if rule is not None:
            (folder / "rules" / "house.toml").write_text(RULE.format(**{**GOOD, **rule}), encoding="utf-8")
        return folder

    return write
