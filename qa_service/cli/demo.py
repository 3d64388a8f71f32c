"""``qa-service demo``: the whole service on embedded parts, recordings through it, and the queue they make."""

from __future__ import annotations

import shlex
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import qa_service
from qa_service.access import Role
from qa_service.actions import queries
from qa_service.actions.backend import Backend
from qa_service.actions.health import troubles
from qa_service.actions.review import ReviewFilter, list_review_items
from qa_service.actions.rules import open_rulebook
from qa_service.actions.users import add_user, issue_token
from qa_service.actions.views import CallView
from qa_service.cli import console
from qa_service.cli.importing import take_in
from qa_service.cli.inputs import read_manifest
from qa_service.cli.items import TIMEZONE, Defaults
from qa_service.cli.local import local_backend, operator
from qa_service.cli.processes import address_of, listen, orderly_end, serve_api
from qa_service.cli.tables import calls_table, queue_table
from qa_service.errors import EngineUnavailable, InputRefused, SettingsInvalid
from qa_service.settings import Settings, load_settings
from qa_service.states import FINAL_CALL_STATES, CallState
from workers.embedded import Service

SAMPLES = Path(qa_service.__file__).parent.parent / "samples"
MODEL = SAMPLES / "model"
MANIFEST = SAMPLES / "calls.jsonl"
LOOK_EVERY_S = 0.3
GIVE_UP_AFTER_S = 180.0
MOST_CALLS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the demo."""

    name: str
    role: Role
    agent_id: str | None = None
    teams: tuple[str, ...] = ()


PEOPLE = (
    Person(name="demo-admin", role=Role.ADMIN),
    Person(name="demo-qa", role=Role.QA),
    Person(name="demo-qa-lead", role=Role.QA_LEAD),
    Person(name="demo-compliance", role=Role.COMPLIANCE),
    Person(name="demo-lead", role=Role.TEAM_LEAD, teams=("T1",)),
    Person(name="demo-A101", role=Role.AGENT, agent_id="A101"),
)


def demo(
    once: Annotated[bool, typer.Option("--once", help="打印复核队列后即结束。")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="数据放在这里并保留；缺省用临时目录，结束即删。")] = None,
) -> None:
    """用样例录音跑通全流程：真实的队列、识别与质检，打印复核队列，然后保持服务运行。"""
    out, screen, failed = console.output(), console.errors(), False
    with orderly_end(), _folder(data_dir) as folder:
        settings = demo_settings(load_settings(), folder)
        open_rulebook(settings)  # a broken rule file is said now, not by every worker
        screen.print(f"数据目录 {folder}；启动内置的数据库、队列与工作进程……")
        with Service(settings) as service, local_backend(settings) as backend:
            tokens = _tokens(backend)
            started = time.monotonic()
            _import_samples(backend)
            _follow(backend, service, screen)
            seconds = time.monotonic() - started
            failed = _show(backend, out)
            out.print(f"全部处理用时 {seconds:.0f} 秒。")
            _say_what_this_is(settings, out)
            if not once:
                with _listen_somewhere(settings) as listener:
                    address = address_of(listener)
                    serve_api(settings, listener, lambda: _say_how_to_ask(address, tokens, out))
    if once and failed:
        raise typer.Exit(1)


def _listen_somewhere(settings: Settings) -> socket.socket:
    """The port of the settings, or a free one where that is taken: a demo is for a look, its address is printed."""
    try:
        return listen(settings)
    except SettingsInvalid:
        return listen(settings.model_copy(update={"port": 0}))


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="qa-demo-") as folder:
        yield Path(folder)


def demo_settings(settings: Settings, folder: Path) -> Settings:
    """The settings of the demo: everything embedded, and the demo's model unless another one is set.

    Raises:
        InputRefused: the samples are not there (they come with the repository, not with the wheel).
        EngineUnavailable: the demo's model is not there.
    """
    if not MANIFEST.is_file():
        raise InputRefused(f"找不到样例 {MANIFEST}：演示须在完整的代码仓库里运行。")
    model = settings.whisper_model or str(MODEL)
    if settings.whisper_model is None and not MODEL.is_dir():
        raise EngineUnavailable(
            f"找不到演示用的识别模型 {MODEL}：请取回完整的仓库，或用 QA_WHISPER_MODEL 指明一个模型。"
        )
    embedded = {"data_dir": folder, "database_url": None, "redis_url": None, "whisper_model": model}
    return settings.model_copy(update=embedded)


def _tokens(backend: Backend) -> Mapping[Person, str]:
    tokens = {}
    for person in PEOPLE:
        add_user(backend, person.name, [person.role], agent_id=person.agent_id, teams=person.teams)
        tokens[person] = issue_token(backend, person.name)
    return tokens


def _import_samples(backend: Backend) -> None:
    report = take_in(backend, read_manifest(MANIFEST, Defaults(timezone=TIMEZONE)))
    if report.refused:
        raise InputRefused(f"有 {len(report.refused)} 通样例没有被接受，见上。")


def _follow(backend: Backend, service: Service, screen: Console) -> None:
    """A line for each call as it is finished; at the end when none is on its way."""
    told: set[str] = set()
    told_troubles: set[str] = set()
    last_progress = time.monotonic()
    while True:
        views = _calls(backend)
        for view in views:
            if view.state in FINAL_CALL_STATES and view.call_id not in told:
                told.add(view.call_id)
                last_progress = time.monotonic()
                mark = "" if view.mark is None else f"，{view.mark} 分"
                screen.print(f"  [{len(told)}/{len(views)}] {view.call_id} {view.state.label}{mark}")
        if len(told) == len(views):
            return
        for trouble in set(troubles(backend)) - told_troubles:
            told_troubles.add(trouble)
            screen.print(f"  遇到问题，稍后重试：{trouble}")
        if time.monotonic() - last_progress > GIVE_UP_AFTER_S:
            raise EngineUnavailable(f"{GIVE_UP_AFTER_S:.0f} 秒没有进展：请看日志 {service.log_path}。")
        time.sleep(LOOK_EVERY_S)


def _calls(backend: Backend) -> Sequence[CallView]:
    return queries.list_calls(backend, operator(), queries.CallFilter(), limit=MOST_CALLS).items


def _show(backend: Backend, out: Console) -> bool:
    """Print what came out; whether any call could not be processed."""
    items = list_review_items(backend, operator(), ReviewFilter(), limit=MOST_CALLS).items
    out.print()
    out.print(f"复核队列：{len(items)} 通需要人工查看，最紧急的在前", style="bold")
    console.show(out, queue_table(items))
    waiting = {item.call_id for item in items}
    rest = [view for view in _calls(backend) if view.call_id not in waiting]
    fine = [view for view in rest if view.state in (CallState.JUDGED, CallState.RECORDED)]
    failed = [view for view in rest if view not in fine]
    if fine:
        named = "、".join(f"{view.call_id}（{view.mark} 分）" for view in reversed(fine))
        out.print(f"无须人工查看：{named}")
    if failed:
        out.print("未能处理：")
        console.show(out, calls_table(failed))
    return bool(failed)


def _say_what_this_is(settings: Settings, out: Console) -> None:
    if settings.whisper_model == str(MODEL):
        out.print(
            "注意：演示用的识别模型是为样例录音里的两个合成声音训练的，听不懂别的声音。"
            "换用真实模型只需一个设置：QA_WHISPER_MODEL=模型文件夹（faster-whisper 格式，例如 large-v3-turbo）。"
        )


def _say_how_to_ask(address: str, tokens: Mapping[Person, str], out: Console) -> None:
    out.print()
    out.print(f"接口：{address}", style="bold")
    for person, token in tokens.items():
        out.print(f"  {person.role.label}（{person.name}）：{token}")
    header = shlex.quote(f"Authorization: Bearer {tokens[PEOPLE[1]]}")
    out.print(f"试一试：curl -s -H {header} {address}/api/v1/review-items")
    out.print("按 Ctrl-C 结束。")
