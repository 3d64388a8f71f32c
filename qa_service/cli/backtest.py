"""``qa-service backtest``: what a change of rules would do to calls; nothing is written to the database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from qa_service.actions.queries import CallFilter
from qa_service.cli import console
from qa_service.cli.backtest_bench import Done, Judges, Work, file_work, judges_of, labels_in, stored_work
from qa_service.cli.backtest_report import (
    Totals,
    change_document,
    change_lines,
    label_table,
    rule_table,
    total_lines,
    totals_document,
)
from qa_service.cli.backtest_run import Heading, Line, RunFile
from qa_service.cli.hearing import Ears
from qa_service.cli.inputs import read_paths
from qa_service.cli.items import TIMEZONE, ColumnsOption, Defaults, Refusal, SpeakersOption, call_log, in_zone
from qa_service.cli.local import local_backend
from qa_service.cli.transcripts import parse_speakers
from qa_service.cli.voices import VoiceOption, parse_roles
from qa_service.lexicon import load_rulebook
from qa_service.settings import Settings, load_settings

DAY = ["%Y-%m-%d"]


class Format(StrEnum):
    """How a backtest is printed."""

    TEXT = "text"
    JSONL = "jsonl"


def backtest(
    rules: Annotated[Path, typer.Option("--rules", help="拟用的规则文件夹，叠加在现行规则之上。")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="通话文件（同 judge）；不给则回测库里已质检的通话。")
    ] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="库里从这一天起的通话。")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="库里到这一天（含）为止的通话。")] = None,
    team: Annotated[str | None, typer.Option(help="库里这个班组的通话。")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="把进度记在这个文件；中断后用同样的命令再次运行，从停下处继续。")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="输出：text 或 jsonl。")] = Format.TEXT,
    speakers: SpeakersOption = None,
    columns: ColumnsOption = None,
    voice: VoiceOption = None,
) -> None:
    """回测：用拟用的规则重判通话，列出与现行规则的每一处差别；不改动库里的任何内容。"""
    if not rules.is_dir():
        raise typer.BadParameter(f"没有这个文件夹：{rules}", param_hint="--rules")
    if files and any(given is not None for given in (since, until, team)):
        raise typer.BadParameter("只用于库里的通话，不能与通话文件同时给出", param_hint="--from/--to/--team")
    if not files and any(given is not None for given in (speakers, columns, voice)):
        raise typer.BadParameter("只用于通话文件", param_hint="--speakers/--columns/--voice")
    settings = load_settings()
    judges = _judges(settings, rules)
    if files:
        defaults = Defaults(
            timezone=TIMEZONE,
            file_time=True,
            speakers=parse_speakers(speakers or ()),
            log=call_log(settings, columns, keep_key=False),
        )
        reads = read_paths(files, defaults)
        work = file_work(judges, reads, labels=labels_in(files), roles=parse_roles(voice), ears=Ears(settings))
        refused = _go(work, judges, resume, format_)
    else:
        which = CallFilter(team=team, since=in_zone(since), until=in_zone(until and until + timedelta(days=1)))
        with local_backend(settings) as backend:
            refused = _go(stored_work(backend, judges, which), judges, resume, format_)
    if refused:
        raise typer.Exit(1)


def _judges(settings: Settings, rules: Path) -> Judges:
    learned = settings.learned == "on"
    judges = judges_of(
        load_rulebook(settings.lexicon_dir, profile=settings.profile, learned=learned),
        load_rulebook(settings.lexicon_dir, profile=settings.profile, proposed=rules, learned=learned),
    )
    if judges.same:
        typer.echo(f"{rules} 里的规则与现行规则完全相同。", err=True)
    return judges


def _go(work: Work, judges: Judges, resume: Path | None, format_: Format) -> int:
    """Do what is not done yet, then report everything; returns how many inputs were refused."""
    heading = Heading(
        before=judges.before.rulebook.fingerprint, after=judges.after.rulebook.fingerprint, calls=work.key
    )
    with _place(resume) as path, RunFile(path, heading) as run:
        if run.restarted:
            typer.echo(f"{path} 记的是另一套规则或另一批通话的回测，已从头开始。", err=True)
        done = {line.comparison.call_id: line.past for line in run.lines()}
        if done:
            typer.echo(f"此前已完成 {len(done)} 通，接着回测。", err=True)
        refused = _judge_all(work, run, done)
        _print(run, format_)
    return refused


@contextmanager
def _place(resume: Path | None) -> Iterator[Path]:
    """The file of the run; one that goes with it where none was named."""
    if resume is not None:
        yield resume
        return
    with tempfile.TemporaryDirectory(prefix="qa-backtest-") as folder:
        yield Path(folder) / "run.jsonl"


def _judge_all(work: Work, run: RunFile, done: Done) -> int:
    refused, screen = 0, console.errors()
    bar = (TextColumn("回测"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*bar, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("", total=work.total)
        for step in work.steps(done):
            if isinstance(step, Line):
                run.add(step)
            elif isinstance(step, Refusal):
                refused += 1
                screen.print(step.why)
            progress.advance(task)
    return refused


def _print(run: RunFile, format_: Format) -> None:
    totals, out = Totals(), console.output()
    for line in run.lines():
        totals.add(line)
        if not line.comparison.differs:
            continue
        if format_ is Format.JSONL:
            typer.echo(json.dumps(change_document(line.comparison), ensure_ascii=False))
        else:
            out.print("\n".join(change_lines(line.comparison)))
    if format_ is Format.JSONL:
        typer.echo(json.dumps({"totals": totals_document(totals)}, ensure_ascii=False))
        return
    out.print("\n".join(total_lines(totals)))
    if totals.changes:
        console.show(out, rule_table(totals))
    if totals.labels:
        console.show(out, label_table(totals))
