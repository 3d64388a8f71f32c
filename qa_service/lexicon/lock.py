"""``LOCK.toml``: version and fingerprint of every rule and of the learned model, so that nothing changes unnoticed.

It remembers what went before: earlier versions with the day each was locked, and for good every retired id with its
reason, so that no id vanishes and none is given to another rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import tomli_w

from qa_service.errors import LexiconInvalid
from qa_service.judgement import RuleStatus
from qa_service.lexicon.files import LockedModel, LockedRule, LockEntry, LockFile, read_file
from qa_service.lexicon.load import SHIPPED
from qa_service.lexicon.model import Layer, Rule, Rulebook

LOCK_NAME = "LOCK.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which rulebook and lock differ, as a sentence; ``refused`` where locking must not hide it."""

    text: str
    refused: bool = False

    def __str__(self) -> str:
        """The sentence."""
        return self.text


def changes_against(rulebook: Rulebook, house: Path | None = None) -> tuple[Difference, ...]:
    """What differs from the lock beside the files; empty where rulebook and lock agree.

    Raises:
        LexiconInvalid: where the lock cannot be read.
    """
    lock = read_lock(house)
    if not lock.rule:
        where = _lock_path(house).parent.name
        return (
            Difference(
                text=f"{where} 里的规则还没有锁定过（{LOCK_NAME} 里没有内容），请测试后运行 {_command(house)}。"
            ),
        )
    found = [_of_rule(rule, lock.rule.get(rule.id), house) for rule in rulebook.rules]
    present = {rule.id for rule in rulebook.rules}
    found += [_vanished(rule_id) for rule_id, entry in lock.rule.items() if rule_id not in present | _retired(lock)]
    if _learned_of(rulebook) != lock.learned:
        found.append(Difference(text=f"学习模型或它的说明卡变了，请运行 {_command(house)}。"))
    return tuple(each for each in found if each is not None)


def write_lock(rulebook: Rulebook, house: Path | None = None, *, today: date | None = None) -> Path:
    """Write the lock beside the files and return its path; ``today`` is the day noted with what is new.

    Raises:
        LexiconInvalid: where a rule changed under the same version, vanished, or took the id of a retired one.
    """
    refused = [change.text for change in changes_against(rulebook, house) if change.refused]
    if refused:
        raise LexiconInvalid("".join(refused))
    lock = read_lock(house)
    day = today or date.today()  # noqa: DTZ011  # the day where the rules are kept
    rules = {rule.id: _entry(rule, lock.rule.get(rule.id), day) for rule in rulebook.rules}
    remembered = {rule_id: entry for rule_id, entry in lock.rule.items() if rule_id not in rules}
    path = _lock_path(house)
    content = LockFile(rule=rules | remembered, learned=_learned_of(rulebook))
    path.write_text(tomli_w.dumps(content.model_dump(exclude_none=True, exclude_defaults=True)), encoding="utf-8")
    return path


def read_lock(house: Path | None = None) -> LockFile:
    """The lock beside the files; an empty one where nothing was locked yet.

    Raises:
        LexiconInvalid: where the file is no lock.
    """
    path = _lock_path(house)
    return read_file(path, LockFile, f"{path.parent.name}/{LOCK_NAME}") if path.is_file() else LockFile()


def _lock_path(house: Path | None) -> Path:
    return (house or SHIPPED) / LOCK_NAME


def _command(house: Path | None) -> str:
    """The command that locks these files: without the folder it would lock the shipped ones."""
    return "qa-service lexicons lock" + (f" --dir {house}" if house is not None else "")


def _of_rule(rule: Rule, locked: LockedRule | None, house: Path | None) -> Difference | None:
    if locked is None:
        return Difference(text=f"规则 {rule.id} 是新的，请运行 {_command(house)}。")
    if locked.retired_on is not None and rule.status is not RuleStatus.RETIRED and not _is_shipped(rule, house):
        return Difference(
            text=f"规则 {rule.id} 已于 {locked.retired_on} 停用（{locked.retired_because}），"
            f"编号不能再用，请在 {rule.file} 里另起编号。",
            refused=True,
        )
    if locked.fingerprint == rule.fingerprint and locked.version == rule.version:
        return None
    if locked.version != rule.version:
        return Difference(text=f"规则 {rule.id} 已是版本 {rule.version}（{rule.file}），请运行 {_command(house)}。")
    if house is not None and rule.layer is Layer.SHIPPED and not rule.changes:
        return Difference(text=f"随附的规则 {rule.id} 因词集或语境的改动而变了，请测试后运行 {_command(house)}。")
    return Difference(
        text=f"规则 {rule.id} 的内容变了而版本仍是 {rule.version}，请在 {_written_in(rule)} 里把 version 加一再锁定。",
        refused=True,
    )


def _written_in(rule: Rule) -> str:
    return "changes.toml" if rule.changes else rule.file


def _is_shipped(rule: Rule, house: Path | None) -> bool:
    """Whether a house takes back its own word on a shipped rule: the id still means the same rule."""
    return house is not None and rule.id in read_lock().rule


def _retired(lock: LockFile) -> set[str]:
    return {rule_id for rule_id, entry in lock.rule.items() if entry.retired_on is not None}


def _vanished(rule_id: str) -> Difference:
    return Difference(
        text=f"规则 {rule_id} 不见了：规则不能删除，请恢复它，停用则把 status 改为 retired 并写明原因和日期。",
        refused=True,
    )


def _entry(rule: Rule, locked: LockedRule | None, day: date) -> LockedRule:
    """What the lock says of a rule from now on; the same as before where nothing changed."""
    same = locked is not None and (locked.version, locked.fingerprint) == (rule.version, rule.fingerprint)
    before: tuple[LockEntry, ...] = ()
    if locked is not None:
        earlier = LockEntry(version=locked.version, fingerprint=locked.fingerprint, locked_on=locked.locked_on)
        before = locked.earlier if same else (*locked.earlier, earlier)
    return LockedRule(
        version=rule.version,
        fingerprint=rule.fingerprint,
        locked_on=locked.locked_on if same and locked is not None else day,
        retired_on=rule.retired_on,
        retired_because=rule.retired_because,
        earlier=before,
    )


def _learned_of(rulebook: Rulebook) -> dict[str, LockedModel]:
    """The entry of the learned model; none where it is off."""
    return {} if rulebook.learned is None else {"model": LockedModel(fingerprint=rulebook.learned.fingerprint)}
