"""A small draw of randomly damaged copies; the full one is ``python3 chaos/damage.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.damage import BLIND, FORMATS, HARMS, SHORTENING, Report, run_damage, spoil

FILES = len(FORMATS) * len(HARMS)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return run_damage(tmp_path_factory.mktemp("damage"), files=FILES, seed=7)


def test_nothing_crashes_and_nothing_hangs(report: Report) -> None:
    assert report.crashes == []
    assert report.hangs == []
    assert report.copies.total() == FILES


def test_what_lost_a_piece_is_noticed_where_the_file_can_tell(report: Report) -> None:
    assert {
        (suffix, harm): report.noticed[suffix, harm]
        for suffix in FORMATS
        for harm in SHORTENING
        if suffix not in BLIND and report.noticed[suffix, harm] < report.copies[suffix, harm]
    } == {}


def test_with_billed_seconds_every_great_loss_is_noticed(report: Report) -> None:
    assert report.owing.total() > 0
    assert report.owned_up == report.owing


def test_the_same_seed_spoils_the_same(tmp_path: Path) -> None:
    first, second = (list(spoil(tmp_path, files=6, seed=1)) for _ in range(2))
    assert first == second
    assert list(spoil(tmp_path, files=6, seed=2)) != first
