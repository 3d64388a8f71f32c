"""A call judged with the third reader: its findings are seen by a person and weigh nothing by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qa_service.actions.judging import load_judge
from qa_service.documents import parse_call
from qa_service.judgement import By, Judged, Queue, VetoState
from qa_service.predictions import prediction_line
from qa_service.settings import load_settings

if TYPE_CHECKING:
    from tests.endpoint.conftest import ModelServer

OPENING = (
    "您好，请问是张伟本人吗？",
    "我是。",
    "我是东江银行的工作人员，我姓王，通话有录音，您的信用卡逾期了三千元，有困难可以申请分期。",
    "知道了。",
)
HINT = "我同事正好在你们小区业主群里，群挺活跃的。"


@pytest.fixture
def judged(server: ModelServer) -> Judged:
    server.answer = {"findings": [{"rule": "threat.exposure_family_village", "turn": 4, "quote": HINT[:12]}]}
    return judge(server)


def judge(server: ModelServer) -> Judged:
    turns = [
        {"speaker": "customer" if n % 2 else "agent", "start": n * 5, "end": n * 5 + 4, "text": text}
        for n, text in enumerate((*OPENING, HINT))
    ]
    call = parse_call({"call_id": "c", "started_at": "2026-03-12T14:05:00+08:00", "turns": turns})
    settings = load_settings(
        {"QA_ENDPOINT_URL": server.url, "QA_ENDPOINT_MODEL": "qwen", "QA_ENDPOINT_SECONDS": "5", "QA_LEARNED": "off"}
    )
    return load_judge(settings).judge(call)


def test_its_finding_is_told_as_its_own(judged: Judged) -> None:
    (found,) = (f for f in prediction_line(judged)["findings"] if f["by"] == "endpoint")
    assert (found["rule"], found["turn"], found["needs_confirmation"]) == ("threat.exposure_family_village", 4, True)


def test_a_person_must_look_and_nothing_is_deducted(server: ModelServer, judged: Judged) -> None:
    assert judged.triage is not None
    assert judged.triage.queue is Queue.RED_LINE
    server.answer = {"findings": []}
    without = judge(server)
    assert judged.scorecard == without.scorecard
    assert judged.scorecard.veto is VetoState.NONE


def test_a_server_that_fails_leaves_the_verdict_as_it_is_and_says_so(server: ModelServer) -> None:
    server.status = 500
    judged = judge(server)
    assert [item.because for item in judged.analysis.cannot_judge if item.rule == "endpoint"] == [
        "外接模型回了状态 500，请检查模型名、密钥与模型服务。"
    ]
    assert not any(finding.by is By.ENDPOINT for finding in judged.analysis.findings)
