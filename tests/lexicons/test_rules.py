"""Every rule file, as data: its examples, its sources, its lock, and how much each category holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from qa_service.call import Call, Speaker
from qa_service.judgement import Category, RuleStatus, Severity
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.lock import changes_against
from qa_service.lexicon.model import Fact
from qa_service.reading.turns import TurnReader
from qa_service.testing.dialogues import counts, read_dialogues
from qa_service.testing.lexicon_examples import call_of, complaints_of, shortages_of

RULEBOOK = load_rulebook()
DIALOGUES = sorted((Path(__file__).parents[1] / "checks" / "dialogues").glob("*.toml"))
SPECIFIED_BY_TESTS = frozenset({"recording.no_speech"})
"""Seen in the sound alone (tests/checks/test_recording.py)."""
FILES = sorted({rule.file for rule in RULEBOOK.rules})
AGENT = [
    Category.THREAT,
    Category.INSULT,
    Category.FALSE_AUTHORITY,
    Category.PRIVACY_LEAK,
    Category.OVERPROMISE,
    Category.IMPROPER_DEMAND,
]
CUSTOMER = [
    Category.DISTRESS,
    Category.COMPLAINT,
    Category.DISPUTE,
    Category.HARDSHIP,
    Category.STOP_CONTACT,
]


@pytest.mark.parametrize("file", FILES)
def test_every_example_of_a_file_holds(file: str) -> None:
    assert [str(complaint) for complaint in complaints_of(RULEBOOK, file)] == []


def test_every_provision_has_six_hits_and_six_misses_and_every_agent_rule_a_better_wording() -> None:
    told = counts(dialogue for path in DIALOGUES for dialogue in read_dialogues(path))
    lacking = [complaint for complaint in shortages_of(RULEBOOK, told) if complaint.rule not in SPECIFIED_BY_TESTS]
    assert [str(complaint) for complaint in lacking] == []


@pytest.mark.parametrize("category", [*AGENT, *CUSTOMER], ids=str)
def test_a_category_has_five_rules_of_four_hits_and_four_misses(category: Category) -> None:
    rules = [rule for rule in RULEBOOK.rules if rule.category is category and rule.status is RuleStatus.LIVE]
    full = [rule for rule in rules if len(rule.hits) >= 4 and len(rule.misses) >= 4]
    assert len(full) >= 5


@pytest.mark.parametrize("fact", RULEBOOK.facts, ids=lambda fact: fact.name)
def test_a_fact_is_read_from_its_hits_and_not_from_its_misses(fact: Fact) -> None:
    reader = TurnReader(RULEBOOK)

    def reads(call: Call) -> bool:
        return any(reader.read(index, turn).fact(fact.name) for index, turn in enumerate(call.turns))

    assert [example.source for example in fact.hits if not reads(call_of(example))] == []
    assert [example.source for example in fact.misses if reads(call_of(example))] == []


def test_ids_are_unique_and_the_lock_agrees() -> None:
    assert [rule_id for rule_id, count in Counter(rule.id for rule in RULEBOOK.rules).items() if count > 1] == []
    assert changes_against(RULEBOOK) == ()


def test_customer_signals_are_notes_said_by_the_customer() -> None:
    rules = [rule for rule in RULEBOOK.rules if rule.category in CUSTOMER]
    assert all(rule.speaker is Speaker.CUSTOMER and rule.severity is Severity.NOTE for rule in rules)


def test_every_rule_about_the_agent_names_its_source_and_a_better_wording() -> None:
    rules = [rule for rule in RULEBOOK.rules if rule.category in AGENT]
    assert [rule.id for rule in rules if not rule.sources or not rule.say_instead] == []


def test_no_source_is_called_verified_before_a_compliance_officer_has_read_it() -> None:
    assert not any(source.source_verified for source in RULEBOOK.sources.values())


def test_nothing_in_the_lexicon_is_left_unused() -> None:
    rules, facts = RULEBOOK.rules, RULEBOOK.facts
    framings = {name for rule in rules for name in rule.unless} | {name for fact in facts for name in fact.unless}
    assert RULEBOOK.framings.keys() - framings == set()
    own_patterns = {
        file: "".join(p.source for each in (*rules, *facts) if each.file == file for p in each.patterns)
        for file in FILES
    }
    unused = {
        f"{rule.file} {name}" for rule in rules for name in rule.words if f"<{name}>" not in own_patterns[rule.file]
    }
    assert unused == set()
