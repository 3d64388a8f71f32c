"""What the demo must find after recognition: every sample call heard by the committed model, judged, and compared with
its labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qa_service.documents import parse_call
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.predictions import prediction_line
from qa_service.settings import load_settings
from qa_service.transcription.engine import load_engine
from qa_service.transcription.transcribe import transcribe_recording

SAMPLES = Path(__file__).parents[2] / "samples"
CALLS = {row["call_id"]: row for row in map(json.loads, (SAMPLES / "calls.jsonl").open(encoding="utf-8"))}
GOLD = {row["call_id"]: row["gold"] for row in map(json.loads, (SAMPLES / "scripts.jsonl").open(encoding="utf-8"))}
AGENT = {"threat", "insult", "false_authority", "privacy_leak", "overpromise", "improper_demand"}
CLEAN = [call_id for call_id, gold in GOLD.items() if not AGENT & {f["category"] for f in gold["findings"]}]
VIOLATING = sorted(GOLD.keys() - set(CLEAN))
Predictions = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def predictions() -> Predictions:
    """Every sample call, heard and judged once."""
    settings = load_settings({"QA_WHISPER_MODEL": str(SAMPLES / "model")})
    engine, judge = load_engine(settings), Judge(load_rulebook())
    found = {}
    for row in CALLS.values():
        call = parse_call(row)
        assert call.recording is not None
        path = SAMPLES / call.recording.path
        transcript = transcribe_recording(path, call.recording, settings, engine, billed_seconds=call.billed_seconds)
        found[call.call_id] = prediction_line(judge.judge(call, transcript=transcript))
    return found


def categories(line: Mapping[str, Any]) -> set[str]:
    return {finding["category"] for finding in line["findings"]}


@pytest.mark.parametrize("call_id", GOLD)
def test_everything_labelled_is_found(predictions: Predictions, call_id: str) -> None:
    assert {f["category"] for f in GOLD[call_id]["findings"]} <= categories(predictions[call_id])


@pytest.mark.parametrize("call_id", CLEAN)
def test_a_clean_call_is_accused_of_nothing(predictions: Predictions, call_id: str) -> None:
    assert AGENT & categories(predictions[call_id]) == set()


@pytest.mark.parametrize("call_id", GOLD)
def test_promises_have_the_right_amounts_and_dates(predictions: Predictions, call_id: str) -> None:
    said = [promise["payments"] for promise in predictions[call_id]["promises"]]
    assert said == [promise["payments"] for promise in GOLD[call_id]["promises"]]


@pytest.mark.parametrize("call_id", GOLD)
def test_the_duties_of_the_opening_are_judged_as_labelled(predictions: Predictions, call_id: str) -> None:
    assert predictions[call_id]["disclosures"] == GOLD[call_id]["disclosures"]


@pytest.mark.parametrize("call_id", VIOLATING)
def test_a_violating_call_is_a_red_line_below_ninety(predictions: Predictions, call_id: str) -> None:
    line = predictions[call_id]
    assert (line["queue"], line["scorecard"]["veto"]) == ("red_line", "pending")
    assert line["scorecard"]["mark"] < 90


def test_the_mono_call_leaves_every_finding_to_a_person(predictions: Predictions) -> None:
    assert all(finding["needs_confirmation"] for finding in predictions["demo-10"]["findings"])
    assert predictions["demo-10"]["scorecard"]["mark"] == 100


def test_the_cut_off_call_is_said_to_be_incomplete(predictions: Predictions) -> None:
    assert "recording" in categories(predictions["demo-11"])
    assert predictions["demo-11"]["checklist"]["closing"] is None


def test_the_late_call_breaks_the_hours_and_the_desperate_one_comes_first(predictions: Predictions) -> None:
    assert "contact.hours" in {finding["rule"] for finding in predictions["demo-12"]["findings"]}
    assert predictions["demo-09"]["queue"] == "distress"
