"""``LOCK.toml``: version and fingerprint of every rule and of the learned model, so that nothing changes unnoticed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import tomli_w

from qa_service.errors import LexiconInvalid
from qa_service.lexicon.load import SHIPPED
from qa_service.lexicon.model import Rulebook

LOCK_NAME = "LOCK.toml"


def changes_against(rulebook: Rulebook, house: Path | None = None) -> tuple[str, ...]:
    """What differs from the lock beside the files, as sentences; empty where rulebook and lock agree."""
    locked = _read(_lock_path(house), "rule")
    found: list[str] = []
    for rule in rulebook.rules:
        entry = locked.pop(rule.id, None)
        if entry is None:
            found.append(f"规则 {rule.id} 是新的，请运行 qa-service lexicons lock。")
        elif entry["fingerprint"] != rule.fingerprint and entry["version"] == rule.version:
            found.append(f"规则 {rule.id} 的内容变了而版本仍是 {rule.version}，请把 version 加一再锁定。")
        elif entry != {"version": rule.version, "fingerprint": rule.fingerprint}:
            found.append(f"规则 {rule.id} 已是版本 {rule.version}，请运行 qa-service lexicons lock。")
    found.extend(f"规则 {rule_id} 不见了：停用请改 status 为 retired 并写明原因，不要删除。" for rule_id in locked)
    if _learned_of(rulebook) != _read(_lock_path(house), "learned"):
        found.append("学习模型或它的说明卡变了，请运行 qa-service lexicons lock。")
    return tuple(found)


def write_lock(rulebook: Rulebook, house: Path | None = None) -> Path:
    """Write the lock beside the files and return its path.

    Raises:
        LexiconInvalid: where a rule's content changed under the same version.
    """
    path = _lock_path(house)
    stale = [change for change in changes_against(rulebook, house) if "请把 version 加一" in change]
    if stale:
        raise LexiconInvalid("".join(stale))
    entries = {rule.id: {"version": rule.version, "fingerprint": rule.fingerprint} for rule in rulebook.rules}
    path.write_text(tomli_w.dumps({"rule": entries, "learned": _learned_of(rulebook)}), encoding="utf-8")
    return path


def _lock_path(house: Path | None) -> Path:
    return (house or SHIPPED) / LOCK_NAME


def _learned_of(rulebook: Rulebook) -> dict[str, dict[str, object]]:
    """The entry of the learned model; none where it is off."""
    return {} if rulebook.learned is None else {"model": {"fingerprint": rulebook.learned.fingerprint}}


def _read(path: Path, table: str) -> dict[str, dict[str, object]]:
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        entries: dict[str, dict[str, object]] = tomllib.load(stream).get(table, {})
    return entries
