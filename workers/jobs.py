"""The one function that a job can name: ids in, nothing out."""

from __future__ import annotations

from qa_service.actions.stages import StageRunner
from qa_service.states import Stage, Ticket

_runners: list[StageRunner] = []


def install(runner: StageRunner) -> None:
    """Say, once in a worker's life, who runs the stages."""
    _runners[:] = [runner]


def stop() -> None:
    """Have the stage at hand broken off at its next sign of life; it is put back for another worker."""
    for runner in _runners:
        runner.stopping.set()


def run_stage(call_id: str, stage: str, token: int) -> None:
    """Run one stage of one call; its effect is in the database, exactly once however often this is called."""
    _runners[0].run(Ticket(call_id=call_id, stage=Stage.of(stage), token=token))
