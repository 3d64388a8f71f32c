"""What comes through Redis: tickets and nothing else."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import DefaultSerializer, JSONSerializer

from qa_service.actions.backend import Backend
from qa_service.actions.doorbell import check_redis, connect, embedded_socket, redis_url
from qa_service.actions.stages import Beat, StageRunner, Write
from qa_service.errors import QueueUnavailable
from qa_service.settings import Settings
from qa_service.states import Stage, Ticket
from workers import jobs
from workers.dispatcher import Dispatcher
from workers.doorbell import StageQueue, job_id, parse_job_id, queue_of, queued, ring
from workers.worker import StageWorker

NewCall = Callable[[str], Ticket]


@pytest.fixture
def database_url(new_database_url: Callable[[str], str]) -> str:
    """One kind of database is enough here: what comes through Redis is the same for both."""
    return new_database_url("sqlite")


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def ran(backend: Backend) -> list[Ticket]:
    """The tickets that a worker's stage ran for."""
    seen: list[Ticket] = []

    def work(ticket: Ticket, beat: Beat) -> Write:
        seen.append(ticket)
        return lambda session: None

    jobs.install(StageRunner(backend=backend, work={stage: work for stage in Stage}))
    return seen


def burst(client: Redis, stage: Stage = Stage.JUDGE) -> None:
    worker = StageWorker([queue_of(stage, client)], connection=client, serializer="json", log_job_description=False)
    worker.work(burst=True, logging_level="WARNING")


def test_a_ring_reaches_the_worker_and_leaves_nothing_behind(
    backend: Backend, client: Redis, new_call: NewCall, ran: list[Ticket]
) -> None:
    tickets = [new_call("c-1"), new_call("C.2:x_y-3")]
    assert Dispatcher(backend=backend, redis=client).step() == 2
    burst(client)
    assert ran == tickets
    assert list(client.scan_iter("rq:job:*")) == []


def test_the_same_ring_twice_runs_the_stage_once(
    backend: Backend, client: Redis, new_call: NewCall, ran: list[Ticket]
) -> None:
    ticket = new_call("c-1")
    queue = queue_of(Stage.JUDGE, client)
    ring(queue, [ticket])
    ring(queue, [ticket])
    burst(client)
    assert ran == [ticket]


def test_a_wiped_redis_is_rung_again(backend: Backend, client: Redis, new_call: NewCall, ran: list[Ticket]) -> None:
    ticket = new_call("c-1")
    dispatcher = Dispatcher(backend=backend, redis=client)
    now = datetime.now(UTC)
    assert dispatcher.step(now) == 1
    assert dispatcher.step(now + timedelta(seconds=10)) == 0  # it lies in the queue still
    client.flushall()
    assert dispatcher.step(now + timedelta(seconds=20)) == 1
    burst(client)
    assert ran == [ticket]


def os_system_job(client: Redis, trace: Path, serializer: type) -> Job:
    queue = Queue(f"qa-{Stage.JUDGE}", connection=client, serializer=serializer)
    return queue.enqueue("os.system", f"touch {trace}", job_id="evil")


