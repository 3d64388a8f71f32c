"""Word rules on a call: once a turn and provision, never on doubtful ground alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue import call_of

from qa_service.call import Call, Case, LegalStage, Suspicion
from qa_service.judgement import Category, Finding
from qa_service.pipeline import Judge

THREAT = "坐席：你今天不还，我就闹到你们单位去。"
FILED = "坐席：你这个案子法院已经立案了。"


def of(judge: Judge, call: Call, category: Category) -> list[Finding]:
    return [finding for finding in judge.judge(call).analysis.findings if finding.category is category]


def test_a_threat_is_quoted_as_it_was_said(judge: Judge) -> None:
    (finding,) = of(judge, call_of(THREAT), Category.THREAT)
    assert finding.quotes[0].text == "闹到你们单位"
    assert not finding.needs_confirmation


def test_one_breath_breaks_a_provision_once(judge: Judge) -> None:
    call = call_of("坐席：请问是张伟吗？", "客户：我是他妈。", "坐席：他欠了银行三千块，贷款逾期两个月了。")
    leaks = of(judge, call, Category.PRIVACY_LEAK)
    assert [finding.family for finding in leaks] == ["privacy.debt_to_third_party"]


def test_the_same_words_from_the_customer_are_no_threat(judge: Judge) -> None:
    assert of(judge, call_of(THREAT.replace("坐席", "客户")), Category.THREAT) == []


@pytest.mark.parametrize("suspicion", Suspicion, ids=str)
def test_no_rule_fires_on_suspect_text(judge: Judge, suspicion: Suspicion) -> None:
    call = call_of(THREAT)
    call = replace(call, turns=(replace(call.turns[0], suspicions=(suspicion,)),))
    assert of(judge, call, Category.THREAT) == []


@pytest.mark.parametrize(
    "doubt", [{"speaker_doubtful": True}, {"confidence": 0.3}], ids=["guessed speaker", "weak recognition"]
)
def test_doubtful_ground_needs_a_person_and_deducts_nothing(judge: Judge, doubt: dict[str, object]) -> None:
    call = call_of(THREAT)
    call = replace(call, turns=(replace(call.turns[0], **doubt),))  # type: ignore[arg-type]
    judged = judge.judge(call)
    assert [f.needs_confirmation for f in judged.analysis.findings if f.category is Category.THREAT] == [True]
    assert [d.rule for d in judged.scorecard.deductions if d.rule.startswith("threat")] == []


@pytest.mark.parametrize(
    ("stage", "expected"),
    [(None, [True]), (LegalStage.NONE, [False]), (LegalStage.FILED, [])],
    ids=["stage unknown", "nothing filed", "really filed"],
)
def test_a_claim_of_a_lawsuit_is_measured_by_the_stage(
    judge: Judge, stage: LegalStage | None, expected: list[bool]
) -> None:
    found = of(judge, call_of(FILED, case=Case(legal_stage=stage)), Category.FALSE_AUTHORITY)
    assert [finding.needs_confirmation for finding in found] == expected
