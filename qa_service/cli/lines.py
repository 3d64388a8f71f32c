"""``qa-service lines``: check the file of lines and show what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qa_service.cli import console
from qa_service.lines import Line, RawFormat, load_lines
from qa_service.settings import load_settings

USUAL = "（缺省）"


def lines(file: Annotated[Path | None, typer.Argument(help="线路文件；缺省为 QA_LINES 所指的。")] = None) -> None:
    """检查线路文件，列出各线路的声道对应与无文件头格式。"""
    known = load_lines(file or load_settings().lines)
    table = console.table("线路", "左声道", "右声道", "无文件头录音")
    for name, line in ((USUAL, known.default), *known.lines.items()):
        table.add_row(name, _side(line, "left"), _side(line, "right"), _format(line.headerless))
    console.show(console.output(), table)


def _side(line: Line, side: str) -> str:
    speaker = line.channels.get(side)
    return speaker.label if speaker is not None else "—"


def _format(raw: RawFormat | None) -> str:
    return "—" if raw is None else f"{raw.encoding.label}，{raw.rate} Hz，{raw.channels} 声道"
