"""What the readers of inputs are given and what they give: the operator's word, and calls or refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from qa_service.call import Call, Speaker
from qa_service.interchange.columns import load_columns
from qa_service.interchange.dialler import CallLog
from qa_service.interchange.pseudonyms import Pseudonyms, pseudonyms_of
from qa_service.settings import Settings

TIMEZONE = "Asia/Shanghai"
"""Where a time that names no zone is taken to be: the debtors of this service's houses live by one clock."""


SpeakersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--speakers", help="转写文件里的说话人是谁，例如 SPEAKER_00=agent（坐席）或 =customer（客户）；可多次给出。"
    ),
]
ColumnsOption = Annotated[
    Path | None, typer.Option("--columns", help="话单列名对照表（TOML），见 docs/importing.md；常见列名无须对照。")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What bare recordings and transcripts are taken for, and how call logs are read: the operator's word."""

    timezone: str
    started_at: datetime | None = None
    agent_id: str | None = None
    team: str | None = None
    file_time: bool = False
    """Whether a file that tells no time may be dated by its own, for a look at one call without a server."""
    known: Callable[[str], datetime | None] = lambda _call_id: None
    """When a call of this id began, where it was taken in before: a bare recording of that name is its recording."""
    speakers: Mapping[str, Speaker] = field(default_factory=lambda: MappingProxyType({}))
    """Whom the labels of a transcript stand for."""
    log: CallLog = field(default_factory=lambda: CallLog(pseudonyms=Pseudonyms(), zone=ZoneInfo(TIMEZONE)), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One call to import; ``where`` is the file and line a person would look at, ``unknown`` the keys nobody knows.

    ``other_side`` is the customer's file of a call recorded one file per side; ``recording`` is then the agent's.
    ``withheld`` are columns of a call log that were not stored, ``unread`` words in it that say nothing to us, and
    ``notes`` whole sentences for the one who imports.
    """

    where: str
    call: Call
    recording: Path | None
    other_side: Path | None = None
    unknown: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    transcript: Path | None = None
    bare: Path | None = None
    """The recording that this was read from, where there was nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One input that cannot be taken, and why; ``bare`` as of an item."""

    where: str
    why: str
    bare: Path | None = None


Read = Item | Refusal


def in_zone(moment: datetime | None) -> datetime | None:
    """A time of the command line; in ``TIMEZONE`` where it names no zone."""
    return moment.replace(tzinfo=ZoneInfo(TIMEZONE)) if moment is not None and moment.tzinfo is None else moment


def call_log(settings: Settings, columns: Path | None, *, keep_key: bool) -> CallLog:
    """How call logs are read here: this house's pseudonyms, and its own names of columns where it has any.

    Raises:
        InputRefused: the file of columns is wrong.
        SettingsInvalid: the key of the pseudonyms is too short.
    """
    return CallLog(
        pseudonyms=pseudonyms_of(settings, keep=keep_key), zone=ZoneInfo(TIMEZONE), columns=load_columns(columns)
    )
