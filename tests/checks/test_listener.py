"""Who hears the agent, turn by turn."""

from __future__ import annotations

import pytest
from dialogue import call_of

from qa_service.call import Callee
from qa_service.reading import Reader

ASK, YES = "坐席：请问是张伟吗？", "客户：是我。"
MOTHER = "客户：我是他妈，他不在家。"
HAND_OVER = "客户：我是他妈，我让他来接。"
DEBTOR, THIRD_PARTY = Callee.DEBTOR, Callee.THIRD_PARTY
CASES = [
    ("asked and yes", DEBTOR, [ASK, YES, "坐席：好的。"], "unknown verified verified"),
    ("no answer yet", DEBTOR, [ASK, "客户：你哪里啊？"], "unknown unknown"),
    ("not asked", DEBTOR, ["坐席：喂，你好。", "客户：是的。"], "unknown unknown"),
    ("mother", DEBTOR, [ASK, MOTHER], "not_debtor not_debtor"),
    ("wrong number", DEBTOR, [ASK, "客户：你打错了。"], "not_debtor not_debtor"),
    (
        "found out later",
        DEBTOR,
        ["坐席：你那三千五呢？", "客户：你说谁？", "坐席：张伟啊。", "客户：我不是他。"],
        "not_debtor not_debtor not_debtor not_debtor",
    ),
    ("handed over", DEBTOR, [ASK, HAND_OVER, "坐席：是张伟吗？", YES], "not_debtor not_debtor unknown verified"),
    (
        "talk of relatives after a yes changes nothing",
        DEBTOR,
        [ASK, YES, "坐席：您那笔钱呢？", "客户：我儿子上班去了，他不在家。"],
        "unknown verified verified verified",
    ),
    ("dialler says third party", THIRD_PARTY, ["坐席：您好。", "客户：你好，哪位？"], "not_debtor not_debtor"),
    (
        "the debtor takes it from the mother",
        DEBTOR,
        [ASK, MOTHER, "客户：喂，我是张伟。", "坐席：张先生您好。"],
        "not_debtor not_debtor unknown unknown",
    ),
    ("a yes and a relative in one turn", DEBTOR, [ASK, "客户：是我，我老婆不在家。"], "unknown verified"),
    ("asked for a relative", DEBTOR, ["坐席：您是他妈妈吗？", "客户：是的。"], "not_debtor not_debtor"),
    ("names a relation", DEBTOR, ["坐席：是孙丽吗？", "客户：孙丽是我女儿。"], "not_debtor not_debtor"),
    ("but the debtor answers", THIRD_PARTY, ["坐席：是张伟本人吗？", "客户：是的，我是。"], "unknown verified"),
]


@pytest.mark.parametrize(("callee", "lines", "states"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_listener_follows_what_is_said(reader: Reader, callee: Callee, lines: list[str], states: str) -> None:
    reading = reader.read(call_of(*lines, callee=callee))
    assert " ".join(state.value for state in reading.listeners) == states
