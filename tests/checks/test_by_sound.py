"""Rules and duties in recognised text: words written with other characters of the same sound."""

import pytest

from qa_service.call import Call
from qa_service.documents import parse_call
from qa_service.judgement import By, DisclosureStatus, Finding
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.testing.evaluation import AGENT_CATEGORIES

JUDGE = Judge(load_rulebook())


def call(*turns: str, callee: str = "debtor") -> Call:
    said = [
        {"speaker": "agent" if turn[0] == "坐" else "customer", "start": n * 5, "end": n * 5 + 4, "text": turn[3:]}
        for n, turn in enumerate(turns)
    ]
    head = {"call_id": "c", "started_at": "2026-03-12T14:05:00+08:00", "callee": callee}
    return parse_call({**head, "turns": said})


def about_the_agent(*turns: str) -> list[Finding]:
    findings = JUDGE.judge(call(*turns)).analysis.findings
    return [finding for finding in findings if finding.category in AGENT_CATEGORIES]


HITS = [
    pytest.param("我们是市里反炸中心的", "我们是市里反炸中心", "反诈中心", id="authority"),
    pytest.param("你再不还就法院强治执行了", "强治执行", "强制执行", id="litigation"),
    pytest.param("你给点手须费我就帮你办", "给点手须费", "手续费", id="fee"),
    pytest.param("你先到别的平台再戒一笔", "再戒一笔", "再借一笔", id="borrowing"),
    pytest.param("我给你走内部通到", "内部通到", "内部通道", id="relief"),
    pytest.param("再不还你的同讯录我挨个打一遍", "同讯录", "通讯录", id="contact-book"),
]

MISSES = [
    pytest.param("坐席：您别担心，还有两碗米饭在锅里。", id="everyday-words"),
    pytest.param("坐席：我们不是反炸中心的，您放心。", id="denied"),
    pytest.param("坐席：您说有人冒充反炸中心给您打电话，是吗？", id="asked"),
    pytest.param("客户：你们是不是反炸中心的？", id="the-other-side"),
    pytest.param("坐席：这个月是四十五天的账期。", id="a-number"),
    pytest.param("坐席：手机支付没有手须费的。", id="no-fee"),
]


@pytest.mark.parametrize(("said", "quoted", "read_as"), HITS)
def test_a_match_by_sound_is_less_sure_and_says_how_it_read(said: str, quoted: str, read_as: str) -> None:
    found = about_the_agent(f"坐席：{said}")
    assert found
    assert {(f.by, f.confidence, f.needs_confirmation) for f in found} == {(By.SOUND, 0.7, True)}
    assert any(quoted in f.quotes[0].text and read_as in (f.because or "") for f in found)


@pytest.mark.parametrize("turn", MISSES)
def test_sound_alone_accuses_nobody(turn: str) -> None:
    assert about_the_agent(turn) == []


def test_words_spelt_right_are_matched_as_they_are() -> None:
    (found,) = about_the_agent("坐席：我们是市里反诈中心的")
    assert (found.by, found.confidence) == (By.PATTERN, 1.0)


def test_a_duty_done_is_done_however_it_was_written() -> None:
    judged = JUDGE.judge(call("坐席：您好，本次通话全程路因，您的信用卡逾期了。"))
    assert judged.analysis.disclosures.recording.status is DisclosureStatus.OK
