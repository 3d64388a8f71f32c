"""What is said tells who says it, more or less: cues in log odds, none of them final."""

from __future__ import annotations

import pytest

from qa_service.transcription.roles import STRONGEST, agent_odds, asks

AGENT = [
    "请问是张伟先生本人吗？",
    "我是诚达资产的客服，工号一零二六",
    "本次通话会全程录音。",
    "您名下的账单已经逾期了",
    "那您看什么时候方便处理",
    "你那个网贷，逾期九十多天了",
    "她填你做联系人，",
    "你今天必须把钱还上",
    "感谢您的配合，再见。",
]
CUSTOMER = [
    "我就是，你哪位？",
    "嗯，什么事？",
    "我最近没工作，手头紧",
    "我下周五还一千吧",
    "你们怎么天天打电话",
    "打错了，我不认识他",
    "凭什么让我还",
    "我老公不知道这事",
    "再打我就投诉你们",
]
NEITHER = ["", "一千二百块", "三月十五号", "东江"]


@pytest.mark.parametrize("text", AGENT)
def test_a_collector_says(text: str) -> None:
    assert agent_odds(text) > 0.5


@pytest.mark.parametrize("text", CUSTOMER)
def test_whoever_is_called_says(text: str) -> None:
    assert agent_odds(text) < -0.5


@pytest.mark.parametrize("text", NEITHER)
def test_either_may_say(text: str) -> None:
    assert agent_odds(text) == 0


def test_no_stretch_decides_a_call() -> None:
    assert abs(agent_odds("".join(AGENT))) <= STRONGEST
    assert abs(agent_odds("".join(CUSTOMER))) <= STRONGEST


@pytest.mark.parametrize(
    ("text", "question"),
    [("你哪位？", True), ("是本人吗", True), ("那怎么办呢。", True), ("好的。", False), ("", False)],
    ids=["mark", "ma", "ne", "statement", "nothing"],
)
def test_questions(text: str, question: bool) -> None:
    assert asks(text) is question
