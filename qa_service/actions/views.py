"""What the reading actions give back: frozen values, ready for the API and the command line to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Generic, TypeVar

from qa_service.call import Call, Callee, Direction, Speaker, Transcript, Turn, Voice
from qa_service.judgement import Analysis, Finding, Queue, Reason, Scorecard, Verdict, VetoState
from qa_service.states import CallState, ReviewState

Item = TypeVar("Item")
Key = TypeVar("Key")

CallKey = tuple[datetime, str]
ReviewKey = tuple[int, datetime, int]
PromiseKey = tuple[datetime, str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item, Key]):
    """One page of a list; ``next`` is the sort key to go on after, None on the last page."""

    items: tuple[Item, ...]
    next: Key | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """One call in a list. ``reason`` says why it was refused or quarantined; marks are None until it is judged.

    ``machine_mark`` is the machine's, ``mark`` and ``veto`` the effective ones (after a person's decision, if any).
    """

    call_id: str
    started_at: datetime
    received_at: datetime
    direction: Direction
    callee: Callee
    agent_id: str | None
    team: str | None
    billed_seconds: int | None
    has_recording: bool
    state: CallState
    reason: str | None
    machine_mark: int | None
    mark: int | None
    veto: VetoState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move of a call, as it was stored."""

    state: CallState
    at: datetime
    reason: str | None
    actor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDetail:
    """One call with its call data and every move it made; ``review_item`` is None where nobody need look."""

    view: CallView
    call: Call
    moves: tuple[Move, ...]
    review_item: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceWord:
    """Who said who speaks, and when."""

    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptView:
    """The turns of a call, each by the speaker that counts.

    ``heard`` is what was heard of the recording, None for an imported transcript; its turns are as ``turns`` here.
    ``voices`` are those a person can give a role, with the role they have; ``word`` is whose word that is, None where
    no person has said anything.
    """

    call_id: str
    turns: tuple[Turn, ...]
    heard: Transcript | None
    voices: Mapping[Voice, Speaker]
    word: VoiceWord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided of one judgement; ``verdicts`` maps the finding's number (from 0) to the verdict."""

    actor: str
    at: datetime
    state: ReviewState
    verdicts: Mapping[int, Verdict]
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardView:
    """The mark of a call in its three readings: the machine's, the people's decisions, and the one that counts."""

    call_id: str
    started_at: datetime
    agent_id: str | None
    team: str | None
    judged_at: datetime
    rulebook: str
    machine: Scorecard
    decisions: tuple[Decision, ...]
    effective: Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseView:
    """One instalment that a customer promised; ``promise`` and ``payment`` count from 0 within the call."""

    call_id: str
    started_at: datetime
    agent_id: str | None
    team: str | None
    debtor_id: str | None
    promise: int
    payment: int
    amount: Decimal | None
    due: date | None
    standing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItemView:
    """One call that waits for a person, or that one has looked at.

    ``worst`` is the gravest finding and ``worst_at_ms`` when its first quoted turn begins; None where there is none.
    """

    id: int
    call_id: str
    started_at: datetime
    agent_id: str | None
    team: str | None
    queue: Queue
    due_at: datetime
    state: ReviewState
    claimed_by: str | None
    reasons: tuple[Reason, ...]
    machine_mark: int
    mark: int
    veto: VetoState
    worst: Finding | None
    worst_at_ms: int | None
    analysis: Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFile:
    """A stored recording: where it lies, and its SHA-256 (which never changes for a call)."""

    path: Path
    sha256: str
