"""``qa-service lexicons``: what a compliance officer sees of rules, limits and sources."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qa_service.cli.lexicons import app
from qa_service.lexicon.load import SHIPPED

CHANGES = """
[[change]]
id = "threat.violence_hint"
version = 1
because = "例会决定先观察。"
status = "trial"

[[change]]
id = "insult.house"
version = 1
because = "并入另一条。"
status = "retired"
retired_on = 2026-04-01
"""
SOURCES = '[source.CBA26]\ntitle = "催收工作指引"\nforce = "自律规范"\ngrade = "P"\nsource_verified = true\n'

Run = Callable[..., str]


@pytest.fixture
def run() -> Run:
    """Runs a command that must succeed and gives what it printed."""

    def command(*arguments: str | Path) -> str:
        done = CliRunner().invoke(app, [str(each) for each in arguments])
        assert done.exit_code == 0, done.output
        return done.output

    return command


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house that watches one shipped rule for now, has retired another, and has read one source."""
    (tmp_path / "changes.toml").write_text(CHANGES.replace("insult.house", _ids("insult")[0]), encoding="utf-8")
    (tmp_path / "sources.toml").write_text(SOURCES, encoding="utf-8")
    return tmp_path


def _ids(category: str) -> list[str]:
    lines = (SHIPPED / "rules" / f"{category}.toml").read_text(encoding="utf-8").splitlines()
    return [line.split('"')[1] for line in lines if line.startswith("id = ")]


def test_the_list_is_filtered_by_category_and_status(run: Run, house: Path) -> None:
    lines = run("list", "--category", "insult", "--status", "retired", "--format", "jsonl", "--dir", house).splitlines()
    rules = [json.loads(line) for line in lines]
    assert [rule["status"] for rule in rules] == ["retired"]
    assert (rules[0]["category"], rules[0]["retired_on"]) == ("insult", "2026-04-01")
    assert (rules[0]["layer"], rules[0]["changed_by"]) == ("shipped", ["house"])


def test_the_list_says_of_each_source_whether_it_was_read(run: Run, house: Path) -> None:
    told = run("list", "--category", "threat", "--dir", house)
    assert "CBA26（已核对原文）" in told
    assert "CC11:68（未核对原文）" in told


def test_everything_of_a_rule_is_shown(run: Run, house: Path) -> None:
    told = run("show", "threat.violence_hint", "--dir", house)
    for part in (
        "随附，本机构改过",
        "试行",
        "CBA26 催收工作指引（自律规范），等级 P，已核对原文",
        "模式：",
        "词集：",
        "正例：",
        "反例：",
        "本机构改了 status",
        "例会决定先观察。",
        "还没有锁定",
    ):
        assert part in told


def test_a_shown_rule_has_its_history(run: Run, house: Path) -> None:
    run("lock", "--dir", house)
    changes = (house / "changes.toml").read_text(encoding="utf-8")
    changed = changes.replace('version = 1\nbecause = "例会', 'version = 2\nbecause = "第二次例会')
    (house / "changes.toml").write_text(changed, encoding="utf-8")
    run("lock", "--dir", house)
    history = run("show", "threat.violence_hint", "--dir", house).partition("历史（LOCK.toml）：\n")[2].splitlines()
    assert len(history) == 2
    assert all("锁定" in line for line in history)


def test_a_rule_that_is_not_there_is_said() -> None:
    done = CliRunner().invoke(app, ["show", "threat.nowhere"])
    assert done.exit_code == 2


def test_the_limits_of_a_stack_are_shown_with_their_origin(run: Run) -> None:
    told = run("limits", "--profile", "cn_default,us_regf")
    row = next(line for line in told.splitlines() if "hours_end" in line)
    assert "21:00:00" in row and "us_regf" in row and "US:1006.6" in row


def test_the_sources_are_shown_with_whether_they_were_read(run: Run, house: Path) -> None:
    rows = {line.split("│")[1].strip(): line for line in run("sources", "--dir", house).splitlines() if "│" in line}
    assert "已核对原文" in rows["CBA26"] and "本机构" in rows["CBA26"]
    assert "未核对原文" in rows["GBT"] and "随附" in rows["GBT"]


def test_the_folder_that_the_service_uses_is_the_one_looked_at(
    run: Run, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_LEXICON_DIR", str(house))
    assert "试行" in run("show", "threat.violence_hint")


def test_a_changed_copy_of_the_shipped_rules_does_not_pass_unnoticed(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "rules", tmp_path / "rules")
    own = tmp_path / "rules" / "threat.toml"
    assert CliRunner().invoke(app, ["lock", "--dir", str(tmp_path)]).exit_code == 0
    own.write_text(own.read_text(encoding="utf-8").replace('severity = "veto"', 'severity = "note"'), encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "--dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "threat.toml 里把 version 加一" in done.output
