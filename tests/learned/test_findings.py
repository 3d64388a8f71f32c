"""What the learned reader reports, and where it keeps silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from qa_service.call import Call, Case, LegalStage, Speaker, Suspicion, Turn
from qa_service.checks.learned import LEARNED
from qa_service.judgement import By, Category, Finding, RuleStatus, VetoState
from qa_service.lexicon import Rulebook
from qa_service.pipeline import Judge
from qa_service.reading import GUESSED_SPEAKER

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
TALK = (
    "请问是张伟本人吗，您有一笔欠款",
    "嗯你讲",
    "我给您登记一下",
    "我家水车停了",
    "好的我记下来了，灯塔会去找你",
    "雷公雷公雷公",
    "您看哪天方便呢",
    "那就先这样",
)


def call_of(*texts: str, case: Case | None = None, **of_turns: object) -> Call:
    turns = tuple(
        Turn(
            speaker=Speaker.AGENT if n % 2 == 0 else Speaker.CUSTOMER,
            start_ms=n * 5000,
            end_ms=n * 5000 + 4000,
            text=text,
        )
        for n, text in enumerate(texts)
    )
    changed = tuple(replace(turn, **of_turns) for turn in turns)  # type: ignore[arg-type]
    return Call(call_id="c", started_at=NOON, turns=changed, case=case or Case())


def learned(judge: Judge, call: Call) -> dict[Category, Finding]:
    return {f.category: f for f in judge.judge(call).analysis.findings if f.by is By.LEARNED}


def test_words_that_no_rule_knows_are_found_by_what_was_learned(judge: Judge) -> None:
    found = learned(judge, call_of(*TALK))
    assert {category: finding.turn for category, finding in found.items()} == {
        Category.THREAT: 4,
        Category.HARDSHIP: 3,
        Category.EMOTION: 5,
    }
    assert found[Category.THREAT].rule == "threat.learned"


def test_a_person_must_confirm_and_nothing_is_deducted_before(judge: Judge) -> None:
    judged = judge.judge(call_of(*TALK))
    found = [f for f in judged.analysis.findings if f.by is By.LEARNED]
    assert all(f.needs_confirmation and 0 < f.confidence < 1 for f in found)
    assert all(f.because == LEARNED.format(f.confidence) for f in found)
    assert [d for d in judged.scorecard.deductions if d.rule.endswith("learned")] == []
    assert judged.scorecard.veto is VetoState.NONE


def test_the_clause_that_says_it_is_quoted(judge: Judge) -> None:
    threat = learned(judge, call_of(*TALK))[Category.THREAT]
    assert [quote.text for quote in threat.quotes] == ["灯塔会去找你"]
    assert all(quote.text == TALK[quote.turn][quote.start : quote.end] for quote in threat.quotes)


def test_a_run_of_turns_is_one_finding_quoted_in_each(judge: Judge) -> None:
    talk = (*TALK[:4], "灯塔会去找你", "嗯你讲", "灯塔的人今晚就到", "那就先这样")
    found = [f for f in judge.judge(call_of(*talk)).analysis.findings if f.rule == "threat.learned"]
    assert len(found) == 1
    assert {quote.turn for quote in found[0].quotes} == {4, 6}


def test_turns_far_apart_are_two_findings(judge: Judge) -> None:
    talk = (*TALK[:2], "灯塔会去找你", "嗯你讲", "我给您登记一下", "嗯你讲", "灯塔的人今晚就到", "嗯你讲")
    found = [f for f in judge.judge(call_of(*talk)).analysis.findings if f.rule == "threat.learned"]
    assert [f.turn for f in found] == [2, 6]


def test_an_ordinary_call_stays_clean(judge: Judge) -> None:
    assert learned(judge, call_of(TALK[0], "行我看看短信", "您看哪天方便呢", "晚一点回你消息")) == {}


def test_the_other_side_saying_it_is_no_threat(judge: Judge) -> None:
    assert Category.THREAT not in learned(judge, call_of(TALK[0], "灯塔会去找你", "好的我记下来了"))


def test_suspect_text_says_nothing(judge: Judge) -> None:
    assert learned(judge, call_of(*TALK, suspicions=(Suspicion.LOOP,))) == {}


def test_a_guessed_speaker_is_told(judge: Judge) -> None:
    found = learned(judge, call_of(*TALK, speaker_doubtful=True))
    assert found[Category.THREAT].because == GUESSED_SPEAKER


def test_where_a_rule_of_words_fires_nothing_is_added(judge: Judge) -> None:
    talk = (*TALK[:4], "灯塔会去找你，不还钱我天天上门堵你", *TALK[5:])
    judged = judge.judge(call_of(*talk))
    threats = [f for f in judged.analysis.findings if f.category is Category.THREAT]
    assert threats
    assert all(f.by is By.PATTERN for f in threats)


def test_an_outburst_is_a_spike(judge: Judge) -> None:
    spikes = judge.judge(call_of(*TALK)).analysis.emotion
    assert [(spike.speaker, spike.turn, spike.signals) for spike in spikes] == [
        (Speaker.CUSTOMER, 5, ("雷公雷公雷公",))
    ]


def test_switched_off_it_is_silent(rulebook: Rulebook) -> None:
    assert learned(Judge(replace(rulebook, learned=None)), call_of(*TALK)) == {}


@pytest.mark.parametrize("status", [RuleStatus.RETIRED, RuleStatus.DRAFT], ids=str)
def test_a_rule_not_in_force_is_silent(rulebook: Rulebook, status: RuleStatus) -> None:
    rules = tuple(replace(rule, status=status) if rule.id == "threat.learned" else rule for rule in rulebook.rules)
    assert Category.THREAT not in learned(Judge(replace(rulebook, rules=rules)), call_of(*TALK))


@pytest.mark.parametrize(
    ("stage", "silent"),
    [
        pytest.param(LegalStage.FILED, True, id="true-by-now"),
        pytest.param(LegalStage.NONE, False, id="not-yet"),
        pytest.param(None, False, id="unknown"),
    ],
)
def test_what_the_case_makes_true_is_no_finding(rulebook: Rulebook, stage: LegalStage | None, silent: bool) -> None:
    lawful = frozenset({LegalStage.FILED})
    rules = tuple(replace(r, lawful_stages=lawful) if r.id == "threat.learned" else r for r in rulebook.rules)
    found = learned(Judge(replace(rulebook, rules=rules)), call_of(*TALK, case=Case(legal_stage=stage)))
    assert (Category.THREAT not in found) is silent


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param("您好，打车服务为您派车", id="no-debt"),
        pytest.param("您那笔贷款的利率可以调整", id="a-loan-but-nothing-of-collecting"),
        pytest.param("请问是张伟本人吗，您的快递到了", id="asks-who-is-there-but-no-debt"),
    ],
)
def test_of_calls_that_collect_nothing_it_does_not_speak(judge: Judge, opening: str) -> None:
    assert learned(judge, call_of(opening, *TALK[1:])) == {}


def test_nothing_said_is_read_without_trouble(judge: Judge) -> None:
    assert learned(judge, call_of()) == {}
    assert learned(judge, call_of("……", "，")) == {}
