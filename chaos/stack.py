"""``python -m chaos.stack``: a parent with one worker for each stage, to be killed."""

from __future__ import annotations

import os

from qa_service.states import Stage
from workers.lifeline import hold_lifeline
from workers.supervisor import Supervisor
from workers.worker import stop_on_signals


def main() -> None:
    """Keep the workers running until told to stop."""
    hold_lifeline()
    Supervisor(children=[["workers", "worker", str(stage)] for stage in Stage], environ=os.environ).watch(
        stop_on_signals()
    )


if __name__ == "__main__":
    main()
