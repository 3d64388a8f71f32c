"""Who is who where both speak on one channel: mostly right, always doubtful."""

from __future__ import annotations

import pytest

from qa_service.call import Span, Speaker
from qa_service.transcription.roles import guess_speakers

DIALOGUES = {
    "outbound": [
        "C喂，你好。",
        "A您好，请问是张伟先生本人吗？",
        "C是我，你哪位？",
        "A我是诚达资产的客服，工号一零二六，受东江银行委托，本次通话有录音。",
        "C什么事？",
        "A您在东江银行的信用卡逾期了二十三天，一共欠款两千三百元。",
        "C我最近没工作，手头紧。",
        "A您看什么时候方便处理，我可以帮您申请分期。",
        "C我下周五还一千吧。",
        "A好的，我给您登记，感谢您的配合，再见。",
    ],
    "agent-first": [
        "A您好，这里是东江银行信用卡中心，请问是李女士吗？",
        "C对，我是。",
        "A您名下的账单已经逾期了，麻烦您尽快处理。",
        "C你们怎么天天打电话，再打我投诉了。",
        "A打扰您了，这边为您备注。",
    ],
    "wrong-number": [
        "C喂？",
        "A请问是王强先生吗？",
        "C打错了，我不认识他。",
        "A不好意思打扰了，再见。",
    ],
}


@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogues_are_told_apart(name: str) -> None:
    lines = DIALOGUES[name]
    utterances = [(Span(start_ms=n * 3000, end_ms=n * 3000 + 2200), line[1:]) for n, line in enumerate(lines)]
    guessed = "".join("A" if speaker is Speaker.AGENT else "C" for speaker in guess_speakers(utterances))
    assert guessed == "".join(line[0] for line in lines)


def test_without_a_pause_an_unclear_stretch_stays_with_its_speaker() -> None:
    said = [(0, 2000, "我是东江银行的客服，工号一零二六"), (2100, 3000, "这个月的话"), (3100, 5000, "您的账单逾期了")]
    guessed = guess_speakers([(Span(start_ms=start, end_ms=end), text) for start, end, text in said])
    assert set(guessed) == {Speaker.AGENT}


def test_nothing_said_nobody_guessed() -> None:
    assert guess_speakers([]) == ()


def test_a_single_unclear_utterance_is_taken_for_whoever_answered() -> None:
    assert guess_speakers([(Span(start_ms=0, end_ms=900), "你好")]) == (Speaker.CUSTOMER,)
