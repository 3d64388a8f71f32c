"""Rules that need several turns, call data or earlier calls, on the dialogues of ``dialogues/``."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_service.pipeline import Judge
from qa_service.testing.dialogues import Dialogue, complaint_of, read_dialogues

FILES = sorted(Path(__file__).with_name("dialogues").glob("*.toml"))
CASES = [
    pytest.param(dialogue, id=f"{dialogue.rule}-{'hit' if dialogue.hit else 'miss'}-{dialogue.name}")
    for path in FILES
    for dialogue in read_dialogues(path)
]


@pytest.mark.parametrize("dialogue", CASES)
def test_a_rule_finds_what_is_marked_and_nothing_else(judge: Judge, dialogue: Dialogue) -> None:
    assert complaint_of(dialogue, judge) is None
