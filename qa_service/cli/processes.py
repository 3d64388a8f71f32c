"""The processes of the service: ``serve``, ``worker``, ``dispatcher``, ``clock``."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn

from api.app import create_app
from qa_service.cli import console
from qa_service.cli.local import local_backend, start_logging
from qa_service.errors import SettingsInvalid, in_words
from qa_service.settings import Settings, load_settings
from qa_service.states import Stage
from workers.clock import run_clock
from workers.dispatcher import run_dispatcher
from workers.embedded import Service
from workers.worker import run_worker


def serve(
    api_only: Annotated[bool, typer.Option("--api-only", help="只起接口；队列与工作进程另行启动。")] = False,
    host: Annotated[str | None, typer.Option(help="监听地址，缺省取 QA_HOST。")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="监听端口，缺省取 QA_PORT；0 为任选。")] = None,
) -> None:
    """启动接口；没有设 QA_REDIS_URL 时，连同内置的队列、调度与各工作进程一起启动。"""
    settings = _overridden(load_settings(), host, port)
    start_logging(settings)
    with orderly_end(), ExitStack() as stack:
        listener = listen(settings)
        if settings.redis_url is None and not api_only:
            service = stack.enter_context(Service(settings))
            console.errors().print(f"内置的队列与工作进程已启动，日志在 {service.log_path}")
        address = address_of(listener)
        serve_api(settings, listener, lambda: console.errors().print(f"接口：{address}（Ctrl-C 结束）"))


def worker(
    stage: Annotated[Stage, typer.Option(help="做哪一步：decode 解码、transcribe 转写、judge 质检。")],
) -> None:
    """启动一个工作进程，只做一步；可以在多台机器上各起多个。"""
    settings = load_settings()
    start_logging(settings)
    run_worker(settings, stage)


def dispatcher() -> None:
    """启动调度：把任务送进队列，丢失的重送，超时的收回。"""
    settings = load_settings()
    start_logging(settings)
    run_dispatcher(settings)


def clock() -> None:
    """启动定时任务：每夜清理与巡检。"""
    settings = load_settings()
    start_logging(settings)
    run_clock(settings)


def _overridden(settings: Settings, host: str | None, port: int | None) -> Settings:
    given = {"host": host, "port": port}
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on, open before anything else is started: who asks early waits instead of being refused.

    Raises:
        SettingsInvalid: the address is taken or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        raise SettingsInvalid(
            f"不能在 {where} 上监听（{in_words(error)}）：请用 QA_PORT 或 --port 换一个端口。"
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL that a browser or curl on this machine would use."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def serve_api(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until told to stop; ``announce`` is called once nothing but the serving is left to do.

    Raises:
        LexiconInvalid: a rule file is wrong.
    """
    with local_backend(settings) as backend:
        config = uvicorn.Config(
            create_app(backend),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        announce()
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def orderly_end() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, and either of them end it quietly."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        console.errors().print("已停止。")
    finally:
        signal.signal(signal.SIGTERM, before)
