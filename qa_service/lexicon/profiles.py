"""Profiles: dated limits with their sources, several laid over one another, the strictest value of each in force."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import time
from typing import Any, get_args, get_type_hints

from qa_service.errors import LexiconInvalid
from qa_service.lexicon.files import LimitDocument, ProfileFile, read_file
from qa_service.lexicon.folders import Folder, LexiconFile, files_named
from qa_service.lexicon.model import LimitOrigin, Limits, Source, Stricter

Number = int | float | time
_KINDS = {time: "钟点，例如 21:00:00", int: "整数", float: "数字"}


def profile_names(profile: str) -> tuple[str, ...]:
    """The names of a stack as ``QA_PROFILE`` writes it (``cn_default,us_regf,house``), each once."""
    names = tuple(dict.fromkeys(name.strip() for name in profile.split(",") if name.strip()))
    if not names:
        raise LexiconInvalid("QA_PROFILE 没有写任何名字，请写 profiles 里的一份或几份，例如 cn_default,us_regf。")
    if paths := [name for name in names if not re.fullmatch(r"\w+", name)]:
        raise LexiconInvalid(f"QA_PROFILE 里的 {paths[0]} 不是名字：只写 profiles 里的文件名，不带路径和 .toml。")
    return names


def read_profiles(folders: Sequence[Folder], names: Sequence[str]) -> dict[str, list[tuple[LexiconFile, ProfileFile]]]:
    """The files of each profile, from the lowest folder to the uppermost.

    Raises:
        LexiconInvalid: where a profile has no file, or a wrong one.
    """
    found = {name: files_named(folders, f"profiles/{name}.toml") for name in names}
    for name, files in found.items():
        if not files:
            known = sorted({path.stem for folder in folders for path in (folder.path / "profiles").glob("*.toml")})
            raise LexiconInvalid(
                f"QA_PROFILE 里的 {name} 没有对应的文件 profiles/{name}.toml，"
                f"请改成已有的（{'、'.join(known)}），或补上这个文件。"
            )
    return {
        name: [(file, read_file(file.path, ProfileFile, str(file))) for file in files] for name, files in found.items()
    }


def stacked_limits(
    profiles: Mapping[str, Sequence[tuple[LexiconFile, ProfileFile]]], sources: Mapping[str, Source]
) -> tuple[Limits, dict[str, LimitOrigin]]:
    """The limits in force and where each comes from: of one profile the uppermost folder's, of several the strictest.

    Raises:
        LexiconInvalid: naming file, limit and remedy.
    """
    in_force: dict[str, LimitOrigin] = {}
    for name, files in profiles.items():
        of_profile: dict[str, LimitOrigin] = {}
        for file, document in files:
            of_profile |= {key: _origin(key, limit, name, file, sources) for key, limit in document.limit.items()}
        for key, origin in of_profile.items():
            if key not in in_force or _binds(key, origin.value, in_force[key].value):
                in_force[key] = origin
    stack = ",".join(profiles)
    missing = [each.name for each in fields(Limits) if each.default is MISSING and each.name not in {"name", *in_force}]
    if missing:
        raise LexiconInvalid(
            f"限额 {stack} 合起来还缺 {'、'.join(missing)}：请补上，或在 QA_PROFILE 里加上 cn_default。"
        )
    values: dict[str, Any] = {key: origin.value for key, origin in in_force.items()}
    limits = Limits(name=stack, **values)
    for begin, end in (("hours_start", "hours_end"), ("work_start", "work_end")):
        first, last = getattr(limits, begin), getattr(limits, end)
        if first >= last:
            raise LexiconInvalid(
                f"限额 {stack} 合起来 {begin}（{first:%H:%M}）不早于 {end}（{last:%H:%M}），"
                "一天里没有剩下时间：请改正其中一项。"
            )
    return limits, in_force


def _origin(
    key: str, limit: LimitDocument, profile: str, file: LexiconFile, sources: Mapping[str, Source]
) -> LimitOrigin:
    where = f"{file} 限额 {key}"
    if key not in _DIRECTIONS:
        raise LexiconInvalid(f"{where}：没有这项限额，请改成 {'、'.join(_DIRECTIONS)} 之一，或删去。")
    kind, _ = _DIRECTIONS[key]
    value = float(limit.value) if kind is float and isinstance(limit.value, int) else limit.value
    if not isinstance(value, kind):
        raise LexiconInvalid(f"{where}：value 应为{_KINDS[kind]}，请改正。")
    if not isinstance(value, time) and value < 0:
        raise LexiconInvalid(f"{where}：value 不能小于 0，请改正。")
    if limit.source.partition(":")[0] not in sources:
        raise LexiconInvalid(f"{where}：依据 {limit.source} 不在 sources.toml 里，请补上。")
    return LimitOrigin(
        value=value,
        profile=profile,
        layer=file.layer,
        source=limit.source,
        grade=limit.grade,
        since=limit.since,
        source_verified=limit.source_verified,
        note=limit.note,
    )


def _binds(key: str, value: Number, other: Number) -> bool:
    """Whether ``value`` is stricter than the ``other`` value of the same limit."""
    _, stricter = _DIRECTIONS[key]
    if stricter is Stricter.LEAST_SET and not (value and other):
        return bool(value)
    smaller: bool = value < other  # type: ignore[operator]  # both are of the limit's own kind
    return smaller if stricter is not Stricter.MOST else value != other and not smaller


def _directions() -> dict[str, tuple[type, Stricter]]:
    hints = get_type_hints(Limits, include_extras=True)
    return {name: get_args(hint) for name, hint in hints.items() if name != "name"}


_DIRECTIONS = _directions()
"""Each limit's kind, and which of two values binds."""

LIMIT_NAMES = tuple(_DIRECTIONS)
