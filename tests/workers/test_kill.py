"""The service is killed in every way at once, and the database must tell a story without loss or doubling."""

from __future__ import annotations

from pathlib import Path

from chaos.run import LEASE_S, run_chaos
from qa_service.states import CallState

PICKED_UP_WITHIN_S = LEASE_S + 5


def test_150_calls_survive_every_kill(tmp_path: Path) -> None:
    report = run_chaos(tmp_path, calls=150, seed=1, rounds=1, limit_s=300)
    assert report.clean, str(report)
    assert min(report.kills.values()) >= 1, str(report)
    assert report.verdict.final == {CallState.JUDGED: 138, CallState.RECORDED: 6, CallState.REFUSED: 6}
    assert all(wait < PICKED_UP_WITHIN_S for wait in report.waits_s), str(report)
