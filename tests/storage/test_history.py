"""What is remembered of earlier calls: dial outcomes, and a third party's refusal for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from qa_service.access import Actor, Role
from qa_service.actions.backend import Backend
from qa_service.actions.intake import receive_call
from qa_service.actions.review import Ruling, claim_item, decide_item
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.call import DialOutcome
from qa_service.documents import parse_call
from qa_service.judgement import Verdict
from qa_service.lexicon import load_rulebook
from qa_service.past import PastCall
from qa_service.states import Stage, Ticket
from qa_service.storage.history import past_calls
from qa_service.storage.tables import AnalysisRow, CallRow, FindingRow, ReviewItemRow

Judge = Callable[[dict[str, Any]], None]
THIRD = {"callee": "third_party", "debtor_id": "d-1", "number_id": "n-9"}
REVIEWER = Actor(name="li.na", roles=frozenset({Role.QA}))
REFUSES = "我跟他没关系，你们别再打电话了。"


def document(call_id: str, day: int, said: str | None = None, **data: Any) -> dict[str, Any]:
    """A call on a day of March 2026; with words of whoever answered, or a dialler record."""
    turns = [{"speaker": "agent", "start": 0, "end": 3, "text": "您好，请问张伟在吗？"}]
    turns.append({"speaker": "customer", "start": 4, "end": 8, "text": said or ""})
    started_at = f"2026-03-{day:02d}T10:00:00+08:00"
    return {"call_id": call_id, "started_at": started_at, "turns": turns if said else [], **THIRD, **data}


@pytest.fixture
def judge(backend: Backend) -> Judge:
    """Take a call in and have it judged."""
    runner = StageRunner(backend=backend, work=stage_work(backend))

    def take_in(data: dict[str, Any]) -> None:
        receive_call(backend, parse_call(data))
        assert runner.run(Ticket(call_id=data["call_id"], stage=Stage.JUDGE, token=1)) is Outcome.DONE

    return take_in


def history(backend: Backend, call_id: str) -> tuple[PastCall, ...]:
    with backend.read() as session:
        return past_calls(session, session.get_one(CallRow, call_id))


def rules(backend: Backend, call_id: str) -> set[str]:
    query = select(FindingRow.rule).join(AnalysisRow, AnalysisRow.id == FindingRow.analysis_id)
    with backend.read() as session:
        return set(session.scalars(query.where(AnalysisRow.current, FindingRow.call_id == call_id)))


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"number_id": "n-8"}, False),
        ({"callee": "debtor"}, True),
    ],
    ids=["to the same number", "to another number", "to the same number, held for the debtor's"],
)
def test_a_refusal_is_remembered_for_calls_to_that_third_party(
    backend: Backend, judge: Judge, changes: dict[str, str], shown: bool
) -> None:
    judge(document("refused", 1, REFUSES))
    judge(document("later", 2, "喂？", **changes))
    assert ("privacy.third_party_after_refusal" in rules(backend, "later")) is shown


def test_a_refusal_holds_however_long_ago_it_was_said(backend: Backend, judge: Judge) -> None:
    judge({**document("refused", 1, REFUSES), "started_at": "2025-11-01T10:00:00+08:00"})
    judge({**document("old", 1, "喂？"), "started_at": "2025-11-02T10:00:00+08:00"})
    judge(document("later", 2, "喂？"))
    assert [past.call_id for past in history(backend, "later")] == ["refused"], (
        "other calls are forgotten after a month"
    )
    assert "privacy.third_party_after_refusal" in rules(backend, "later")


@pytest.mark.parametrize("verdict", Verdict, ids=str)
def test_a_persons_verdict_on_the_refusal_counts(backend: Backend, judge: Judge, verdict: Verdict) -> None:
    judge(document("refused", 1, REFUSES))
    with backend.read() as session:
        item = session.scalars(select(ReviewItemRow.id).where(ReviewItemRow.call_id == "refused")).one()
    claim_item(backend, REVIEWER, item)
    decide_item(backend, REVIEWER, item, Ruling(overall=verdict, verdicts={}), load_rulebook())
    judge(document("later", 2, "喂？"))
    assert ("privacy.third_party_after_refusal" in rules(backend, "later")) is (verdict is Verdict.CONFIRMED)


def test_dialler_records_tell_how_attempts_ended(backend: Backend, judge: Judge) -> None:
    receive_call(backend, parse_call(document("dead", 1, callee="debtor", outcome="invalid_number")))
    receive_call(backend, parse_call(document("busy", 2, callee="debtor", outcome="busy", billed_seconds=2)))
    judge(document("later", 3, "喂？"))
    shown = [(past.outcome, past.connected, past.billed_seconds) for past in history(backend, "later")]
    assert shown == [(DialOutcome.INVALID_NUMBER, False, None), (DialOutcome.BUSY, False, 2)]
    assert "contact.third_party_condition" not in rules(backend, "later"), "the debtor's number is invalid"


DEBTOR = {"callee": "debtor", "number_id": "n-1"}
OPENING = ["您好，请问是张伟先生吗？", "是我。", "我是东江银行的小王，通话有录音，您的信用卡逾期了。"]


def talk(call_id: str, day: int, *said: str, **data: Any) -> dict[str, Any]:
    """A call to the debtor in which the agent speaks first and the two take turns."""
    turns = [
        {"speaker": ("agent", "customer")[n % 2], "start": 5 * n, "end": 5 * n + 4, "text": text}
        for n, text in enumerate((*OPENING, *said))
    ]
    return {**document(call_id, day, **DEBTOR), "turns": turns, **data}


def test_a_request_is_remembered_with_whether_the_agent_took_note_of_it(backend: Backend, judge: Judge) -> None:
    judge(talk("noted", 1, "晚上不要打电话给我。", "好的，我给您备注上。"))
    judge(talk("brushed-off", 2, "晚上不要打电话给我。", "你欠钱还挑时间。"))
    judge({**talk("later", 3, "喂？"), "started_at": "2026-03-03T20:30:00+08:00"})
    noted = {
        past.call_id: [request.acknowledged for request in past.stop_requests] for past in history(backend, "later")
    }
    assert noted == {"noted": [True], "brushed-off": [False]}
    assert "contact.stop_request_ignored" in rules(backend, "later")


def test_promises_and_deadlines_are_remembered(backend: Backend, judge: Judge) -> None:
    judge(talk("first", 2, "我这个月二十号还两千。", "好的，二十号两千，我登记了。今天是最后一天，您抓紧。"))
    judge(talk("later", 9, "喂？", "今天必须把两千块打过来，今天是最后期限了。"))
    (first,) = history(backend, "later")
    assert [(payment.amount, str(payment.due)) for payment in first.promises] == [(2000, "2026-03-20")]
    assert [(deadline.words, str(deadline.day)) for deadline in first.deadlines] == [("最后一天", "2026-03-02")]
    assert {"promise.pressed_early", "deception.false_deadline_repeated"} <= rules(backend, "later")


def test_the_lines_of_earlier_calls_are_remembered(backend: Backend, judge: Judge) -> None:
    judge(talk("first", 2, "喂？", caller_id="line-1"))
    judge(talk("later", 2, "喂？", started_at="2026-03-02T11:00:00+08:00", caller_id="line-2"))
    assert [past.caller_id for past in history(backend, "later")] == ["line-1"]


def test_a_judgement_from_before_requests_were_kept_is_read_by_its_findings(backend: Backend, judge: Judge) -> None:
    judge(talk("old", 1, "晚上不要打电话给我。", "好的，我给您备注上。"))
    with backend.write() as session:
        row = session.scalars(select(AnalysisRow).where(AnalysisRow.call_id == "old")).one()
        analysis = {key: value for key, value in row.document["analysis"].items() if key != "remembered"}
        row.document = {**row.document, "analysis": analysis}
    judge(talk("later", 2, "喂？"))
    requests = [request for past in history(backend, "later") for request in past.stop_requests]
    assert [(request.words, request.acknowledged) for request in requests] == [("晚上不要打电话", None)]
