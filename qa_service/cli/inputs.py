"""What ``import`` and ``judge`` read: recordings, transcripts of other systems, manifests, and folders of them.

Every input becomes a call with the files of its recording, or a refusal with its sentence; nothing is half read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from qa_service.call import Call, Recording
from qa_service.cli.files import (
    AUDIO_SUFFIXES,
    SUBTITLE_SUFFIXES,
    Kind,
    beside,
    kind_of,
    same_name,
    sidecar_of,
    text_of,
    transcripts_beside,
)
from qa_service.cli.items import Defaults, Item, Read, Refusal
from qa_service.cli.manifests import BESIDE_THE_CONTRACT, SUFFIXES, nested, rows, unknown_keys
from qa_service.cli.transcripts import Spoken, only_conversation, speakers_of, spoken
from qa_service.documents import CallDocument, parse_call
from qa_service.errors import InputRefused
from qa_service.interchange.read import read_transcript
from qa_service.interchange.said import Conversation

# 20260312-140500, 2026-03-12_14.05.00, 20260312140500: how recorders name their files.
_TIME_IN_NAME = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)[T_ .-]?(\d\d)[-.:]?(\d\d)[-.:]?(\d\d)(?!\d)")
_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9._:-]+")


def read_paths(paths: Iterable[Path], defaults: Defaults, recordings: Path | None = None) -> list[Read]:
    """Everything that the paths hold, in order.

    ``recordings`` is the folder that recordings named in manifests must lie in; by default each manifest's own. A bare
    recording that is named after a call of which a manifest knows no recording is that call's, wherever the two lie.
    """
    reads = list(_read_each(paths, defaults, recordings))
    without = {read.call.call_id for read in reads if isinstance(read, Item) and read.call.is_dialler_record}
    heard = {call_id_of(read.bare, defaults): read.bare for read in reads if read.bare is not None}
    return [
        _with_recording(read, heard[read.call.call_id], defaults)
        if isinstance(read, Item) and read.call.is_dialler_record and read.call.call_id in heard
        else read
        for read in reads
        if read.bare is None or call_id_of(read.bare, defaults) not in without
    ]


def _with_recording(item: Item, recording: Path, defaults: Defaults) -> Item:
    name = defaults.log.pseudonyms.without_numbers(recording.name)
    return replace(item, call=replace(item.call, recording=Recording(path=name)), recording=recording)


def _read_each(paths: Iterable[Path], defaults: Defaults, recordings: Path | None) -> Iterator[Read]:
    for path in paths:
        if path.is_dir():
            yield from _read_folder(path, defaults, recordings)
        elif not path.exists():
            yield Refusal(where=str(path), why=f"{path}：没有这个文件或文件夹。")
        else:
            yield from _read_file(path, defaults, recordings)


def _read_file(path: Path, defaults: Defaults, recordings: Path | None) -> Iterator[Read]:
    try:
        match kind_of(path):
            case Kind.AUDIO:
                yield _read_audio(path, defaults)
            case Kind.MANIFEST:
                yield from read_manifest(path, defaults, recordings)
            case Kind.TRANSCRIPT:
                yield from _read_transcript(path, defaults)
    except InputRefused as error:
        yield Refusal(where=str(path), why=str(error))


def _read_folder(folder: Path, defaults: Defaults, recordings: Path | None) -> Iterator[Read]:
    """Manifests first, for they say which of the other files belong to a call; then transcripts, then recordings."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    written = [path for path in files if path.suffix.lower() in SUFFIXES | SUBTITLE_SUFFIXES]
    kinds = {path: _kind_or_refusal(path) for path in written}
    transcripts = [path for path in written if kinds[path] is Kind.TRANSCRIPT]
    sidecars = {sidecar_of(path) for path in transcripts}
    claimed: set[Path] = set()
    for path, kind in kinds.items():
        if isinstance(kind, Refusal):
            yield kind
        elif kind is Kind.MANIFEST and path not in sidecars:
            yield from _claiming(read_manifest(path, defaults, recordings), claimed)
    for path in transcripts:
        if path.resolve() not in claimed:
            yield from _claiming(_read_transcript(path, defaults), claimed)
    for path in files:
        if path.suffix.lower() in AUDIO_SUFFIXES and path.resolve() not in claimed and sidecar_of(path) is None:
            yield _read_audio(path, defaults)


def _kind_or_refusal(path: Path) -> Kind | Refusal:
    try:
        return kind_of(path)
    except InputRefused as error:
        return Refusal(where=str(path), why=str(error))


def _claiming(reads: Iterable[Read], claimed: set[Path]) -> Iterator[Read]:
    """The same, noting the files that they speak for."""
    for read in reads:
        if isinstance(read, Item):
            files = (read.recording, read.other_side, read.transcript)
            claimed.update(file.resolve() for file in files if file is not None)
        yield read


