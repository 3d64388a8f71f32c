"""``python -m workers ROLE``: one process of the service, as ``workers.embedded`` starts them.

Roles: ``worker STAGE``, ``dispatcher``, ``clock``, ``redis``. People use ``qa-service worker`` and its siblings.
"""

from __future__ import annotations

import argparse
import logging
import sys

from qa_service.errors import QaError
from qa_service.settings import load_settings
from qa_service.states import Stage
from workers.clock import run_clock
from workers.dispatcher import run_dispatcher
from workers.redis_server import run_redis
from workers.worker import run_worker


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
        match arguments.role:
            case "worker":
                run_worker(settings, arguments.stage)
            case "dispatcher":
                run_dispatcher(settings)
            case "clock":
                run_clock(settings)
            case "redis":
                run_redis(settings)
    except QaError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the sentence for the person who started it
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
