"""Hostile ground: each file is refused with one sentence or called partial, cheaply, and the worker goes on."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recordings.hostile import HOSTILE, NAMES
from tests.recordings.makers import write_sources
from tests.recordings.playlists import PLAYLISTS
from tests.recordings.surroundings import Hostile, Surroundings
from tests.recordings.worker import Outcome, Worker

CPU_SECONDS = 2.0
MEMORY_MIB = 512
SENTENCE = re.compile(r"[^\n。]*[\u4e00-\u9fff][^\n。]*。")
"""One sentence in Chinese, on one line."""


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """A server that must never be asked for anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory, listener: socket.socket) -> Surroundings:
    folder = tmp_path_factory.mktemp("around")
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return Surroundings(url=url, folder=folder, sources=write_sources(folder))


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = Worker(tmp_path_factory.mktemp("worker") / "decoded")
    yield worker
    assert worker.close() == 0


def sent(hostile: Hostile, around: Surroundings, folder: Path) -> Path:
    """The file in a folder of its own, beside a good recording that it may name."""
    path = folder / hostile.name
    path.write_bytes(hostile.content(around))
    shutil.copy(around.neighbour, folder)
    return path


def assert_nobody_called(listener: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        listener.accept()


def decoded(hostile: Hostile, path: Path, worker: Worker) -> Outcome:
    return worker.decode(path, raw=hostile.raw, billed_seconds=hostile.billed_seconds)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_or_partial(
    tmp_path: Path, around: Surroundings, worker: Worker, listener: socket.socket, hostile: Hostile
) -> None:
    outcome = decoded(hostile, sent(hostile, around, tmp_path), worker)
    assert outcome.word in (["refused"] if hostile in PLAYLISTS.values() else ["refused", "partial"])
    assert SENTENCE.fullmatch(outcome.refused or outcome.partial or "")
    assert outcome.cpu_seconds <= CPU_SECONDS
    assert outcome.peak_mib <= MEMORY_MIB
    assert_nobody_called(listener)


def test_there_are_more_than_a_hundred() -> None:
    assert len(HOSTILE) > 100


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_good_recording_under_a_tricky_name_is_good(
    tmp_path: Path, around: Surroundings, worker: Worker, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(around.good("wav-alaw-8k-stereo"))
    assert worker.decode(path).word == "whole"
    assert [entry.name for entry in tmp_path.iterdir()] == [name], "nothing else was written"


def test_without_a_network_the_answers_are_the_same(tmp_path: Path, around: Surroundings) -> None:
    apart = Worker(tmp_path / "decoded", prefix=no_network())
    for key in ("hls-http", "hls-key", "ffconcat-http", "sdp", "dash", "rtsp-text"):
        folder = tmp_path / key
        folder.mkdir()
        assert apart.decode(sent(PLAYLISTS[key], around, folder)).word == "refused"
    assert apart.decode(around.neighbour).word == "whole"
    assert apart.close() == 0


def no_network() -> list[str]:
    """A command that leaves a process no network; empty where the kernel grants none."""
    for command in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0
        ):
            return command
    return []


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/proc/self/mem", "/proc/cpuinfo", "/"])
def test_what_is_no_file_of_its_own_is_refused(worker: Worker, path: str) -> None:
    assert worker.decode(Path(path)).word == "refused"


def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path: Path, worker: Worker) -> None:
    path = tmp_path / "call.wav"
    subprocess.run(["mkfifo", path], check=True)
    assert worker.decode(path).word == "refused"
