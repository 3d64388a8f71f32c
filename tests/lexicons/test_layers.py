"""A house's folder over the shipped one: what it may add, replace, change and retire, and what its lock refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from qa_service.errors import LexiconInvalid
from qa_service.judgement import RuleStatus, Severity
from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.lock import changes_against, read_lock, write_lock
from qa_service.lexicon.model import Layer

TINY = Path(__file__).with_name("tiny")
"""A shipped folder of one rule: what is tested here does not hang on what the rules say."""

SHIPPED_RULE = "threat.violence_hint"
DAY, LATER = date(2026, 4, 1), date(2026, 5, 6)

CHANGE = """
[[change]]
id = "threat.violence_hint"
version = {version}
because = "2026 年 4 月合规例会决定。"
{keys}
"""
OWN = """
category = "threat"
[[rule]]
id = "threat.house"
version = {version}
status = "{status}"
severity = "minor"
label = "自家规则"
why = "为了测试。"
sources = ["HOUSE"]
match = ["闹到{where}"]
{more}
"""
RETIRED = 'retired_because = "换成了别的规则。"\nretired_on = 2026-04-01'

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of the house's folder and gives the folder back."""

    def to_file(name: str, text: str) -> Path:
        path = tmp_path / "我们的规则" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path / "我们的规则"

    return to_file


def load(house: Path | None = None, *, proposed: Path | None = None) -> Rulebook:
    return load_rulebook(house, shipped=TINY, proposed=proposed)


def own(*, version: int = 1, status: str = "live", where: str = "单位", more: str = "") -> str:
    return OWN.format(version=version, status=status, where=where, more=more)


def change(keys: str, *, version: int = 1) -> str:
    return CHANGE.format(version=version, keys=keys)


def test_a_change_alters_its_keys_alone_and_says_who_and_why(write: Write) -> None:
    shipped = load().rule(SHIPPED_RULE)
    rule = load(write("changes.toml", change('severity = "major"'))).rule(SHIPPED_RULE)
    assert (rule.severity, rule.status, rule.patterns) == (Severity.MAJOR, shipped.status, shipped.patterns)
    assert rule.version == shipped.version + 1
    assert rule.fingerprint != shipped.fingerprint
    assert rule.layer is Layer.SHIPPED
    assert [(each.layer, each.keys) for each in rule.changes] == [(Layer.HOUSE, ("severity",))]
    assert "合规例会" in rule.changes[0].because


def test_a_shipped_rule_is_retired_by_a_change(write: Write) -> None:
    folder = write("changes.toml", change('status = "retired"\nretired_on = 2026-04-01'))
    rule = load(folder).rule(SHIPPED_RULE)
    assert rule.status is RuleStatus.RETIRED
    assert (rule.retired_on, rule.retired_because) == (DAY, "2026 年 4 月合规例会决定。")


def test_a_rule_of_the_same_id_takes_the_place_of_the_shipped_one(write: Write) -> None:
    folder = write("rules/own.toml", own().replace("threat.house", SHIPPED_RULE))
    rule = load(folder).rule(SHIPPED_RULE)
    assert (rule.layer, [pattern.source for pattern in rule.patterns]) == (Layer.HOUSE, ["闹到单位"])


def test_what_is_proposed_lies_over_the_house(write: Write, tmp_path: Path) -> None:
    house = write("rules/own.toml", own())
    (tmp_path / "拟用").mkdir()
    proposed = change('severity = "major"').replace(SHIPPED_RULE, "threat.house")
    (tmp_path / "拟用" / "changes.toml").write_text(proposed, encoding="utf-8")
    rule = load(house, proposed=tmp_path / "拟用").rule("threat.house")
    assert (rule.layer, rule.severity, rule.changes[0].layer) == (Layer.HOUSE, Severity.MAJOR, Layer.PROPOSED)


