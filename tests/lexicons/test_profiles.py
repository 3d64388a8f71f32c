"""Stacked profiles: of each limit the strictest value is in force, and it is known where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from qa_service.errors import LexiconInvalid
from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.model import Layer

TINY = Path(__file__).with_name("tiny")
LIMIT = '\n[limit.{name}]\nvalue = {value}\nsource = "{source}"\ngrade = "H"\nsince = 2026-04-01\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes profiles of a house: each a name and its limits, and gives the folder back."""

    def to_files(**profiles: dict[str, str]) -> Path:
        (tmp_path / "house" / "profiles").mkdir(parents=True)
        for profile, limits in profiles.items():
            tables = [LIMIT.format(name=name, value=value, source="HOUSE") for name, value in limits.items()]
            text = 'label = "本单位"\n' + "".join(tables)
            (tmp_path / "house" / "profiles" / f"{profile}.toml").write_text(text, encoding="utf-8")
        return tmp_path / "house"

    return to_files


def load(profile: str, house: Path | None = None) -> Rulebook:
    return load_rulebook(house, profile=profile, shipped=TINY)


def test_the_stricter_hours_of_two_shipped_profiles_are_in_force_and_tell_their_source() -> None:
    one, other = (
        load_rulebook(profile=stack, learned=False) for stack in ("cn_default, us_regf", "us_regf,cn_default")
    )
    for rulebook in (one, other):
        assert (rulebook.limits.hours_start, rulebook.limits.hours_end) == (time(8), time(21))
    origin = one.limit_origins["hours_end"]
    assert (origin.profile, origin.layer, origin.source) == ("us_regf", Layer.SHIPPED, "US:1006.6")
    assert one.limit_origins["hours_start"].profile == "cn_default"
    assert one.limits.name == "cn_default,us_regf"
    assert one.fingerprint != load_rulebook(learned=False).fingerprint


STRICTER = [
    pytest.param("hours_start", "09:00:00", "07:00:00", time(9), id="later-start"),
    pytest.param("hours_end", "20:00:00", "23:00:00", time(20), id="earlier-end"),
    pytest.param("connected_per_day", "1", "9", 1, id="fewer-calls"),
    pytest.param("third_party_failures", "5", "1", 5, id="more-failures-first"),
    pytest.param("debt_tolerance_yuan", "0", "50.0", 0.0, id="no-tolerance"),
    pytest.param("rate_cap_licensed", "24", "36.5", 24.0, id="lower-cap"),
    pytest.param("rate_cap_private", "13.8", "0", 13.8, id="a-cap-against-none"),
    pytest.param("stop_request_days", "30", "0", 30, id="longer-rest"),
    pytest.param("follow_up_hours", "24", "0", 24, id="a-deadline-against-none"),
    pytest.param("work_end", "19:00:00", "17:30:00", time(19), id="longer-working-day"),
]


@pytest.mark.parametrize(("name", "strict", "lenient", "in_force"), STRICTER)
def test_each_limit_knows_which_value_is_stricter(
    write: Write, name: str, strict: str, lenient: str, in_force: object
) -> None:
    house = write(strict={name: strict}, lenient={name: lenient})
    for stack in ("cn_default,strict,lenient", "cn_default,lenient,strict"):
        rulebook = load(stack, house)
        assert getattr(rulebook.limits, name) == in_force
        assert rulebook.limit_origins[name].profile == "strict"


def test_a_house_profile_need_not_list_every_limit_and_may_be_laid_over_a_shipped_one(write: Write) -> None:
    house = write(cn_default={"hours_end": "22:30:00"}, ours={"care_turns": "1"})
    rulebook = load("cn_default,ours", house)
    assert (rulebook.limits.hours_end, rulebook.limits.care_turns) == (time(22, 30), 1)
    assert [rulebook.limit_origins[name].layer for name in ("hours_end", "care_turns", "hours_start")] == [
        Layer.HOUSE,
        Layer.HOUSE,
        Layer.SHIPPED,
    ]


REFUSED = [
    pytest.param("cn_default,nowhere", {}, ["QA_PROFILE", "nowhere", "ours"], id="no-such-profile"),
    pytest.param(" , ", {}, ["QA_PROFILE", "cn_default"], id="none-named"),
    pytest.param("../profiles/cn_default", {}, ["QA_PROFILE", "文件名"], id="a-path"),
    pytest.param("ours", {}, ["connected_per_day", "cn_default"], id="limits-missing"),
    pytest.param("ours", {"hours_ende": "20:00:00"}, ["ours.toml", "hours_ende", "hours_end"], id="no-such-limit"),
    pytest.param("ours", {"hours_end": "20"}, ["ours.toml", "hours_end", "21:00:00"], id="number-for-a-time"),
    pytest.param("ours", {"care_turns": "2.5"}, ["ours.toml", "care_turns", "整数"], id="fraction-of-a-turn"),
    pytest.param("cn_default,ours", {"hours_end": "07:00:00"}, ["hours_start", "08:00", "07:00"], id="no-hours-left"),
    pytest.param("ours", {"care_turns": "-1"}, ["ours.toml", "care_turns", "小于 0"], id="negative"),
]


@pytest.mark.parametrize(("profile", "limits", "said"), REFUSED)
def test_a_wrong_profile_is_refused_by_file_limit_and_remedy(
    write: Write, profile: str, limits: dict[str, str], said: list[str]
) -> None:
    house = write(ours=limits)
    with pytest.raises(LexiconInvalid) as refusal:
        load(profile, house)
    assert all(part in str(refusal.value) for part in said)


def test_a_limit_names_a_known_source(write: Write) -> None:
    house = write(ours={"care_turns": "2"})
    file = house / "profiles" / "ours.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("HOUSE", "OWN26"), encoding="utf-8")
    with pytest.raises(LexiconInvalid, match=r"ours\.toml 限额 care_turns：依据 OWN26 不在 sources\.toml"):
        load("cn_default,ours", house)
