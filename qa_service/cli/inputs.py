"""What ``import`` reads: recordings, JSON, JSONL and CSV manifests, and folders of them.

Every input becomes a call with the file of its recording, or a refusal with its sentence; nothing is half read.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pydantic_core

from qa_service.call import Call, Recording
from qa_service.documents import CallDocument, parse_call
from qa_service.errors import InputRefused

AUDIO_SUFFIXES = frozenset(
    {f".{kind}" for kind in ("wav", "mp3", "opus", "ogg", "oga", "flac", "m4a", "mp4", "aac", "wma", "webm", "caf")}
    | {f".{kind}" for kind in ("amr", "awb", "gsm", "spx", "au", "aiff")}
)
MANIFEST_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".csv"})
LIST_COLUMNS = frozenset({"org.names", "principal.names", "case.repay_channels"})

# 20260312-140500, 2026-03-12_14.05.00, 20260312140500: how recorders name their files.
_TIME_IN_NAME = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)[T_ .-]?(\d\d)[-.:]?(\d\d)[-.:]?(\d\d)(?!\d)")
_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9._:-]+")
_LIST_SEPARATOR = re.compile(r"[|；;]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What bare recordings are taken for: facts that the operator gives on the command line."""

    timezone: str
    started_at: datetime | None = None
    agent_id: str | None = None
    team: str | None = None
    file_time: bool = False
    """Whether a recording that tells no time may be dated by its file, for a look at one call without a server."""
    known: Callable[[str], datetime | None] = lambda _call_id: None
    """When a call of this id began, where it was taken in before: a bare recording of that name is its recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One call to import; ``where`` is the file and line a person would look at, ``unknown`` the keys nobody knows.

    ``other_side`` is the customer's file of a call recorded one file per side; ``recording`` is then the agent's.
    """

    where: str
    call: Call
    recording: Path | None
    other_side: Path | None = None
    unknown: tuple[str, ...] = ()
    bare: Path | None = None
    """The recording that this was read from, where there was nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One input that cannot be taken, and why; ``bare`` as of an item."""

    where: str
    why: str
    bare: Path | None = None


Read = Item | Refusal


def read_paths(paths: Iterable[Path], defaults: Defaults, recordings: Path | None = None) -> list[Read]:
    """Everything that the paths hold, in order.

    ``recordings`` is the folder that recordings named in manifests must lie in; by default each manifest's own. A bare
    recording that is named after a call of which a manifest knows no recording is that call's, wherever the two lie.
    """
    reads = list(_read_each(paths, defaults, recordings))
    without = {read.call.call_id for read in reads if isinstance(read, Item) and read.call.is_dialler_record}
    heard = {call_id_of(read.bare): read.bare for read in reads if read.bare is not None}
    return [
        _with_recording(read, heard[read.call.call_id])
        if isinstance(read, Item) and read.call.is_dialler_record and read.call.call_id in heard
        else read
        for read in reads
        if read.bare is None or call_id_of(read.bare) not in without
    ]


def _with_recording(item: Item, recording: Path) -> Item:
    return replace(item, call=replace(item.call, recording=Recording(path=recording.name)), recording=recording)


def _read_each(paths: Iterable[Path], defaults: Defaults, recordings: Path | None) -> Iterator[Read]:
    for path in paths:
        if path.is_dir():
            yield from _read_folder(path, defaults, recordings)
        elif not path.exists():
            yield Refusal(where=str(path), why=f"{path}：没有这个文件或文件夹。")
        elif path.suffix.lower() in MANIFEST_SUFFIXES:
            yield from read_manifest(path, recordings)
        elif path.suffix.lower() in AUDIO_SUFFIXES:
            yield _read_audio(path, defaults)
        else:
            kinds = " ".join(sorted(MANIFEST_SUFFIXES))
            yield Refusal(where=str(path), why=f"{path}：不是认识的录音格式，也不是清单（{kinds}）。")


def _read_folder(folder: Path, defaults: Defaults, recordings: Path | None) -> Iterator[Read]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named: set[Path] = set()
    for path in files:
        if path.suffix.lower() in MANIFEST_SUFFIXES:
            for read in read_manifest(path, recordings):
                if isinstance(read, Item):
                    named.update(file.resolve() for file in (read.recording, read.other_side) if file is not None)
                yield read
    for path in files:
        if path.suffix.lower() in AUDIO_SUFFIXES and path.resolve() not in named and _sidecar(path) is None:
            yield _read_audio(path, defaults)


def _sidecar(audio: Path) -> Path | None:
    """The call data beside a recording: the same name, ending in .json."""
    beside = audio.with_suffix(".json")
    return beside if beside.is_file() else None