def _read_audio(path: Path, defaults: Defaults) -> Read:
    side = sidecar_of(path)
    if side is not None:
        return next(read_manifest(side, defaults), Refusal(where=str(side), why=f"{side}：里面没有通话。"))
    try:
        document = _bare(path, {}, defaults) | {"recording": {"path": path.name}}
    except InputRefused as error:
        return Refusal(where=str(path), why=str(error), bare=path if call_id_of(path, defaults) else None)
    return replace(_item(str(path), document, path.parent, path.parent, defaults), bare=path)


def _bare(path: Path, told: Mapping[str, Any], defaults: Defaults) -> dict[str, Any]:
    """Call data of a file that comes with little or none: ``told`` first, then the operator's word, then its name.

    Raises:
        InputRefused: the call has no id, or nobody says when it was.
    """
    call_id = told.get("call_id") or call_id_of(path, defaults)
    if not call_id:
        raise InputRefused(f"{path}：文件名里没有可作编号的字母或数字，请改名或写清单。")
    started_at = told.get("started_at") or _iso(
        defaults.known(call_id)
        or defaults.started_at
        or _time_in(path.stem, defaults.timezone)
        or _time_in(call_id, defaults.timezone)
    )
    if started_at is None and defaults.file_time:
        started_at = _iso(datetime.fromtimestamp(path.stat().st_mtime, ZoneInfo(defaults.timezone)))
    if started_at is None:
        raise InputRefused(
            f"{path}：不知道通话时间。请在旁边放一份同名的 .call.json，或用 --started-at 指明（时段规则要用到它）。"
        )
    facts = {"agent_id": defaults.agent_id, "team": defaults.team, **told}
    return {**facts, "call_id": call_id, "started_at": started_at}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def call_id_of(recording: Path, defaults: Defaults) -> str:
    """The id that a file without call data goes by: its name, as far as an id may hold it, without numbers in clear."""
    name = defaults.log.pseudonyms.without_numbers(recording.stem)
    return _UNFIT_FOR_ID.sub("-", name).strip("-")[:100]


def _time_in(name: str, timezone: str) -> datetime | None:
    found = _TIME_IN_NAME.search(name)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo(timezone))
    except ValueError:
        return None


def read_manifest(path: Path, defaults: Defaults, recordings: Path | None = None) -> Iterator[Read]:
    """The calls of one manifest."""
    try:
        text = text_of(path)
    except InputRefused as error:
        yield Refusal(where=str(path), why=str(error))
        return
    base = recordings if recordings is not None else path.parent
    table = path.suffix.lower() in (".csv", ".tsv")
    for where, row in rows(path, text):
        if isinstance(row, str):
            yield Refusal(where=where, why=row if row.startswith(str(path)) else f"{where}：{row}")
            continue
        try:
            logged = defaults.log.read(row, where)
            document = nested(logged.document, table=table)
            if not document.keys() & CallDocument.model_fields.keys():
                raise InputRefused("既不是通话数据，也不是认识的转写格式，见 docs/importing.md。")
            if where == str(path):  # one call alone, not a row of many
                document = _with_files_beside(path, document)
        except InputRefused as error:
            why = str(error)
            yield Refusal(where=where, why=why if why.startswith(str(path)) else f"{where}：{why}")
            continue
        read = _item(where, document, base, base, defaults, texts=path.parent)
        if isinstance(read, Item):
            read = replace(read, withheld=logged.withheld, unread=logged.unread)
        yield read


def _with_files_beside(manifest: Path, row: dict[str, Any]) -> dict[str, Any]:
    """A call without text or recording of its own takes the files that lie beside it under the same name."""
    if row.get("recording") or row.get("turns") or row.get("transcript"):
        return row
    transcript = next(iter(transcripts_beside(manifest)), None)
    audio = next(beside(manifest, AUDIO_SUFFIXES), None)
    if transcript is not None:
        row = {**row, "transcript": transcript.name}
    return row if audio is None else {**row, "recording": {"path": audio.name}}


def _item(
    where: str, document: Mapping[str, Any], base: Path, root: Path, defaults: Defaults, texts: Path | None = None
) -> Read:
    """The call of a document; its recordings lie in ``root``, its transcript in ``texts``."""
    named = document.get("transcript")
    facts = {key: value for key, value in document.items() if key not in BESIDE_THE_CONTRACT}
    try:
        call = parse_call(facts, where)
        said = Spoken(call=call)
        transcript = None
        if named is not None:
            transcript = _transcript_file(named, texts or base, where)
            speakers = {**defaults.speakers, **speakers_of(document.get("speakers"), where)}
            said = spoken(call, only_conversation(text_of(transcript), str(transcript), speakers), speakers)
        recording, other_side = _files_of(said.call, base, root, where)
    except InputRefused as error:
        return Refusal(where=where, why=str(error))
    return Item(
        where=where,
        call=_without_numbers(said.call, defaults),
        recording=recording,
        other_side=other_side,
        unknown=unknown_keys(document) + said.unknown,
        notes=said.notes,
        transcript=transcript,
    )


