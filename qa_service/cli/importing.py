"""``qa-service import``: recordings and manifests into the queue; run again, it goes on where it stopped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from qa_service.actions.backend import Backend
from qa_service.actions.intake import Received, known_start, receive_call, receive_records
from qa_service.cli import console
from qa_service.cli.inputs import read_paths
from qa_service.cli.items import (
    TIMEZONE,
    ColumnsOption,
    Defaults,
    Item,
    Read,
    Refusal,
    SpeakersOption,
    call_log,
    in_zone,
)
from qa_service.cli.local import local_backend
from qa_service.cli.transcripts import parse_speakers
from qa_service.errors import Conflict, InputRefused, in_words
from qa_service.settings import load_settings

RECORDS_AT_ONCE = 500
"""Dialler records to a transaction: waiting for the disk for each would take most of the time."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What became of an import."""

    accepted: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    unknown_keys: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "accepted": self.accepted,
            "known": self.known,
            "refused": [{"where": refusal.where, "why": refusal.why} for refusal in self.refused],
            "unknown_keys": dict(self.unknown_keys),
            "withheld": dict(self.withheld),
            "unread": dict(self.unread),
            "notes": self.notes,
        }


def import_calls(
    paths: Annotated[
        list[Path],
        typer.Argument(help="录音、文件夹、其他系统的转写文件、通话 .json，或清单、话单 .jsonl、.json、.csv。"),
    ],
    recordings: Annotated[
        Path | None, typer.Option(help="清单里的录音路径从这个文件夹算起，缺省为清单所在的文件夹。")
    ] = None,
    started_at: Annotated[
        datetime | None, typer.Option(help="单独的录音的通话时间，例如 2026-03-12T14:05:00。")
    ] = None,
    agent: Annotated[str | None, typer.Option(help="单独的录音的坐席工号。")] = None,
    team: Annotated[str | None, typer.Option(help="单独的录音的班组。")] = None,
    speakers: SpeakersOption = None,
    columns: ColumnsOption = None,
    report: Annotated[Path | None, typer.Option(help="把结果另存为 JSON。")] = None,
) -> None:
    """导入通话；已导入过的不会重复，中断后重新运行即可。"""
    settings = load_settings()
    if report is not None:
        _save(report, Report())  # an import of hours is not to end without its report
    with local_backend(settings) as backend:
        defaults = Defaults(
            timezone=TIMEZONE,
            started_at=in_zone(started_at),
            agent_id=agent,
            team=team,
            known=partial(known_start, backend),
            speakers=parse_speakers(speakers or ()),
            log=call_log(settings, columns, keep_key=True),
        )
        result = take_in(backend, read_paths(paths, defaults, recordings))
    if report is not None:
        _save(report, result)
    summarise(result)
    if result.refused:
        raise typer.Exit(1)


def _save(path: Path, report: Report) -> None:
    try:
        path.write_text(json.dumps(report.document(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputRefused(f"结果不能写到 {path}（{in_words(error)}），请用 --report 换一个位置。") from error


def take_in(backend: Backend, reads: Iterable[Read]) -> Report:
    """Put everything into the queue that can be; each refusal is said at once on standard error."""
    report, screen = Report(), console.errors()
    columns = (TextColumn("导入"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    everything = list(reads)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("", total=len(everything))
        for batch in _batches(everything):
            for refusal in _take_batch(backend, batch, report):
                report.refused.append(refusal)
                screen.print(refusal.why)
            progress.advance(task, len(batch))
    return report


def _batches(reads: Sequence[Read]) -> Iterator[Sequence[Read]]:
    """Dialler records in a row together, everything else by itself."""
    for are_records, group in groupby(reads, key=lambda read: isinstance(read, Item) and read.call.is_dialler_record):
        found = list(group)
        size = RECORDS_AT_ONCE if are_records else 1
        yield from (found[start : start + size] for start in range(0, len(found), size))


def _take_batch(backend: Backend, batch: Sequence[Read], report: Report) -> Iterator[Refusal]:
    items = [read for read in batch if isinstance(read, Item)]
    if len(items) < 2:
        for read in batch:
            refusal = read if isinstance(read, Refusal) else _take(backend, read, report)
            if refusal is not None:
                yield refusal
        return
    for item, answer in zip(items, receive_records(backend, [item.call for item in items]), strict=True):
        _note(item, report)
        if isinstance(answer, Received):
            (report.known if answer.already_known else report.accepted).append(answer.call_id)
        else:
            yield Refusal(where=item.where, why=f"{item.where}：{answer}")


def _note(item: Item, report: Report) -> None:
    report.unknown_keys.update(item.unknown)
    report.withheld.update(item.withheld)
    report.unread.update(item.unread)
    report.notes.extend(item.notes)


def _take(backend: Backend, item: Item, report: Report) -> Refusal | None:
    _note(item, report)
    try:
        received = receive_call(backend, item.call, item.recording, item.other_side)
    except (InputRefused, Conflict) as error:
        return Refusal(where=item.where, why=f"{item.where}：{error}")
    except OSError as error:
        return Refusal(where=item.where, why=f"{item.where}：录音没有存下（{in_words(error)}），处理之后请重新导入。")
    (report.known if received.already_known else report.accepted).append(received.call_id)
    return None


def summarise(report: Report) -> None:
    """The outcome in a few lines on standard output."""
    out = console.output()
    counts = f"接受 {len(report.accepted)} 通，此前已有 {len(report.known)} 通，拒绝 {len(report.refused)} 条。"
    out.print(counts)
    for note in report.notes:
        out.print(note)
    for found, saying in (
        (report.unknown_keys, "不认识的键，已随通话保存但不参与判断"),
        (report.withheld, "含个人信息的列，没有保存"),
        (report.unread, "话单里看不懂的内容，按未知处理"),
    ):
        if found:
            named = "、".join(f"{key}（{count} 次）" for key, count in sorted(found.items()))
            out.print(f"{saying}：{named}。")