TWICE = own() + "[[rule]]" + own().partition("[[rule]]")[2]
WRONG = [
    pytest.param("changes.toml", change('severity = "fatal"'), ["severity", SHIPPED_RULE], id="no-such-severity"),
    pytest.param("changes.toml", change(""), ["severity、status、say_instead", SHIPPED_RULE], id="nothing-changed"),
    pytest.param("changes.toml", change('label = "别的"'), ["label", SHIPPED_RULE], id="key-that-needs-a-copy"),
    pytest.param(
        "changes.toml",
        change('severity = "major"').replace(SHIPPED_RULE, "threat.nowhere"),
        ["threat.nowhere", "lexicons list"],
        id="no-such-rule",
    ),
    pytest.param(
        "changes.toml", change('severity = "major"') * 2, ["改了两次", "合成一条", SHIPPED_RULE], id="changed-twice"
    ),
    pytest.param("changes.toml", change('status = "retired"'), ["retired_on", SHIPPED_RULE], id="retired-without-day"),
    pytest.param(
        "changes.toml", change('severity = "major"\nretired_on = 2026-04-01'), ["改成 retired"], id="day-but-in-force"
    ),
    pytest.param(
        "changes.toml", change('severity = "major"').replace("because", "# because"), ["because"], id="no-reason"
    ),
    pytest.param(
        "rules/own.toml", own(status="retired"), ["threat.house", "retired_because"], id="no-reason-to-retire"
    ),
    pytest.param("rules/own.toml", own(more=RETIRED), ["threat.house", "改成 retired"], id="reason-but-live"),
    pytest.param("rules/own.toml", TWICE, ["threat.house", "已有一条"], id="id-twice"),
    pytest.param(
        "rules/own.toml",
        own().replace("闹到单位", "跳呀~<place>"),
        ["threat.house", "跳呀", "只剩“跳”"],
        id="a-lost-particle",
    ),
    pytest.param(
        "rules/own.toml",
        own().replace("闹到单位", "[闹|]~[你|]"),
        ["threat.house", "没有一定会出现的词"],
        id="no-anchor",
    ),
    pytest.param("words.toml", '[words]\njump = ["跳呀"]', ["jump", "跳呀", "跳"], id="a-word-that-loses-its-particle"),
    pytest.param("words.toml", '[words]\nfiller = ["嗯嗯"]', ["filler", "嗯嗯"], id="a-word-of-particles"),
    pytest.param("words.toml", "[words]\nnone = []", ["none"], id="an-empty-set"),
    pytest.param(
        "scheme.toml",
        'name = "x"\nstart = 100\nfloor = 0\nhits_counted = 2\n[points]\nminor = 5',
        ["veto"],
        id="points",
    ),
    pytest.param(
        "sources.toml", '[source.OWN]\ntitle = "办法"\nforce = "-"\ngrade = "Z"', ["OWN", "grade"], id="grade"
    ),
    pytest.param("rules/own.toml", 'category = "threat', ["TOML", "末尾"], id="no-toml"),
    pytest.param(
        "rules/own.toml", 'category = "threat"\nlabel 违规', ["TOML", "第 2 行第 7 个字"], id="no-equals-sign"
    ),
    pytest.param("rule/own.toml", own(), ["不生效", "rules"], id="a-folder-of-another-name"),
    pytest.param("rules/new/own.toml", own(), ["不生效", "rules"], id="a-folder-inside-the-rules"),
    pytest.param("word.toml", "[words]", ["不生效"], id="a-file-of-another-name"),
]


@pytest.mark.parametrize(("name", "text", "said"), WRONG)
def test_a_wrong_file_is_refused_by_file_rule_and_remedy(write: Write, name: str, text: str, said: list[str]) -> None:
    folder = write(name, text)
    with pytest.raises(LexiconInvalid) as refusal:
        load(folder)
    for part in (f"我们的规则/{name}", *said):
        assert part in str(refusal.value)


def test_a_file_of_another_encoding_is_refused_with_the_remedy(write: Write) -> None:
    folder = write("rules/own.toml", "")
    (folder / "rules" / "own.toml").write_bytes(own().encode("gb18030"))
    with pytest.raises(LexiconInvalid, match=r"我们的规则/rules/own\.toml 不是 UTF-8 编码，请在编辑器里另存为 UTF-8"):
        load(folder)


def test_the_mark_that_some_editors_put_before_the_text_does_no_harm(write: Write) -> None:
    assert load(write("rules/own.toml", "\ufeff" + own())).rule("threat.house").label == "自家规则"


def test_an_archive_inside_the_folder_is_left_alone(write: Write) -> None:
    write("归档-2026-04-01/rules/own.toml", own(version=1))
    assert load(write("rules/own.toml", own(version=2))).rule("threat.house").version == 2


def test_a_folder_cannot_change_its_own_rules(write: Write) -> None:
    write("rules/own.toml", own())
    folder = write("changes.toml", change('severity = "major"').replace(SHIPPED_RULE, "threat.house"))
    with pytest.raises(LexiconInvalid, match=r"直接改 own\.toml"):
        load(folder)


def lock(folder: Path, today: date = DAY) -> None:
    write_lock(load(folder), folder, today=today)


