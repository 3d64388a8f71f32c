"""Who hears the agent, turn by turn (listeners.toml), and what follows from it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from dialogue import call_of

from qa_service.call import Callee
from qa_service.lexicon.model import Listener
from qa_service.pipeline import Judge
from qa_service.reading import Reader

DIALOGUES = tomllib.loads(Path(__file__).with_name("listeners.toml").read_text(encoding="utf-8"))["dialogue"]
LETTERS = {Listener.UNKNOWN: "?", Listener.CLAIMED: "c", Listener.VERIFIED: "v", Listener.NOT_DEBTOR: "x"}
LEAK = "坐席：他的信用卡逾期了，欠款两千三百块。"


@pytest.mark.parametrize("dialogue", [pytest.param(one, id=one["id"]) for one in DIALOGUES])
def test_the_listener_follows_what_is_said(reader: Reader, dialogue: dict[str, Any]) -> None:
    reading = reader.read(call_of(*dialogue["turns"], callee=Callee.of(dialogue.get("callee", "debtor"))))
    assert "".join(LETTERS[state] for state in reading.listeners) == dialogue["heard"]


def test_there_are_forty_dialogues_and_look_alikes_among_them() -> None:
    heard = [one["heard"] for one in DIALOGUES]
    assert len(heard) >= 40
    assert sum("x" not in states for states in heard) >= len(heard) // 2


LEAKS = [
    ("to the mother", ["坐席：请问是张伟吗？", "客户：我是他妈。", LEAK], True),
    ("to the debtor who swears", ["坐席：请问是张伟吗？", "客户：是我，我是他妈的急死了。", LEAK], False),
    ("to one who lied and admits it", ["坐席：请问是张伟吗？", "客户：他不在。", LEAK, "客户：算了，我就是。"], False),
    ("to one who only goes along", ["坐席：请问是张伟吗？", "客户：你说。", LEAK], False),
    (
        "before the debtor takes over",
        ["坐席：请问是张伟吗？", "客户：我是他妈。", LEAK, "客户：喂，我是张伟。"],
        True,
    ),
]


@pytest.mark.parametrize(("lines", "leaks"), [case[1:] for case in LEAKS], ids=[case[0] for case in LEAKS])
def test_the_debt_leaks_to_anybody_but_the_debtor(judge: Judge, lines: list[str], leaks: bool) -> None:
    families = {finding.family for finding in judge.judge(call_of(*lines)).analysis.findings}
    assert ("privacy.debt_to_third_party" in families) is leaks


NUMBERS = [("客户：是我。", False), ("客户：你说。", True), ("客户：你哪里啊？", True)]


@pytest.mark.parametrize(("answer", "found"), NUMBERS, ids=["verified", "claimed", "unknown"])
def test_a_full_number_is_read_to_nobody_unverified(judge: Judge, answer: str, found: bool) -> None:
    lines = ("坐席：请问是张伟吗？", answer, "坐席：您的卡号是六二二二零二一零零一一一二三四五六七。")
    rules = [finding.rule for finding in judge.judge(call_of(*lines)).analysis.findings]
    assert ("privacy.pii_leak_card_number" in rules) is found