def _read_audio(path: Path, defaults: Defaults) -> Read:
    beside = _sidecar(path)
    if beside is not None:
        return next(read_manifest(beside, None), Refusal(where=str(beside), why=f"{beside}：里面没有通话。"))
    call_id = call_id_of(path)
    if not call_id:
        return Refusal(where=str(path), why=f"{path}：文件名里没有可作编号的字母或数字，请改名或写清单。")
    started_at = defaults.known(call_id) or defaults.started_at or _time_in(path.stem, defaults.timezone)
    if started_at is None and defaults.file_time:
        started_at = datetime.fromtimestamp(path.stat().st_mtime, ZoneInfo(defaults.timezone))
    if started_at is None:
        why = f"{path}：不知道通话时间。请在旁边放一份同名的 .json，或用 --started-at 指明（时段规则要用到它）。"
        return Refusal(where=str(path), why=why, bare=path)
    document = {
        "call_id": call_id,
        "started_at": started_at.isoformat(),
        "agent_id": defaults.agent_id,
        "team": defaults.team,
        "recording": {"path": path.name},
    }
    read = _item(str(path), document, path.parent, path.parent)
    return replace(read, bare=path)


def call_id_of(recording: Path) -> str:
    """The id that a recording without call data goes by: its name, as far as an id may hold it; may be empty."""
    return _UNFIT_FOR_ID.sub("-", recording.stem).strip("-")[:100]


def _time_in(name: str, timezone: str) -> datetime | None:
    found = _TIME_IN_NAME.search(name)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo(timezone))
    except ValueError:
        return None


def read_manifest(path: Path, recordings: Path | None) -> Iterator[Read]:
    """The calls of one manifest: an object, a list, one object a line, or CSV with dotted columns."""
    try:
        text = _text_of(path)
    except OSError as error:
        yield Refusal(where=str(path), why=f"{path}：读不出来（{error.strerror}）。")
        return
    rows = {".csv": _csv_rows, ".json": _json_rows}.get(path.suffix.lower(), _jsonl_rows)
    root = recordings if recordings is not None else path.parent
    for where, row in rows(path, text):
        if isinstance(row, str):
            yield Refusal(where=where, why=f"{where}：{row}")
        else:
            yield _item(where, _with_sidecar_audio(path, row), path.parent if recordings is None else recordings, root)


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):  # the second is what Chinese spreadsheets save
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


Row = tuple[str, Mapping[str, Any] | str]


def _json_rows(path: Path, text: str) -> Iterator[Row]:
    data = _parsed(text)
    if isinstance(data, str):
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


def _csv_rows(path: Path, text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            where = f"{path} 第 {reader.line_num} 行"
            if None in row:
                yield where, "列数多于表头。"
            else:
                yield where, _nested({key.strip(): cell for key, cell in row.items() if cell and cell.strip()})
    except csv.Error as error:
        yield f"{path} 第 {reader.line_num} 行", f"不是有效的 CSV（{error}）。"


def _nested(cells: Mapping[str, str]) -> Mapping[str, Any] | str:
    document: dict[str, Any] = {}
    for column, cell in cells.items():
        *parents, last = column.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                return f"列 {column} 与列 {parent} 冲突。"
        try:
            place[last] = _cell(column, cell.strip())
        except ValueError:
            return f"列 {column} 应为 JSON（例如 []）。"
    return document


def _cell(column: str, cell: str) -> object:
    if column in LIST_COLUMNS:
        return [part.strip() for part in _LIST_SEPARATOR.split(cell) if part.strip()]
    if column in ("turns", "case.consent_windows"):
        return json.loads(cell)
    return cell


def _with_sidecar_audio(manifest: Path, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A call without a recording of its own takes the audio file that lies beside it under the same name."""
    if row.get("recording") or row.get("turns") or manifest.suffix.lower() != ".json":
        return row
    for suffix in sorted(AUDIO_SUFFIXES):
        beside = manifest.with_suffix(suffix)
        if beside.is_file():
            return {**row, "recording": {"path": beside.name}}
    return row


def _item(where: str, document: Mapping[str, Any], base: Path, root: Path) -> Read:
    try:
        call = parse_call(document, where)
        named = (None, None) if call.recording is None else (call.recording.path, call.recording.other_side)
        recording, other_side = (_file_of(call, name, base, root, where) for name in named)
    except InputRefused as error:
        return Refusal(where=where, why=str(error))
    unknown = unknown_keys(document)
    return Item(where=where, call=call, recording=recording, other_side=other_side, unknown=unknown)


def _file_of(call: Call, name: str | None, base: Path, root: Path, where: str) -> Path | None:
    if name is None:
        return None
    path = (base / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise InputRefused(f"{where}：录音 {name[:200]} 不在 {root} 之内；若确实在别处，请用 --recordings 指明。")
    # os.path takes a name that no file system could hold for one that is not there.
    if not os.path.isfile(path):  # noqa: PTH113
        if call.turns:
            return None
        raise InputRefused(f"{where}：找不到录音 {name[:200]}（在 {base} 里找过）。")
    return path


def unknown_keys(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that no rule reads, dotted; they are kept with the call."""
    found = [key for key in document if key not in CallDocument.model_fields]
    for name, field in CallDocument.model_fields.items():
        inner = document.get(name)
        models = [kind for kind in (field.annotation, *get_args(field.annotation)) if hasattr(kind, "model_fields")]
        if models and isinstance(inner, dict):
            found.extend(f"{name}.{key}" for key in inner if key not in models[0].model_fields)
    return tuple(sorted(found))
