"""Wrong rule files are refused with the file, the rule and the remedy; a house's folder is laid over the shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qa_service.errors import LexiconInvalid
from qa_service.judgement import Severity
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.load import SHIPPED
from qa_service.lexicon.lock import changes_against, write_lock

RULE = """
category = "threat"
[[rule]]
id = "threat.house"
version = 1
severity = "{severity}"
label = "自家规则"
why = "为了测试。"
match = ["{match}"]
unless = [{unless}]
sources = ["{source}"]
hits = ["{hit}"]
misses = ["客户：闹到你们单位"]
"""
GOOD = {"severity": "minor", "match": "闹到单位", "unless": "", "source": "HOUSE", "hit": "【闹到单位】"}
WRONG = [
    ("severity", {"severity": "fatal"}, "severity"),
    ("set", {"match": "闹到<nowhere>"}, "nowhere"),
    ("framing", {"unless": '"sarcasm"'}, "sarcasm"),
    ("source", {"source": "LAW99"}, "LAW99"),
    ("mark", {"hit": "【闹到单位"}, "收尾"),
    ("circumstance", {"hit": "〔下雨〕【闹到单位】"}, "下雨"),
]


def house(folder: Path, **changes: str) -> Path:
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "house.toml").write_text(RULE.format(**{**GOOD, **changes}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("changes", "named"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_rule_is_refused_by_file_and_place(tmp_path: Path, changes: dict[str, str], named: str) -> None:
    with pytest.raises(LexiconInvalid) as refusal:
        load_rulebook(house(tmp_path / "house", **changes))
    assert "house.toml" in str(refusal.value)
    assert named in str(refusal.value)


def test_a_house_adds_rules_and_changes_the_fingerprint(tmp_path: Path) -> None:
    shipped, own = load_rulebook(), load_rulebook(house(tmp_path / "house"))
    assert own.rule("threat.house").severity is Severity.MINOR
    assert len(own.rules) == len(shipped.rules) + 1
    assert own.fingerprint != shipped.fingerprint


def test_a_house_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LexiconInvalid, match="QA_LEXICON_DIR"):
        load_rulebook(tmp_path / "nowhere")


def test_a_changed_rule_needs_a_new_version_before_it_can_be_locked(tmp_path: Path) -> None:
    folder = house(tmp_path / "house")
    write_lock(load_rulebook(folder), folder)
    assert changes_against(load_rulebook(folder), folder) == ()
    shutil.rmtree(folder / "rules")
    house(folder, match="捅到单位", hit="【捅到单位】")
    with pytest.raises(LexiconInvalid, match="version 加一"):
        write_lock(load_rulebook(folder), folder)


def test_a_rule_cannot_be_deleted_from_under_its_lock(tmp_path: Path) -> None:
    folder = house(tmp_path / "house")
    write_lock(load_rulebook(folder), folder)
    (folder / "rules" / "house.toml").unlink()
    assert any(
        "threat.house" in change.text and "retired" in change.text
        for change in changes_against(load_rulebook(folder), folder)
    )


def test_the_shipped_folder_is_whole() -> None:
    assert {path.name for path in SHIPPED.glob("*.toml")} >= {
        "facts.toml",
        "framings.toml",
        "scheme.toml",
        "words.toml",
    }


def test_a_house_says_in_its_own_file_which_words_count_for_a_rule_that_is_code(tmp_path: Path) -> None:
    rules = tmp_path / "house" / "rules"
    rules.mkdir(parents=True)
    fact = '[[fact]]\nname = "shows_care"\nlabel = "关心"\nspeaker = "agent"\nmatch = ["您多保重"]\n'
    (rules / "conduct.toml").write_text(f'category = "conduct"\n{fact}', encoding="utf-8")
    shipped, own = load_rulebook(), load_rulebook(tmp_path / "house")
    patterns = {fact.name: [pattern.source for pattern in fact.patterns] for fact in own.facts}
    assert patterns["shows_care"] == ["您多保重"]
    assert len(patterns) == len(shipped.facts)
    assert own.fingerprint != shipped.fingerprint
