"""A turn of a demo call made louder, higher or faster, from its samples to what is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from bench.composure import CHANGES, Change, Side, changed, noticed, sides
from qa_service.lexicon import load_rulebook
from qa_service.testing.audio import RATE
from qa_service.testing.signals import as_sound, voiced
from qa_service.transcription.sound import measure_channel

LIMITS = load_rulebook().limits
CALL, TURN = "demo-02", 2


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Side:
    return next(side for side in sides(tmp_path_factory.mktemp("audio")) if side.call == CALL)


@pytest.mark.parametrize(
    ("change", "signals"),
    [
        (Change(), set()),
        (Change(gain_db=3), set()),
        (Change(gain_db=9), {"音量"}),
        (Change(pitch=1.1), set()),
        (Change(pitch=1.3), {"音高"}),
        (Change(pace=1.1), set()),
        (Change(pace=1.35), {"语速"}),
        (Change(gain_db=9, pitch=1.3), {"音量", "音高"}),
    ],
    ids=["as-recorded", "3-db", "9-db", "pitch-10", "pitch-30", "pace-10", "pace-35", "9-db-and-pitch-30"],
)
def test_a_raised_turn(agent: Side, change: Change, signals: set[str]) -> None:
    raised = noticed(agent, agent.raisable[TURN], change, LIMITS)
    assert {signal[:2] for signal in (raised.signals if raised else ())} == signals


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_change_is_what_it_says(change: Change) -> None:
    said = as_sound(voiced(150, 4000, level=2000))
    after = changed(said, change)
    sound = measure_channel(after, np.ones(len(after) // 512, dtype=np.float32))
    assert len(after) / len(said) == pytest.approx(1 / change.pace, abs=0.03)
    assert np.nanmedian(sound.pitches) == pytest.approx(150 * change.pitch, rel=0.02)
    middle = slice(RATE // 2, len(after) - RATE // 2)
    level = 20 * np.log10(np.sqrt(np.mean(np.square(after[middle].astype(float)))) / 2000)
    assert level == pytest.approx(change.gain_db, abs=0.8)
