"""The rules as the API tells them: where each comes from, and which of its sources somebody has read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.wire import finding_out
from qa_service.actions.rules import Rulebook, verified_sources
from qa_service.judgement import Ground
from tests.api.conftest import THREAT


def test_each_rule_tells_its_layer_and_that_none_of_its_sources_was_read(house: Any) -> None:
    rules = house.get("qa", "/api/v1/rules").json()["rules"]
    assert {rule["layer"] for rule in rules} == {"shipped"}
    assert any(rule["sources"] for rule in rules)
    assert all(rule["verified_sources"] == [] for rule in rules)


def test_a_source_that_was_read_is_told_with_every_rule_that_names_it(rulebook: Rulebook) -> None:
    read = {**rulebook.sources, "CBA26": replace(rulebook.sources["CBA26"], source_verified=True)}
    own = replace(rulebook, sources=read)
    told = {rule.id: verified_sources(own, rule) for rule in own.rules}
    assert told["threat.exposure_workplace"]
    assert {source.partition(":")[0] for sources in told.values() for source in sources} == {"CBA26"}


def test_a_finding_tells_what_it_stands_on() -> None:
    ground = Ground(layer="house", profiles=("us_regf",), sources=("US:1006.6",))
    told = finding_out(0, replace(THREAT, ground=ground)).model_dump(mode="json")["ground"]
    assert told == {"layer": "house", "profiles": ["us_regf"], "sources": ["US:1006.6"]}
    assert finding_out(0, THREAT).ground is None
