"""``qa-service export``: calls as the contract's JSON, to be kept, sent on or imported again."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from qa_service.actions import queries
from qa_service.actions.backend import Backend
from qa_service.cli.local import local_backend, operator
from qa_service.documents import call_document
from qa_service.errors import NotFound, QaError


def export(
    call_ids: Annotated[list[str], typer.Argument(help="通话编号，可给多个。")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写入文件；缺省输出到屏幕。")] = None,
) -> None:
    """导出通话的数据与文本，每行一通 JSON；可以用 import 再导入。"""
    lines, refused = [], 0
    with local_backend() as backend:
        for call_id in call_ids:
            try:
                lines.append(_line(backend, call_id))
            except QaError as error:
                refused += 1
                typer.echo(str(error), err=True)
    text = "".join(lines)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
    if refused:
        raise typer.Exit(1)


def _line(backend: Backend, call_id: str) -> str:
    """The call with whatever text there is of it: sent in, or recognised."""
    call = queries.show_call(backend, operator(), call_id).call
    with suppress(NotFound):
        call = replace(call, turns=queries.show_transcript(backend, operator(), call_id).turns)
    return json.dumps(call_document(call), ensure_ascii=False) + "\n"
