"""No number of a call is shown without what it means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from api.schemas import MetricsOut, SideOut
from api.transcript_schemas import QualityOut, SoundOut
from qa_service.call import Speaker, Turn
from qa_service.documents import parse_call
from qa_service.lexicon import load_rulebook
from qa_service.measures import BREATH_MS, INTO_MS, PAUSE_MS, QUALITY, REPLY_MS, SIDE, SOUND, TALK, Measure
from qa_service.pipeline import judge
from qa_service.predictions import prediction_line, report_lines

TURNS = (
    Turn(speaker=Speaker.AGENT, start_ms=0, end_ms=6000, text="您好，请问是王先生吗"),
    Turn(speaker=Speaker.CUSTOMER, start_ms=8000, end_ms=10_000, text="我是"),
)
CALL = parse_call({"call_id": "c", "started_at": "2026-03-12T14:00:00+08:00"})
NOT_NUMBERS = {"agent", "customer", "overlap_unknown", "silences", "overlaps", "interruptions", "definitions"}


@pytest.fixture(scope="module")
def judged() -> tuple[dict[str, object], list[str]]:
    call = replace(CALL, turns=TURNS)
    found = judge(call, rulebook=load_rulebook())
    return prediction_line(found), list(report_lines(call, found))


@pytest.mark.parametrize(
    ("keys", "measures"),
    [
        (set(MetricsOut.model_fields) - NOT_NUMBERS, TALK),
        (set(SideOut.model_fields), SIDE),
        (set(QualityOut.model_fields) - {"voice", "grade", "word", "because"}, QUALITY),
        (set(SoundOut.model_fields) - {"course"}, SOUND),
    ],
    ids=["call", "side", "quality", "turn"],
)
def test_every_number_has_a_definition_and_every_definition_a_number(
    keys: set[str], measures: dict[str, Measure]
) -> None:
    assert set(measures) == keys
    assert all(key == measure.key and measure.label and measure.definition for key, measure in measures.items())


def test_the_prediction_line_has_these_numbers(judged: tuple[dict[str, object], list[str]]) -> None:
    metrics = judged[0]["metrics"]
    assert isinstance(metrics, dict)
    assert set(metrics) - NOT_NUMBERS == set(TALK)
    assert set(metrics["agent"]) == set(metrics["customer"]) == set(SIDE)


@pytest.mark.parametrize("measure", [*TALK.values(), *SIDE.values()], ids=lambda measure: measure.key)
def test_the_report_prints_the_definition_beside_the_number(
    measure: Measure, judged: tuple[dict[str, object], list[str]]
) -> None:
    (line,) = [line for line in judged[1] if line.startswith(f"  {measure.label} ")]
    assert line.endswith(f"（{measure.definition}）")


@pytest.mark.parametrize(
    ("limit", "key"),
    [(PAUSE_MS, "silence"), (INTO_MS, "interruptions"), (BREATH_MS, "monologue"), (REPLY_MS, "monologue")],
)
def test_definitions_name_their_limits(limit: int, key: str) -> None:
    assert f"{limit / 1000:g} 秒" in {**TALK, **SIDE}[key].definition


@pytest.mark.parametrize("measures", [TALK, SIDE, QUALITY, SOUND], ids=["call", "side", "quality", "turn"])
def test_the_page_for_compliance_has_every_definition(measures: dict[str, Measure]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sound.md").read_text(encoding="utf-8")
    for measure in measures.values():
        assert f"| {measure.label} | {measure.unit} | {measure.definition} |" in page
