"""``qa-service judge``: judge recordings, transcripts or a file of calls, without any server."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qa_service.actions.judging import load_judge
from qa_service.call import Call
from qa_service.cli.hearing import Ears, RunHistory
from qa_service.cli.inputs import read_paths
from qa_service.cli.items import (
    TIMEZONE,
    ColumnsOption,
    Defaults,
    Item,
    Refusal,
    SpeakersOption,
    call_log,
    in_zone,
)
from qa_service.cli.transcripts import parse_speakers
from qa_service.cli.voices import VoiceOption, parse_roles, roles_for
from qa_service.errors import InputRefused, QaError
from qa_service.judgement import Judged
from qa_service.pipeline import past_call
from qa_service.predictions import prediction_line, report_lines
from qa_service.reading.voices import VoiceRoles, with_roles
from qa_service.settings import Settings, load_settings


class Format(StrEnum):
    """How a judgement is printed."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


def judge(
    files: Annotated[
        list[Path], typer.Argument(help="录音、文字记录、其他系统的转写文件、通话清单（.jsonl、.csv）或文件夹。")
    ],
    format_: Annotated[Format, typer.Option("--format", help="输出：text、json 或 jsonl。")] = Format.TEXT,
    started_at: Annotated[
        datetime | None, typer.Option(help="录音的通话时间，例如 2026-03-12T14:05:00；缺省取文件名或文件时间。")
    ] = None,
    speakers: SpeakersOption = None,
    columns: ColumnsOption = None,
    voice: VoiceOption = None,
) -> None:
    """判断通话：读入录音或文字，给出告知、违规、承诺、情绪与得分；不需要任何服务。"""
    settings = load_settings()
    defaults = Defaults(
        timezone=TIMEZONE,
        started_at=in_zone(started_at),
        file_time=True,
        speakers=parse_speakers(speakers or ()),
        log=call_log(settings, columns, keep_key=False),
    )
    bench = _Bench(settings, parse_roles(voice))
    refused = 0
    lines: list[dict[str, object]] = []
    for read in read_paths(files, defaults):
        try:
            item = _accepted(read)
            for note in item.notes:
                typer.echo(note, err=True)
            judged, call = bench.judge(item)
        except QaError as error:
            refused += 1
            typer.echo(str(error), err=True)
            continue
        if format_ is Format.JSONL:
            typer.echo(json.dumps(prediction_line(judged), ensure_ascii=False))
        elif format_ is Format.JSON:
            lines.append(prediction_line(judged))
        else:
            typer.echo("\n".join((*report_lines(call, judged), "")))
    if format_ is Format.JSON:
        json.dump(lines, sys.stdout, ensure_ascii=False, indent=2)
        typer.echo()
    if refused:
        raise typer.Exit(1)


def _accepted(read: Item | Refusal) -> Item:
    if isinstance(read, Refusal):
        raise InputRefused(read.why)
    return read


class _Bench:
    """One run: the rulebook, the engine once a recording needs it, and the calls already seen as history."""

    def __init__(self, settings: Settings, roles: VoiceRoles) -> None:
        self._roles = roles
        self._judge = load_judge(settings)
        self._ears = Ears(settings)
        self._history = RunHistory()

    def judge(self, item: Item) -> tuple[Judged, Call]:
        """Hear a recording where there is one, then judge; the call comes back with the turns judged."""
        transcript = self._ears.heard(item)
        roles = roles_for(item.call, transcript, self._roles)
        judged = self._judge.judge(item.call, history=self._history.of(item.call), transcript=transcript, roles=roles)
        call, transcript = with_roles(item.call, transcript, roles)
        self._history.add(past_call(call, transcript, judged.analysis))
        return judged, replace(call, turns=transcript.turns) if transcript else call
