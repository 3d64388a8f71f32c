"""Which format a file is, told by what is in it, and its conversations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

import pydantic_core

from qa_service.errors import InputRefused
from qa_service.interchange import aliyun, aws, funasr, subtitles, table, whisper
from qa_service.interchange.nodes import Node
from qa_service.interchange.said import MAX_TRANSCRIPT_BYTES, Conversation


class _Reader(Protocol):
    """What each module of a JSON format offers."""

    def matches(self, root: object) -> bool: ...

    def calls(self, root: Node) -> Iterator[Node]: ...

    def conversation(self, call: Node, /) -> Conversation: ...


# The most telling first: a list of FunASR items could pass for segments.
_JSON: tuple[_Reader, ...] = (aws, aliyun, funasr, whisper)


def read_transcript(text: str, where: str, named: Collection[str] = ()) -> list[Conversation | InputRefused] | None:
    """The conversations of a file, each whole or its refusal; None where this is no transcript of another system.

    ``named`` are labels that the operator gave roles to, so that they are taken for speakers wherever they stand.
    """
    if (reader := _json_reader(text)) is None and not subtitles.matches(text) and not table.matches(text):
        return None
    try:
        if len(text.encode()) > MAX_TRANSCRIPT_BYTES:
            limit = MAX_TRANSCRIPT_BYTES // 2**20
            raise InputRefused(f"{where}：转写文件超过 {limit} MiB，请按通话拆成多个文件。")
        if reader is not None:
            format_, root = reader
            return [_whole(format_, call) for call in format_.calls(Node(root, where))]
        if subtitles.matches(text):
            return [subtitles.conversation(text, where, named)]
        return list(table.conversations(text, where))
    except InputRefused as error:
        return [error]


def is_transcript(text: str) -> bool:
    """Whether this is another system's transcript rather than call data."""
    return subtitles.matches(text) or table.matches(text) or _json_reader(text) is not None


def _whole(reader: _Reader, call: Node) -> Conversation | InputRefused:
    try:
        return reader.conversation(call)
    except InputRefused as error:
        return error


def _json_reader(text: str) -> tuple[_Reader, object] | None:
    """The format of a JSON text with its value; None where it is no JSON, or call data."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        # NaN is let in here, so that it can be refused by its path.
        root = pydantic_core.from_json(text, allow_inf_nan=True)
    except ValueError:
        return None
    return next(((reader, root) for reader in _JSON if reader.matches(root)), None)
