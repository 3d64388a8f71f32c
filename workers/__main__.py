"""``python -m workers ROLE``: one process of the service, as ``workers.embedded`` starts them.

Roles: ``worker STAGE``, ``dispatcher``, ``clock``, ``redis``. People use ``qa-service worker`` and its siblings.
"""

from __future__ import annotations

import argparse
import logging
import sys

from qa_service.errors import QaError
from qa_service.settings import Settings, load_settings
from qa_service.states import Stage


def main(words: list[str]) -> int:
    """Run a role and return the exit status: 0 after an orderly stop, 1 where it could not start."""
    parser = argparse.ArgumentParser(prog="python -m workers")
    roles = parser.add_subparsers(dest="role", required=True)
    roles.add_parser("worker").add_argument("stage", type=Stage.of, choices=list(Stage))
    for role in ("dispatcher", "clock", "redis"):
        roles.add_parser(role)
    arguments = parser.parse_args(words)
    try:
        settings = load_settings()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(process)d %(levelname)s %(message)s")
        _run(arguments.role, arguments, settings)
    except QaError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the sentence for the person who started it
        return 1
    return 0


def _run(role: str, arguments: argparse.Namespace, settings: Settings) -> None:
    # Each role imports its own parts: seven processes that start together share few cores.
    match role:
        case "worker":
            from workers.worker import run_worker

            run_worker(settings, arguments.stage)
        case "dispatcher":
            from workers.dispatcher import run_dispatcher

            run_dispatcher(settings)
        case "clock":
            from workers.clock import run_clock

            run_clock(settings)
        case _:
            from workers.redis_server import run_redis

            run_redis(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
