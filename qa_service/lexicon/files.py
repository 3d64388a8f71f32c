"""The shape of the lexicon's TOML files, checked before anything is built from them."""

from __future__ import annotations

import re
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_service.call import LegalStage, Speaker
from qa_service.documents import describe
from qa_service.errors import LexiconInvalid
from qa_service.judgement import Category, RuleStatus, Severity
from qa_service.lexicon.model import Listener, Reach


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleDocument(_Document):
    """One ``[[rule]]`` table."""

    id: str = Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")
    version: int = Field(ge=1)
    status: RuleStatus = RuleStatus.LIVE
    severity: Severity
    label: str = Field(min_length=2)
    why: str = Field(min_length=2)
    speaker: Speaker = Speaker.AGENT
    sources: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    listeners: tuple[Listener, ...] = ()
    lawful_stages: tuple[LegalStage, ...] = ()
    waiver_lawful: bool = False
    learned: bool = False
    agreement: bool = False
    limits: tuple[str, ...] = ()
    say_instead: str | None = None
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()
    retired_because: str | None = Field(default=None, min_length=2)
    retired_on: date | None = None


class ChangeDocument(_Document):
    """One ``[[change]]`` table: some keys of a rule of the folders below, and why; ``version`` counts its changes."""

    id: str
    version: int = Field(ge=1)
    because: str = Field(min_length=2)
    severity: Severity | None = None
    status: RuleStatus | None = None
    say_instead: str | None = Field(default=None, min_length=2)
    retired_on: date | None = None


class ChangesFile(_Document):
    """``changes.toml``: what a house changes of rules without copying them."""

    change: tuple[ChangeDocument, ...] = Field(min_length=1)


class WordsFile(_Document):
    """``words.toml``: word sets that several files share."""

    words: dict[str, tuple[str, ...]]


class CueDocument(_Document):
    """One line of cues of a framing."""

    reach: Reach
    within: int = Field(default=8, ge=0, le=60)
    match: tuple[str, ...] = Field(min_length=1)


class FramingDocument(_Document):
    """One ``[[framing]]`` table."""

    name: str = Field(pattern="^[a-z_]+$")
    label: str
    cue: tuple[CueDocument, ...] = Field(min_length=1)


class FramingsFile(_Document):
    """``framings.toml``."""

    framing: tuple[FramingDocument, ...]


class FactDocument(_Document):
    """One ``[[fact]]`` table."""

    name: str = Field(pattern="^[a-z_]+$")
    label: str
    speaker: Speaker | None = None
    match: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


class RuleFile(_Document):
    """A file of ``lexicons/rules``: one category, its own word sets, its rules, and the facts that these build on."""

    category: Category
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    rule: tuple[RuleDocument, ...] = ()
    fact: tuple[FactDocument, ...] = ()


class FactsFile(_Document):
    """``facts.toml``."""

    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    fact: tuple[FactDocument, ...]


class FamiliesFile(_Document):
    """``families.toml``: the provisions that rules are finer parts of, with their names."""

    family: dict[str, str]


class SourceDocument(_Document):
    """One ``[source.KEY]`` table."""

    title: str
    force: str
    grade: str = Field(pattern="^[PSWH-]$")
    source_verified: bool = False


class SourcesFile(_Document):
    """``sources.toml``."""

    source: dict[str, SourceDocument]


class LimitDocument(_Document):
    """One dated parameter with its source."""

    value: int | float | time
    source: str
    grade: str = Field(pattern="^[PSWH]$")
    since: date
    source_verified: bool = False
    note: str = ""


class ProfileFile(_Document):
    """A file of ``profiles``."""

    label: str
    learned: bool = True
    limit: dict[str, LimitDocument] = Field(default_factory=dict)


class SchemeFile(_Document):
    """``scheme.toml``: the marking scheme."""

    name: str
    start: int
    floor: int
    hits_counted: int = Field(ge=1)
    points: dict[Severity, Annotated[int, Field(ge=0)]]


class LockEntry(_Document):
    """What was in force of one rule until a later version took its place."""

    version: int
    fingerprint: str
    locked_on: date | None = None


class LockedRule(LockEntry):
    """One rule of ``LOCK.toml`` with the versions before; of a retired one, since when and why."""

    retired_on: date | None = None
    retired_because: str | None = None
    earlier: tuple[LockEntry, ...] = ()


class LockedModel(_Document):
    """The learned model of ``LOCK.toml``."""

    fingerprint: str


class LockFile(_Document):
    """``LOCK.toml``."""

    rule: dict[str, LockedRule] = Field(default_factory=dict)
    learned: dict[str, LockedModel] = Field(default_factory=dict)


_PLACE = re.compile(r"\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")

FileT = TypeVar("FileT", bound=BaseModel)


def read_file(path: Path, shape: type[FileT], named: str | None = None) -> FileT:
    """Read and check one TOML file; ``named`` is how messages call it (its own name).

    Raises:
        LexiconInvalid: naming file, rule or key, and what to do.
    """
    name = named or path.name
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors put a mark before the text
    except FileNotFoundError as error:
        raise LexiconInvalid(f"缺少规则文件 {name}（在 {path.parent.name} 里），请补上或恢复它。") from error
    except UnicodeDecodeError as error:
        raise LexiconInvalid(f"{name} 不是 UTF-8 编码，请在编辑器里另存为 UTF-8。") from error
    except tomllib.TOMLDecodeError as error:
        raise LexiconInvalid(f"{name} 不是合法的 TOML，{_place(str(error))}请检查引号、括号和等号是否成对。") from error
    except OSError as error:
        raise LexiconInvalid(f"读不了 {name}（{error.strerror}），请检查文件权限。") from error
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise LexiconInvalid(f"{name}：{_of_rules(error, content)}{describe(error)}请改正。") from error


def _place(message: str) -> str:
    """Where a file stops being TOML, in Chinese, from the message of the parser."""
    place = _PLACE.search(message)
    if place is None:
        return ""
    return f"第 {place['line']} 行第 {place['column']} 个字附近有误，" if place["line"] else "到末尾还没写完，"


def _of_rules(error: ValidationError, content: dict[str, Any]) -> str:
    """The rules (facts, framings) that a complaint is about, by id instead of by their place in the file."""
    ids: list[str] = []
    for complaint in error.errors():
        match complaint["loc"]:
            case (str(table), int(number), *_):
                entry = content[table][number]
                ids.append(str(entry.get("id") or entry.get("name") or f"第 {number + 1} 条") if entry else "")
    return "".join(f"规则 {each}，" for each in dict.fromkeys(ids))
