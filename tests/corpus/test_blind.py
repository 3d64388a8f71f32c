"""The judge against calls that no author of a rule has seen; misses are counted, never read (README.md)."""

import json
from pathlib import Path

import pytest

from qa_service.documents import parse_call
from qa_service.judgement import Category
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.predictions import CHECKLIST_LABELS, DISCLOSURE_LABELS, prediction_line
from qa_service.testing.evaluation import (
    AGENT_CATEGORIES,
    CUSTOMER_CATEGORIES,
    Evaluation,
    evaluate,
    read_file,
    read_gold,
    read_predicted,
)

HERE = Path(__file__).parent

# What the last change that was measured here reached, less 0.05: floors against getting worse, not aims.
FINDING_FLOORS = {
    Category.THREAT: 0.63,
    Category.INSULT: 0.81,
    Category.FALSE_AUTHORITY: 0.89,
    Category.PRIVACY_LEAK: 0.79,
    Category.OVERPROMISE: 0.95,
    Category.IMPROPER_DEMAND: 0.95,
    Category.DISTRESS: 0.76,
    Category.COMPLAINT: 0.86,
    Category.DISPUTE: 0.79,
    Category.HARDSHIP: 0.86,
    Category.STOP_CONTACT: 0.88,
}
DISCLOSURE_FLOORS = {"agent": 0.91, "company": 0.87, "principal": 0.79, "recording": 0.95}
CHECKLIST_FLOORS = {"greeting": 0.93, "verification": 0.87, "recap": 0.80, "closing": 0.93}
MOST_CLEAN_CALLS_FLAGGED = 2


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return [json.loads(line) for line in (HERE / "blind.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def result(rows: list[dict]) -> Evaluation:
    judge = Judge(load_rulebook())
    lines = [prediction_line(judge.judge(parse_call(row["call"]))) for row in rows]
    return evaluate(read_file(HERE / "blind.jsonl", read_gold), dict(map(read_predicted, lines)))


def test_labels_point_at_turns_of_their_speaker(rows: list[dict]) -> None:
    for row in rows:
        speakers = [turn["speaker"] for turn in row["call"]["turns"]]
        findings = row["gold"]["findings"]
        marks = [("agent" if f["category"] in AGENT_CATEGORIES else "customer", f["turns"]) for f in findings]
        marks += [(spike["speaker"], spike["turns"]) for spike in row["gold"]["emotion"]]
        assert all(speakers[turn] == speaker for speaker, turns in marks for turn in turns), row["call"]["call_id"]
        assert all(0 <= turn < len(speakers) for promise in row["gold"]["promises"] for turn in promise["turns"])


def test_every_category_is_there_often_enough_to_measure(result: Evaluation) -> None:
    items = {category: tally.found + tally.missed for category, tally in result.findings.items()}
    assert min(items[category] for category in AGENT_CATEGORIES) >= 8
    assert min(items[category] for category in CUSTOMER_CATEGORIES) >= 9
    assert (result.calls, result.clean) == (64, 28)


def test_noisy_calls_are_calls_of_the_set(rows: list[dict]) -> None:
    noisy = (HERE / "blind-noisy.txt").read_text(encoding="utf-8").split()
    assert len(noisy) == 12
    assert set(noisy) < {row["call"]["call_id"] for row in rows}


@pytest.mark.parametrize(("category", "floor"), [pytest.param(*item, id=item[0]) for item in FINDING_FLOORS.items()])
def test_findings(result: Evaluation, category: Category, floor: float) -> None:
    assert result.findings[category].f1 >= floor


def test_findings_together(result: Evaluation) -> None:
    assert result.micro(AGENT_CATEGORIES).f1 >= 0.82
    assert result.micro(CUSTOMER_CATEGORIES).f1 >= 0.84
    assert result.spikes.f1 >= 0.63


def test_agents_who_did_nothing_wrong_are_left_alone(result: Evaluation) -> None:
    assert result.clean_flagged <= MOST_CLEAN_CALLS_FLAGGED


def test_promises(result: Evaluation) -> None:
    assert result.payments.f1 >= 0.69
    assert result.any_promise.f1 >= 0.88


@pytest.mark.parametrize("key", DISCLOSURE_LABELS)
def test_disclosures(result: Evaluation, key: str) -> None:
    assert result.disclosures[key].accuracy >= DISCLOSURE_FLOORS[key]


@pytest.mark.parametrize("key", CHECKLIST_LABELS)
def test_checklist(result: Evaluation, key: str) -> None:
    assert result.checklist[key].accuracy >= CHECKLIST_FLOORS[key]