def test_a_folder_never_locked_is_told_in_one_sentence_with_the_command(write: Write) -> None:
    folder = write("rules/own.toml", own())
    (told,) = changes_against(load(folder), folder)
    assert f"lexicons lock --dir {folder}" in told.text
    assert not told.refused
    write_lock(load(folder), folder)
    assert changes_against(load(folder), folder) == ()


def test_a_new_rule_is_told_with_the_folder_that_is_to_be_locked(write: Write) -> None:
    folder = write("rules/own.toml", own())
    write_lock(load(folder), folder)
    write("rules/more.toml", own().replace("threat.house", "threat.more").replace("闹到", "吵到"))
    (told,) = changes_against(load(folder), folder)
    assert "threat.more" in told.text
    assert f"--dir {folder}" in told.text


def test_the_lock_keeps_each_version_with_its_day(write: Write) -> None:
    folder = write("rules/own.toml", own())
    lock(folder)
    first = read_lock(folder).rule["threat.house"]
    write("rules/own.toml", own(version=2, where="公司"))
    lock(folder, LATER)
    now = read_lock(folder).rule["threat.house"]
    assert [(each.version, each.fingerprint, each.locked_on) for each in (*now.earlier, now)] == [
        (1, first.fingerprint, DAY),
        (2, now.fingerprint, LATER),
    ]
    lock(folder, date(2026, 6, 1))
    assert read_lock(folder).rule["threat.house"] == now


def test_a_rule_may_not_vanish_unless_it_was_retired_and_is_then_remembered(write: Write) -> None:
    folder = write("rules/own.toml", own())
    lock(folder)
    (folder / "rules" / "own.toml").unlink()
    with pytest.raises(LexiconInvalid, match=r"threat\.house 不见了"):
        lock(folder)
    write("rules/own.toml", own(version=2, status="retired", more=RETIRED))
    lock(folder, LATER)
    (folder / "rules" / "own.toml").unlink()
    lock(folder, LATER)
    assert changes_against(load(folder), folder) == ()
    remembered = read_lock(folder).rule["threat.house"]
    assert (remembered.retired_on, remembered.retired_because) == (DAY, "换成了别的规则。")


def test_the_id_of_a_retired_rule_is_never_given_again(write: Write) -> None:
    folder = write("rules/own.toml", own(status="retired", more=RETIRED))
    lock(folder)
    write("rules/own.toml", own(version=2, where="公司"))
    with pytest.raises(LexiconInvalid, match="已于 2026-04-01 停用（换成了别的规则。），编号不能再用"):
        lock(folder)


def test_a_house_may_take_back_that_it_retired_a_shipped_rule(write: Write) -> None:
    folder = write("changes.toml", change('status = "retired"\nretired_on = 2026-04-01'))
    lock(folder)
    (folder / "changes.toml").unlink()
    lock(folder, LATER)
    assert read_lock(folder).rule[SHIPPED_RULE].retired_on is None


def test_a_change_needs_a_new_version_before_it_can_be_locked(write: Write) -> None:
    folder = write("changes.toml", change('severity = "major"'))
    lock(folder)
    write("changes.toml", change('severity = "minor"'))
    with pytest.raises(LexiconInvalid, match=r"changes\.toml 里把 version 加一"):
        lock(folder)
    write("changes.toml", change('severity = "minor"', version=2))
    lock(folder)


def test_a_word_set_of_the_house_that_alters_shipped_rules_is_told_and_can_be_locked(write: Write) -> None:
    folder = write("rules/own.toml", own())
    lock(folder)
    write("words.toml", '[words]\nplace = ["总部"]')
    told = changes_against(load(folder), folder)
    assert [each.refused for each in told] == [False]
    assert "随附的规则 threat.violence_hint" in told[0].text
    lock(folder, LATER)
    assert changes_against(load(folder), folder) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("families.toml", '[family]\n"threat.violence_hint" = "暗示"'),
        ("words.toml", '[words]\nownword = ["自家的词"]'),
        ("changes.toml", change('severity = "major"')),
        (
            "profiles/cn_default.toml",
            'label = "x"\n[limit.care_turns]\nvalue = 2\nsource = "HOUSE"\ngrade = "H"\nsince = 2026-01-01',
        ),
        (
            "scheme.toml",
            'name = "x"\nstart = 90\nfloor = 0\nhits_counted = 2\n[points]\nnote = 0\nminor = 5\nmajor = 15\nveto = 30',
        ),
    ],
    ids=["families", "words", "change", "limit", "scheme"],
)
def test_whatever_a_house_changes_changes_the_fingerprint(write: Write, name: str, text: str) -> None:
    folder = write(name, text)
    assert load(folder).fingerprint != load().fingerprint