def _files_of(call: Call, base: Path, root: Path, where: str) -> tuple[Path | None, Path | None]:
    """The files of its recording."""
    sides = (None, None) if call.recording is None else (call.recording.path, call.recording.other_side)
    recording, other_side = (_file_of(call, name, base, root, where) for name in sides)
    return recording, other_side


def _transcript_file(named: object, folder: Path, where: str) -> Path:
    if "\0" in str(named):
        raise InputRefused(f"{where}：transcript 里有空字符（U+0000），请去掉。")
    path = (folder / str(named)).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InputRefused(f"{where}：转写文件 {str(named)[:200]} 不在 {folder} 之内，请改为其中的相对路径。")
    if not os.path.isfile(path):  # noqa: PTH113 - also false for a name that no file system could hold
        raise InputRefused(f"{where}：找不到转写文件 {str(named)[:200]}（在 {folder} 里找过）。")
    return path


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


def _without_numbers(call: Call, defaults: Defaults) -> Call:
    """The call with the names of its files as they are kept: recorders write the number called into them."""
    if call.recording is None:
        return call
    plain = defaults.log.pseudonyms.without_numbers
    other = call.recording.other_side
    kept = replace(call.recording, path=plain(call.recording.path), other_side=plain(other) if other else None)
    return replace(call, recording=kept)


def _read_transcript(path: Path, defaults: Defaults) -> Iterator[Read]:
    """The calls of a transcript, with the call data that lies beside it and what the file tells of them."""
    side = sidecar_of(path)
    try:
        told = _row_of(side, defaults) if side is not None else {}
        speakers = {**defaults.speakers, **speakers_of(told.get("speakers"), str(side))}
        told = {key: value for key, value in told.items() if key not in BESIDE_THE_CONTRACT}
        defaults = replace(defaults, speakers=speakers)
        found = read_transcript(text_of(path), str(path), speakers) or []
        if side is not None and len(found) > 1:
            raise InputRefused(f"{path}：里面有 {len(found)} 通，旁边的 {side.name} 却只能说明一通；请拆开或改用清单。")
    except InputRefused as error:
        yield Refusal(where=str(path), why=str(error))
        return
    for number, conversation in enumerate(found, 1):
        try:
            if isinstance(conversation, InputRefused):
                raise conversation
            yield _conversation_item(path, conversation, told, defaults, number if len(found) > 1 else None)
        except InputRefused as error:
            yield Refusal(where=str(path), why=str(error))


def _row_of(sidecar: Path, defaults: Defaults) -> dict[str, Any]:
    """The one row of call data beside a file.

    Raises:
        InputRefused: there is none, there are several, or it is wrong.
    """
    found = list(rows(sidecar, text_of(sidecar)))
    if len(found) != 1:
        raise InputRefused(f"{sidecar}：应只有一通通话的数据，里面却有 {len(found)} 条。")
    ((where, row),) = found
    if isinstance(row, str):
        raise InputRefused(row if row.startswith(str(sidecar)) else f"{where}：{row}")
    return nested(defaults.log.read(row, where).document, table=False)


def _conversation_item(
    path: Path, conversation: Conversation, told: Mapping[str, Any], defaults: Defaults, number: int | None
) -> Item:
    """The call of one conversation; ``number`` is its place in a file that holds several."""
    where = conversation.where
    logged = defaults.log.read(conversation.call, where)
    facts = nested(logged.document, table=True)
    if number is None and not conversation.format.names_calls:
        facts.pop("call_id", None)
    elif number is not None:
        facts.setdefault("call_id", f"{call_id_of(path, defaults)}-{number}")
    document = _bare(path, {**facts, **told}, defaults)
    audio = next(same_name(path, AUDIO_SUFFIXES), None) if number is None else None
    if audio is not None and "recording" not in document:
        document["recording"] = {"path": audio.name}
    said = spoken(parse_call(document, where), conversation, defaults.speakers)
    recording, other_side = _files_of(said.call, path.parent, path.parent, where)
    return Item(
        where=where,
        call=_without_numbers(said.call, defaults),
        recording=recording,
        other_side=other_side,
        unknown=unknown_keys(document) + said.unknown,
        withheld=logged.withheld,
        unread=logged.unread,
        notes=said.notes,
        transcript=path,
    )