class Bomb:
    """Runs when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.trace}",)


def forge(client: Redis, **fields: bytes | str) -> None:
    """A job of a hand that can write to Redis: a valid ticket, and then some."""
    data = json.dumps(["workers.jobs.run_stage", None, ["c-1", "judge", 1], {}]).encode()
    good = {"data": data, "origin": "qa-judge", "status": "queued", "created_at": "2026-03-12T00:00:00.000000Z"}
    client.hset("rq:job:evil", mapping={**good, **fields})
    client.rpush("rq:queue:qa-judge", "evil")


def call_of(*parts: object) -> bytes:
    return json.dumps(parts).encode()


@pytest.mark.parametrize("serializer", [JSONSerializer, DefaultSerializer], ids=["json", "pickle"])
def test_a_job_that_names_os_system_is_removed_without_harm(
    backend: Backend, client: Redis, new_call: NewCall, ran: list[Ticket], tmp_path: Path, serializer: type
) -> None:
    ticket = new_call("c-1")
    os_system_job(client, tmp_path / "trace", serializer)
    ring(queue_of(Stage.JUDGE, client), [ticket])
    burst(client)
    assert not (tmp_path / "trace").exists()
    assert ran == [ticket]  # the worker went on
    assert not client.exists("rq:job:evil")
    assert client.lrange("rq:queue:qa-judge:intermediate", 0, -1) == []


@pytest.mark.parametrize(
    "data",
    [
        call_of("os.system", None, ["true", "judge", 1], {}),
        call_of("workers.jobs.install", None, ["c-1", "judge", 1], {}),
        call_of("workers.jobs.run_stage", "os", ["c-1", "judge", 1], {}),
        call_of("workers.jobs.run_stage", None, ["c-1", "judge", 1], {"more": 1}),
        call_of("workers.jobs.run_stage", None, ["c-1", "judge"], {}),
        call_of("workers.jobs.run_stage", None, [["c-1"], "judge", 1], {}),
        call_of("workers.jobs.run_stage", None, ["c-1", "elsewhere", 1], {}),
        call_of("workers.jobs.run_stage", None, ["c-1", ["judge"], 1], {}),
        call_of("workers.jobs.run_stage", None, ["c-1", "judge", "1"], {}),
        call_of("workers.jobs.run_stage", None, {"a": 1, "b": 2, "c": 3}, {}),
        b"[1]",
        b"null",
        b"not json",
        pickle.dumps(("workers.jobs.run_stage", None, ("c-1", "judge", 1), {})),
    ],
    ids=[
        "other-function",
        "other-function-of-ours",
        "instance",
        "keywords",
        "too-few",
        "id-not-text",
        "no-such-stage",
        "stage-not-text",
        "token-not-a-number",
        "named-arguments",
        "list",
        "null",
        "no-json",
        "pickle",
    ],
)
def test_anything_but_a_ticket_is_removed(
    backend: Backend, client: Redis, new_call: NewCall, ran: list[Ticket], data: bytes
) -> None:
    new_call("c-1")
    forge(client, data=data)
    burst(client)
    assert ran == []
    assert not client.exists("rq:job:evil")


def test_a_true_ticket_brings_nothing_else_along(
    backend: Backend, client: Redis, new_call: NewCall, ran: list[Ticket], tmp_path: Path
) -> None:
    ticket, trace = new_call("c-1"), tmp_path / "trace"
    hooks = json.dumps([{"url": "http://127.0.0.1:1/", "job_status": "finished"}])
    forge(
        client,
        success_callback_name="os.getcwd",
        failure_callback_name="os.getcwd",
        stopped_callback_name="os.getcwd",
        webhooks=hooks,
        meta=pickle.dumps(Bomb(trace)),
        result=pickle.dumps(Bomb(trace)),
        dependency_ids=json.dumps(["other"]),
        repeats_left="5",
        repeat_intervals="[1]",
        retries_left="5",
    )
    job = queue_of(Stage.JUDGE, client).fetch_job("evil")
    assert job is not None
    assert (job.success_callback, job.failure_callback, job.stopped_callback, job.webhooks) == (None, None, None, [])
    assert (job.meta, job.retries_left, job.repeats_left) == ({}, None, None)
    burst(client)
    assert ran == [ticket]
    assert not trace.exists()


@given(
    call_id=st.from_regex(r"[A-Za-z0-9._:-]{1,100}", fullmatch=True),
    stage=st.sampled_from(list(Stage)),
    token=st.integers(1, 10**9),
)
def test_job_ids_name_their_ticket(call_id: str, stage: Stage, token: int) -> None:
    ticket = Ticket(call_id=call_id, stage=stage, token=token)
    text = job_id(ticket)
    assert parse_job_id(text) == ticket
    Job(id=text, connection=Redis())  # RQ accepts it


def test_foreign_ids_in_the_queue_are_passed_over(client: Redis) -> None:
    queue = queue_of(Stage.JUDGE, client)
    ticket = Ticket(call_id="c_1", stage=Stage.JUDGE, token=7)
    client.rpush(queue.key, "evil", "a-judge-x", "a-nowhere-1", job_id(ticket))
    assert queued(queue) == {ticket}


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-random", "volatile-lru", "volatile-ttl"])
def test_a_redis_that_drops_keys_is_refused(client: Redis, policy: str) -> None:
    check_redis(client)
    client.config_set("maxmemory-policy", policy)
    try:
        with pytest.raises(QueueUnavailable, match=f"{policy}.*noeviction"):
            check_redis(client)
    finally:
        client.config_set("maxmemory-policy", "noeviction")


def test_a_redis_without_aof_is_warned_about(client: Redis, caplog: pytest.LogCaptureFixture) -> None:
    client.config_set("appendonly", "no")
    check_redis(client)
    assert "AOF" in caplog.text
    caplog.clear()
    client.config_set("appendonly", "yes")
    try:
        check_redis(client)
    finally:
        client.config_set("appendonly", "no")
    assert "AOF" not in caplog.text


def test_an_absent_redis_is_said_to_be_absent(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(QueueUnavailable, match="QA_REDIS_URL"), connect(settings) as client:
        check_redis(client)
    with pytest.raises(QueueUnavailable, match="读不懂"):
        connect(Settings(redis_url="nonsense"))


@pytest.mark.parametrize("depth", [1, 12], ids=["shallow", "deep"])
def test_the_embedded_socket_is_short_and_the_same_for_every_process(depth: int) -> None:
    data = Path("/srv").joinpath(*["a-rather-long-folder-name"] * depth)
    socket = embedded_socket(data)
    assert len(os.fsencode(socket)) <= 104
    assert socket == embedded_socket(data)
    assert socket != embedded_socket(data / "other")
    assert socket.is_relative_to(data) == (depth == 1)
    assert redis_url(Settings(data_dir=data)) == f"unix://{socket}"


def test_a_queue_is_named_after_its_stage(client: Redis) -> None:
    assert {queue_of(stage, client).name for stage in Stage} == {"qa-decode", "qa-transcribe", "qa-judge"}
    assert isinstance(queue_of(Stage.JUDGE, client), StageQueue)
