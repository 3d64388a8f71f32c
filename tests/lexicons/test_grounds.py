"""What a finding stands on is told with it: layer, profiles and sources, training material left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_service.errors import LexiconInvalid
from qa_service.judgement import Ground
from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.grounds import ground_of

TINY = Path(__file__).with_name("tiny")
RULE = """
category = "threat"
[[rule]]
id = "threat.house"
version = 1
severity = "minor"
label = "自家规则"
why = "为了测试。"
sources = ["TRAIN:第二课", "HOUSE:第三条"]
limits = ["{limit}"]
match = ["闹到单位"]
"""
SOURCE = '[source.{key}]\ntitle = "{key}"\nforce = "-"\ngrade = "{grade}"\n'
SOURCES = SOURCE.format(key="TRAIN", grade="-") + SOURCE.format(key="OWN", grade="H")
STRICT = (
    'label = "x"\n[limit.hours_end]\nvalue = {hour}:00:00\nsource = "OWN:第九条"\ngrade = "H"\nsince = 2026-04-01\n'
)
CHANGE = '[[change]]\nid = "threat.violence_hint"\nversion = 1\nbecause = "例会决定。"\nseverity = "minor"\n'


def house(folder: Path, *, limit: str = "hours_end", hour: int = 20) -> Rulebook:
    for name, text in (
        ("rules/own.toml", RULE.format(limit=limit)),
        ("sources.toml", SOURCES),
        ("profiles/strict.toml", STRICT.format(hour=hour)),
        ("changes.toml", CHANGE),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return load_rulebook(folder, shipped=TINY, profile="cn_default,strict")


def test_a_shipped_rule_stands_on_its_sources() -> None:
    shipped = load_rulebook(shipped=TINY)
    assert ground_of(shipped.rule("threat.violence_hint"), shipped) == Ground(layer="shipped", sources=("HOUSE",))


def test_a_changed_rule_names_the_layer_that_changed_it(tmp_path: Path) -> None:
    rulebook = house(tmp_path)
    assert ground_of(rulebook.rule("threat.violence_hint"), rulebook).layer == "house"


@pytest.mark.parametrize(
    ("hour", "profiles", "sources"),
    [
        pytest.param(20, ("strict",), ("HOUSE:第三条", "OWN:第九条"), id="the-house-is-stricter"),
        pytest.param(23, ("cn_default",), ("HOUSE:第三条", "HOUSE"), id="the-shipped-is-stricter"),
    ],
)
def test_a_rule_with_a_limit_names_the_profile_and_source_in_force(
    tmp_path: Path, hour: int, profiles: tuple[str, ...], sources: tuple[str, ...]
) -> None:
    rulebook = house(tmp_path, hour=hour)
    expected = Ground(layer="house", profiles=profiles, sources=sources)
    assert ground_of(rulebook.rule("threat.house"), rulebook) == expected


def test_a_limit_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LexiconInvalid, match=r"own\.toml 规则 threat\.house：limits 里的 hours_ende 不是限额"):
        house(tmp_path, limit="hours_ende")
