"""The guide to writing rules: every file and command in it is tried in order, as a reader would."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qa_service.__main__ import main
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.patterns import compile_pattern
from qa_service.lexicon.text import view_of

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>toml|bash|text)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# 文件：(\S+)\n")
PATTERN_ROW = re.compile(
    r"^\| `(?P<pattern>[^`]+)` \| [^|]*(?:\\\|[^|]*)* \| (?P<hit>[^|]+) \| (?P<miss>[^|]+) \|$", re.M
)
FRAMING_ROW = re.compile(r"^\| `(?P<name>[a-z]+)` \| (?P<label>[^|]+) \| [^|]+ \|$", re.M)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the example calls where the guide has them."""
    for name in [name for name in os.environ if name.startswith("QA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    return tmp_path


def typed(line: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and all that was said of one command line, settings before it included."""
    words = shlex.split(line)
    if words[0] in ("cp", "mv"):
        return subprocess.run(words, check=False).returncode, ""  # the guide says so
    with monkeypatch.context() as only_here:
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            only_here.setenv(name, value)
        assert words[:2] == ["python3", "qa.py"]
        only_here.setattr(sys, "argv", ["qa-service", *words[2:]])
        with pytest.raises(SystemExit) as ended:
            main()
    said = capfd.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def test_the_guide_can_be_followed(
    reader: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    said = ""
    tried = 0
    for block in BLOCK.finditer(GUIDE):
        if block["kind"] == "toml":
            named = FILE.match(block["body"])
            assert named is not None, block["body"]
            (reader / named[1]).parent.mkdir(parents=True, exist_ok=True)
            (reader / named[1]).write_text(block["body"], encoding="utf-8")
        elif block["kind"] == "text":
            assert block["body"].strip() in said
        else:
            for line in block["body"].splitlines():
                status, out = typed(line, monkeypatch, capfd)
                assert status == 0, f"{line}\n{out}"
                said += out
                tried += 1
    assert tried >= 20
    assert "没有可回测的通话" in said  # the reader's database is still empty


def test_the_lock_refuses_what_the_guide_says_it_refuses(
    reader: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for block in BLOCK.finditer(GUIDE):
        named = FILE.match(block["body"])
        if named is not None and named[1].startswith("我们的规则/"):
            (reader / named[1]).parent.mkdir(parents=True, exist_ok=True)
            (reader / named[1]).write_text(block["body"], encoding="utf-8")
    lock = "python3 qa.py lexicons lock --dir 我们的规则"
    assert typed(lock, monkeypatch, capfd)[0] == 0
    rule = reader / "我们的规则" / "rules" / "own_wechat.toml"
    rule.write_text(rule.read_text(encoding="utf-8").replace('"minor"', '"major"'), encoding="utf-8")
    status, said = typed(lock, monkeypatch, capfd)
    assert status == 1 and "conduct.private_wechat" in said and "version 加一" in said
    rule.write_text(rule.read_text(encoding="utf-8").replace("version = 1", "version = 2"), encoding="utf-8")
    assert typed(lock, monkeypatch, capfd)[0] == 0
    rule.unlink()
    status, said = typed("python3 qa.py lexicons check --dir 我们的规则", monkeypatch, capfd)
    assert status == 1 and "conduct.private_wechat 不见了" in said


ROWS = [(found["pattern"].replace("\\|", "|"), found["hit"], found["miss"]) for found in PATTERN_ROW.finditer(GUIDE)]


def test_the_table_of_patterns_is_read_whole() -> None:
    table = GUIDE.split("## 模式", 1)[1].split("\n## ", 1)[0]
    assert len(ROWS) == len(re.findall(r"^\| `", table, re.MULTILINE)) >= 10


@pytest.mark.parametrize(("pattern", "hit", "miss"), ROWS, ids=[str(n) for n in range(len(ROWS))])
def test_each_pattern_of_the_guide_does_what_it_says(pattern: str, hit: str, miss: str) -> None:
    compiled = compile_pattern(pattern, load_rulebook().word_sets, "guide")
    assert any(compiled.matches(view_of(hit).text))
    assert not any(compiled.matches(view_of(miss).text))


def test_the_framings_of_the_guide_are_those_there_are() -> None:
    section = GUIDE.split("## 语境", 1)[1].split("\n## ", 1)[0]
    told = {found["name"]: found["label"] for found in FRAMING_ROW.finditer(section)}
    known = {name: framing.label for name, framing in load_rulebook().framings.items()}
    assert len(told) >= 6
    assert told == {name: known[name] for name in told}
