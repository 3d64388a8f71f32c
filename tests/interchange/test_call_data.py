"""What is wrong with call data is said in Chinese: which key, and what it should be."""

from __future__ import annotations

import re
from typing import Any

import pytest

from qa_service.documents import parse_call
from qa_service.errors import InputRefused

GOOD = {"call_id": "c", "started_at": "2026-03-12T14:05:00+08:00"}


def turn(**changed: Any) -> dict[str, Any]:
    return {"turns": [{"speaker": "agent", "start": 0, "end": 1, "text": "您好"} | changed]}


WRONG = [
    pytest.param({"case": {"balance": "99999999999999999999"}}, "case.balance 数字太长", id="an-endless-sum"),
    pytest.param({"case": {"balance": "1e400"}}, "case.balance", id="a-sum-in-powers"),
    pytest.param({"case": {"overdue_amount": "0.0000001"}}, "小数太长，至多 2 位", id="a-part-of-a-fen"),
    pytest.param({"case": {"principal": "NaN"}}, "有限的数字", id="no-number"),
    pytest.param({"case": {"principal": {}}}, "应为金额", id="a-sum-that-is-an-object"),
    pytest.param({"case": {"overdue_days": 1.5}}, "应为整数", id="half-a-day"),
    pytest.param({"case": {"overdue_days": []}}, "应为整数", id="days-in-a-list"),
    pytest.param({"case": {"last_payment_on": "昨天"}}, "应为日期", id="a-day-in-words"),
    pytest.param({"case": []}, "应为对象", id="a-list-for-an-object"),
    pytest.param({"org": {"names": "平安"}}, "应为列表", id="one-name-for-a-list"),
    pytest.param({"ai_voice": "也许"}, "应为 true 或 false", id="neither-true-nor-false"),
    pytest.param({"call_id": 5}, "应为文字", id="a-number-for-an-id"),
    pytest.param({"call_id": ""}, "太短", id="an-empty-id"),
    pytest.param({"call_id": "c" * 999}, "太长", id="an-endless-id"),
    pytest.param({"started_at": "下午两点"}, "应为时间", id="a-time-in-words"),
    pytest.param({"started_at": "2026-03-12T14:05:00"}, "没有时区", id="no-zone"),
    pytest.param({"callee": "friend"}, "之一", id="nobody-known"),
    pytest.param({"turns": {}}, "应为列表", id="turns-in-an-object"),
    pytest.param(turn(text=None), "应为文字", id="no-text"),
    pytest.param(turn(start=-1), "过小", id="before-the-call"),
    pytest.param(turn(start="一"), "应为数字", id="a-moment-in-words"),
    pytest.param(turn(confidence=2), "过大", id="surer-than-sure"),
]


@pytest.mark.parametrize(("changed", "said"), WRONG)
def test_the_complaint_is_chinese_and_says_what_to_write(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InputRefused, match=re.escape(said)) as refused:
        parse_call(GOOD | changed, "calls.jsonl 第 1 行")
    assert not re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", str(refused.value)), "no sentence of the validator's own"


def test_good_call_data_is_taken() -> None:
    assert parse_call(GOOD | turn(), "calls.jsonl").turns[0].text == "您好"
