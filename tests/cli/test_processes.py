"""The service as processes: it comes up on embedded parts, does its work, and goes away without a trace."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from qa_service.access import Role
from qa_service.actions.backend import open_backend
from qa_service.actions.housekeeping import upgrade_database
from qa_service.actions.users import add_user, issue_token
from qa_service.cli.demo import demo_settings
from qa_service.cli.processes import address_of, listen
from qa_service.errors import EngineUnavailable, InputRefused, SettingsInvalid
from qa_service.settings import load_settings
from tests.cli.conftest import a_call, spawn

PATIENCE_S = 90.0


def ask(url: str, token: str | None = None, body: Any = None) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers)) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def eventually(probe: Any) -> Any:
    """The first true answer of ``probe``; time is only given up on, never measured."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := probe():
            return answer
        time.sleep(0.1)
    pytest.fail("it did not happen")


def url_in(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://[\d.]+:\d+", line):
            return found.group()
    pytest.fail(f"no address printed, status {process.wait()}: {''.join(said)}")


def token_for(folder: Path, role: Role) -> str:
    backend = open_backend(load_settings({"QA_DATA_DIR": str(folder)}))
    upgrade_database(backend)
    add_user(backend, role.value, [role])
    issued = issue_token(backend, role.value)
    backend.close()
    return issued


@pytest.fixture
def ended() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that must not outlive the test."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def members_of(group: int) -> list[str]:
    """Commands of the living processes of a process group."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines())
    return [row[2] for row in rows if len(row) == 3 and row[0] == str(group) and not row[1].startswith("Z")]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["terminated", "interrupted"])
def test_serve_judges_what_it_is_sent_and_ends_without_a_trace(tmp_path: Path, ended: Any, how: int) -> None:
    token = token_for(tmp_path, Role.QA_LEAD)
    process = spawn(tmp_path, "serve", "--port", "0")
    ended.append(process)
    url = url_in(process)
    eventually(lambda: ask(f"{url}/readyz")[0] == 200)
    assert ask(f"{url}/api/v1/calls", token, a_call("c-1"))[0] == 202
    eventually(lambda: ask(f"{url}/api/v1/calls/c-1", token)[1]["state"] == "judged")
    assert ask(f"{url}/api/v1/calls/c-1/scorecard", token)[1]["machine"]["mark"] <= 100
    second = spawn(tmp_path, "serve", "--port", "0")
    ended.append(second)
    assert "已有一个服务在运行" in second.communicate(timeout=PATIENCE_S)[1], "one service per data folder"
    assert second.returncode == 1
    process.send_signal(how)
    assert process.wait(timeout=PATIENCE_S) == 0
    assert members_of(process.pid) == []


def test_serve_with_the_api_alone_says_that_the_queue_is_missing(tmp_path: Path, ended: Any) -> None:
    token = token_for(tmp_path, Role.QA_LEAD)
    process = spawn(tmp_path, "serve", "--api-only", "--port", "0")
    ended.append(process)
    url = url_in(process)
    status, parts = eventually(lambda: ask(f"{url}/readyz"))
    assert (status, parts["database"], parts["migrations"]) == (503, "ok", "ok")
    assert "Redis" in parts["queue"]
    assert ask(f"{url}/api/v1/calls", token, a_call("c-1"))[0] == 202, "calls are taken in all the same"


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with listen(load_settings({"QA_PORT": "0"})) as taken:
        port = address_of(taken).rsplit(":", 1)[1]
        with pytest.raises(SettingsInvalid, match="换一个端口"):
            listen(load_settings({"QA_PORT": port}))


ADDRESSES = {"127.0.0.1": "http://127.0.0.1:", "0.0.0.0": "http://127.0.0.1:"}  # noqa: S104


@pytest.mark.parametrize(("host", "shown"), ADDRESSES.items())
def test_the_address_shown_is_one_that_can_be_asked(host: str, shown: str) -> None:
    with listen(load_settings({"QA_PORT": "0", "QA_HOST": host})) as listener:
        assert address_of(listener).startswith(shown)


def test_the_demo_runs_on_embedded_parts_whatever_is_set(tmp_path: Path) -> None:
    given = load_settings({"QA_DATABASE_URL": "postgresql://x/y", "QA_REDIS_URL": "redis://x", "QA_WHISPER_MODEL": "m"})
    settings = demo_settings(given, tmp_path)
    assert (settings.database_url, settings.redis_url, settings.data_dir) == (None, None, tmp_path)
    assert settings.whisper_model == "m", "a real model can be tried in the demo"


@pytest.mark.parametrize(("missing", "error"), [("MANIFEST", InputRefused), ("MODEL", EngineUnavailable)])
def test_the_demo_says_which_of_its_parts_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(f"qa_service.cli.demo.{missing}", tmp_path / "nothing")
    with pytest.raises(error, match="nothing"):
        demo_settings(load_settings({}), tmp_path)
