"""The rows of manifests: an object, a list, one object a line, or a table with dotted columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pydantic_core

from qa_service.documents import CallDocument
from qa_service.errors import InputRefused
from qa_service.interchange import text as tables
from qa_service.turn_documents import Document

SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".csv", ".tsv"})
LIST_COLUMNS = frozenset({"org.names", "principal.names", "case.repay_channels"})
BESIDE_THE_CONTRACT = frozenset({"transcript", "speakers"})
"""Keys of a manifest that say where a call's text is to be found; they are not kept with the call."""

_LIST_SEPARATOR = re.compile(r"[|；;]")
_NESTED_KEYS = {
    name: frozenset(kind.model_fields)
    for name, field in CallDocument.model_fields.items()
    for kind in (field.annotation, *get_args(field.annotation))
    if isinstance(kind, type) and issubclass(kind, Document)
}
"""The contract's nested objects and their keys."""

_NESTED_PREFIXES = tuple(f"{name}." for name in _NESTED_KEYS)

Row = tuple[str, Mapping[str, Any] | str]
"""Where a row stands, and its object or what is wrong with it."""


def rows(path: Path, text: str) -> Iterator[Row]:
    """The rows of a manifest, objects flat as they are written; tables by the suffix, JSON by what is there."""
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv") or (not text.lstrip().startswith(("{", "[")) and suffix not in SUFFIXES):
        return _table_rows(path, text)
    return _json_rows(path, text) if suffix != ".jsonl" and suffix != ".ndjson" else _jsonl_rows(path, text)


def _json_rows(path: Path, text: str) -> Iterator[Row]:
    data = _parsed(text)
    if isinstance(data, str):
        first = text.strip().partition("\n")[0]
        if isinstance(_parsed(first), dict):
            yield from _jsonl_rows(path, text)
        else:
            yield str(path), data
    elif isinstance(data, list):
        for number, row in enumerate(data, 1):
            yield f"{path} 第 {number} 个", row if isinstance(row, dict) else "应为 JSON 对象。"
    else:
        yield str(path), data if isinstance(data, dict) else "应为 JSON 对象或其列表。"


def _jsonl_rows(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            data = _parsed(line)
            where = f"{path} 第 {number} 行"
            yield where, _unlabelled(data) if isinstance(data, (dict, str)) else "应为 JSON 对象。"


def _unlabelled(row: Mapping[str, Any] | str) -> Mapping[str, Any] | str:
    """The call of a labelled row (``{"call": …, "gold": …}``); the labels are never read."""
    inner = row.get("call") if isinstance(row, Mapping) else None
    return inner if isinstance(inner, dict) else row


def _parsed(text: str) -> object:
    """The JSON value; a sentence where there is none (a bare JSON string is no call either)."""
    try:
        data = pydantic_core.from_json(text, allow_inf_nan=False)
    except ValueError as error:
        return f"不是有效的 JSON（{error}）。"
    return "应为 JSON 对象。" if isinstance(data, str) else data


def _table_rows(path: Path, text: str) -> Iterator[Row]:
    try:
        for where, cells in tables.rows(text, str(path)):
            yield where, "列数多于表头。" if cells is None else cells
    except InputRefused as error:
        yield str(path), str(error)


def nested(cells: Mapping[str, Any], *, table: bool) -> dict[str, Any]:
    """The object that dotted keys describe; those of a table all, else those that the contract nests.

    Raises:
        InputRefused: two keys contradict each other, or a cell that should be JSON is none.
    """
    document: dict[str, Any] = {}
    for column, cell in cells.items():
        *parents, last = column.split(".") if table or column.startswith(_NESTED_PREFIXES) else [column]
        place = document
        for parent in parents:
            inner = place.get(parent)
            place[parent] = dict(inner) if isinstance(inner, Mapping) else {} if inner is None else inner
            place = place[parent]
            if not isinstance(place, dict):
                raise InputRefused(f"列 {column} 与列 {parent} 冲突。")
        place[last] = _cell(column, cell) if table and isinstance(cell, str) else cell
    return document


def _cell(column: str, cell: str) -> object:
    if column in LIST_COLUMNS:
        return [part.strip() for part in _LIST_SEPARATOR.split(cell) if part.strip()]
    if column in ("turns", "case.consent_windows", "case.third_parties"):
        try:
            return pydantic_core.from_json(cell, allow_inf_nan=False)
        except ValueError:
            raise InputRefused(f"列 {column} 应为 JSON（例如 []）。") from None
    return cell


def unknown_keys(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that no rule reads, dotted; they are kept with the call."""
    found = [key for key in document if key not in CallDocument.model_fields and key not in BESIDE_THE_CONTRACT]
    for name, known in _NESTED_KEYS.items():
        inner = document.get(name)
        if isinstance(inner, dict):
            found.extend(f"{name}.{key}" for key in inner if key not in known)
    return tuple(sorted(found))
