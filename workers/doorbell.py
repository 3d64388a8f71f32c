"""What goes through Redis: the name of one function and three ids, in JSON, and nothing else is let in.

RQ's jobs can name any function, carry pickled data, callbacks and web hooks; whoever can write to Redis could run code
here. ``StageJob`` knows one function and reads no more of a job than a ticket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from redis import Redis
from rq import Queue
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer

from qa_service.states import Stage, Ticket

RUN_STAGE = "workers.jobs.run_stage"

FAILURE_TTL_S = 24 * 3600
"""How long RQ keeps the trace of a job that failed in a way the database does not know of."""


class NotAllowedJob(Exception):
    """A job that is not a ticket of ours."""


class StageJob(Job):
    """A job that can only be ``run_stage(call_id, stage, token)``; everything else RQ offers is dropped on reading."""

    def restore(self, raw_data: dict[Any, Any]) -> None:
        """Read the job's hash, without the fields that run something."""
        kept = {key: value for key, value in raw_data.items() if _text(key) in _READ}
        super().restore(kept)

    @property
    def func(self) -> Any:  # noqa: ANN401 - RQ's signature
        """The one function there is.

        Raises:
            NotAllowedJob: the job names another one or carries anything but a ticket.
        """
        self.ticket()
        return super().func

    def ticket(self) -> Ticket:
        """The ticket that the job carries.

        Raises:
            NotAllowedJob: it carries something else.
        """
        try:
            name, instance, args, kwargs = self.func_name, self.instance, self.args, self.kwargs
        except DeserializationError as error:
            raise NotAllowedJob(self.id) from error
        if name != RUN_STAGE or instance is not None or kwargs or len(args) != 3:
            raise NotAllowedJob(self.id)
        call_id, stage, token = args
        if not isinstance(call_id, str) or not isinstance(token, int) or stage not in list(Stage):
            raise NotAllowedJob(self.id)
        return Ticket(call_id=call_id, stage=Stage.of(stage), token=token)


_READ = frozenset(
    {"data", "created_at", "enqueued_at", "origin", "description", "timeout", "result_ttl", "failure_ttl", "status"}
)


class StageQueue(Queue):
    """A queue of ``StageJob``s."""

    job_class = StageJob


def queue_of(stage: Stage, connection: Redis) -> StageQueue:
    """The queue of a stage. A worker listens to one alone: with two, RQ loses a job between taking and starting it."""
    return StageQueue(name=f"qa-{stage}", connection=connection, serializer=JSONSerializer)


def ring(queue: StageQueue, tickets: Sequence[Ticket]) -> None:
    """Put tickets into the queue, repeated ones in front; one that lies there already does so twice, harmlessly."""
    queue.enqueue_many(
        [
            StageQueue.prepare_data(
                RUN_STAGE,
                args=[ticket.call_id, str(ticket.stage), ticket.token],
                job_id=job_id(ticket),
                description=job_id(ticket),
                timeout=-1,
                result_ttl=0,
                failure_ttl=FAILURE_TTL_S,
                at_front=ticket.token > 1,
            )
            for ticket in tickets
        ]
    )


def queued(queue: StageQueue) -> frozenset[Ticket]:
    """The tickets that lie in the queue; ids that are not ours are passed over."""
    return frozenset(_tickets(queue.get_job_ids()))


def _tickets(ids: Iterable[str]) -> Iterable[Ticket]:
    for each in ids:
        try:
            yield parse_job_id(each)
        except ValueError:
            continue


def job_id(ticket: Ticket) -> str:
    """``call-stage-token`` in the characters that RQ takes; others than letters, digits, ``-`` become ``_`` and hex."""
    safe = re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found.group()):02x}", ticket.call_id)
    return f"{safe}-{ticket.stage}-{ticket.token}"


def parse_job_id(text: str) -> Ticket:
    """The ticket of a job id.

    Raises:
        ValueError: it is not one of ours.
    """
    safe, stage, token = text.rsplit("-", 2)
    call_id = re.sub(r"_([0-9a-f]{2})", lambda found: chr(int(found.group(1), 16)), safe)
    return Ticket(call_id=call_id, stage=Stage.of(stage), token=int(token))


def _text(key: bytes | str) -> str:
    return key.decode() if isinstance(key, bytes) else key
