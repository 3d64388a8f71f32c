"""Marks exactly as the contract says; its three worked scorecards first."""

from __future__ import annotations

import pytest

from qa_service.call import Speaker
from qa_service.judgement import Category, Finding, Quote, RuleStatus, Severity, Verdict, VetoState
from qa_service.lexicon import load_rulebook
from qa_service.scoring.marks import score

SCHEME = load_rulebook().scheme


def finding(rule: str, severity: Severity, **changes: object) -> Finding:
    given: dict[str, object] = {
        "category": Category.CONDUCT,
        "rule": rule,
        "severity": severity,
        "label": rule,
        "speaker": Speaker.AGENT,
        "evidence": (Quote(turn=0, start=0, end=2, text="您好"),),
    }
    return Finding(**{**given, **changes})  # type: ignore[arg-type]


LATE_RECORDING = finding("disclosure.recording_missing", Severity.MINOR)
OVERPROMISE = finding("deception.false_relief", Severity.MAJOR)
EXPOSURE = finding("threat.exposure_workplace", Severity.VETO)
INSULT = finding("abuse.insult", Severity.MAJOR)
NO_GREETING = finding("conduct.no_greeting", Severity.MINOR)


def test_worked_example_one_minor_and_major() -> None:
    assert score([LATE_RECORDING, OVERPROMISE], SCHEME).mark == 80


@pytest.mark.parametrize(
    ("verdicts", "mark", "veto"),
    [
        ({}, 70, VetoState.PENDING),
        ({0: Verdict.CONFIRMED}, 0, VetoState.CONFIRMED),
        ({0: Verdict.OVERTURNED}, 100, VetoState.OVERTURNED),
    ],
    ids=["unconfirmed", "confirmed", "overturned"],
)
def test_worked_example_two_a_veto(verdicts: dict[int, Verdict], mark: int, veto: VetoState) -> None:
    card = score([EXPOSURE], SCHEME, verdicts)
    assert (card.mark, card.veto) == (mark, veto)


def test_worked_example_three_at_most_two_hits_of_a_rule() -> None:
    assert score([INSULT, INSULT, INSULT, NO_GREETING], SCHEME).mark == 65


def test_the_finer_parts_of_a_rule_are_counted_together() -> None:
    parts = [
        finding(f"abuse.insult_{part}", Severity.MAJOR, family="abuse.insult") for part in ("name", "kind", "lack")
    ]
    assert score(parts, SCHEME).mark == 70


DEDUCTS_NOTHING = [
    ("on trial", finding("r.trial", Severity.MAJOR, status=RuleStatus.TRIAL)),
    ("needs confirmation", finding("r.doubt", Severity.VETO, needs_confirmation=True, because="说话人为推测")),
    ("customer signal", finding("r.customer", Severity.MAJOR, speaker=Speaker.CUSTOMER)),
    ("note", finding("r.note", Severity.NOTE)),
]


@pytest.mark.parametrize("item", [case[1] for case in DEDUCTS_NOTHING], ids=[case[0] for case in DEDUCTS_NOTHING])
def test_what_deducts_nothing(item: Finding) -> None:
    card = score([item], SCHEME)
    assert (card.mark, card.deductions, card.veto) == (100, (), VetoState.NONE)


def test_a_doubtful_finding_counts_once_a_person_confirms_it() -> None:
    doubtful = finding("r.doubt", Severity.MAJOR, needs_confirmation=True, because="没有案件阶段")
    assert score([doubtful], SCHEME, {0: Verdict.CONFIRMED}).mark == 85


def test_the_floor_is_nought() -> None:
    assert score([finding(f"r.{n}", Severity.MAJOR) for n in range(9)], SCHEME).mark == 0
