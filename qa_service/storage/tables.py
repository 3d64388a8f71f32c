"""The tables: what is kept of calls, of the work done to them, of judgements, reviews and users.

SQL is the truth. ``call_state`` and ``review_event`` are append-only; the ``state`` columns cache their last row and
are written in the same transaction. Instants are stored in UTC; documents are the JSON of ``storage.payloads``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from qa_service.call import Callee, DialOutcome, Direction, Speaker, Voice
from qa_service.judgement import Category, Queue, RuleStatus, Severity, VetoState
from qa_service.labelled import Labelled
from qa_service.states import CallState, ReviewState, Stage, TaskStatus

Json = JSON().with_variant(JSONB(), "postgresql")
Id = BigInteger().with_variant(Integer(), "sqlite")
Key = String(100)
Sha256 = String(64)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime: UTC in the database, UTC when read; SQLite, which has no zones, gets it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive datetime is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant must carry its zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Yuan(TypeDecorator[Decimal]):
    """Money: ``Decimal`` yuan in code, whole fen in the database, exact and comparable on both kinds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """To fen, halves rounded to even."""
        return None if value is None else int((value * 100).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """To yuan with two places."""
        return None if value is None else Decimal(value).scaleb(-2)


def _keyed(kind: type[Labelled]) -> Enum:
    """A column of enum keys, kept as text."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda members: [m.value for m in members])


class Table(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy's own class attribute


def _call_key(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    return mapped_column(Key, ForeignKey("call.call_id"), primary_key=primary_key, index=index)


class CallRow(Table):
    """One call as it came in.

    ``day`` is the local date of ``started_at`` in the zone it was sent with; ``document`` is the call as
    ``documents.call_document``; ``content_hash`` covers it and the recording, for idempotent intake.
    A call recorded as one file per side has the agent's under ``recording_sha256`` and the customer's under
    ``other_side_sha256``. ``debtor_speech_ms`` is filled in by the transcription.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(None, "started_at", "call_id"),
        Index(None, "received_at", "call_id"),
        Index(None, "agent_id", "started_at"),
        Index(None, "team", "started_at"),
        Index(None, "debtor_id", "started_at"),
        Index(None, "number_id", "started_at"),
        Index(None, "state"),
    )

    call_id: Mapped[str] = mapped_column(Key, primary_key=True)
    started_at: Mapped[datetime]
    day: Mapped[date]
    agent_id: Mapped[str | None] = mapped_column(Key)
    team: Mapped[str | None] = mapped_column(Key)
    debtor_id: Mapped[str | None] = mapped_column(Key)
    number_id: Mapped[str | None] = mapped_column(Key)
    direction: Mapped[Direction] = mapped_column(_keyed(Direction))
    callee: Mapped[Callee] = mapped_column(_keyed(Callee))
    connected: Mapped[bool | None]
    debtor_speech_ms: Mapped[int | None]
    billed_seconds: Mapped[int | None]
    outcome: Mapped[DialOutcome | None] = mapped_column(_keyed(DialOutcome))
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    content_hash: Mapped[str] = mapped_column(Sha256)
    recording_sha256: Mapped[str | None] = mapped_column(Sha256)
    other_side_sha256: Mapped[str | None] = mapped_column(Sha256)
    state: Mapped[CallState] = mapped_column(_keyed(CallState))
    received_at: Mapped[datetime]


class CallStateRow(Table):
    """One move of a call; append-only, ``seq`` from 1 without gaps, ``reason`` for refused and quarantined."""

    __tablename__ = "call_state"

    call_id: Mapped[str] = _call_key(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[CallState] = mapped_column(_keyed(CallState))
    reason: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str | None] = mapped_column(Key)
    at: Mapped[datetime]


class StageTaskRow(Table):
    """The work of one stage on one call.

    ``token`` is the fencing token: it grows with every hand-out, and only its holder may write a result. ``attempts``
    counts the claims since the last fresh start; ``not_before`` holds a task back after a failure.
    """

    __tablename__ = "stage_task"
    __table_args__ = (Index(None, "status", "lease_until"),)

    call_id: Mapped[str] = _call_key(primary_key=True)
    stage: Mapped[Stage] = mapped_column(_keyed(Stage), primary_key=True)
    status: Mapped[TaskStatus] = mapped_column(_keyed(TaskStatus))
    token: Mapped[int]
    attempts: Mapped[int]
    owner: Mapped[str | None] = mapped_column(String(200))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class OutboxRow(Table):
    """A ring of the doorbell, one per hand-out of a task: sent after the commit, again if nobody answers it.

    ``taken_at`` is when a worker claimed the task with this token; the rows are the history of tokens.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("call_id", "stage", "token"),
        Index(
            "ix_outbox_unanswered",
            "stage",
            "sent_at",
            "id",
            sqlite_where=text("taken_at IS NULL"),
            postgresql_where=text("taken_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = _call_key()
    stage: Mapped[Stage] = mapped_column(_keyed(Stage))
    token: Mapped[int]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]


class DecodedRow(Table):
    """Where the decoded audio of a call lies (relative to the data folder) and what it is."""

    __tablename__ = "decoded"

    call_id: Mapped[str] = _call_key(primary_key=True)
    token: Mapped[int]
    path: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime]


class TranscriptRow(Table):
    """What was heard of a call (``storage.payloads.transcript_document``), by which engine."""

    __tablename__ = "transcript"

    call_id: Mapped[str] = _call_key(primary_key=True)
    token: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    engine: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class VoiceRoleRow(Table):
    """A person's word on who speaks: ``voice`` is ``speaker``, so that the other voice is the other one.

    Append-only; the last row of a call counts, and holds for its transcript from then on.
    """

    __tablename__ = "voice_role"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = _call_key(index=True)
    voice: Mapped[Voice] = mapped_column(_keyed(Voice))
    speaker: Mapped[Speaker] = mapped_column(_keyed(Speaker))
    actor: Mapped[str] = mapped_column(Key)
    at: Mapped[datetime]


class AnalysisRow(Table):
    """One judgement of a call (``storage.payloads.judged_document``); append-only, one is ``current``.

    ``mark`` and ``veto`` are the machine's; what people decided is in ``review_event``.
    """

    __tablename__ = "analysis"
    __table_args__ = (
        Index(
            "uq_analysis_current",
            "call_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = _call_key(index=True)
    token: Mapped[int]
    current: Mapped[bool] = mapped_column(default=True)
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    rulebook: Mapped[str] = mapped_column(Text)
    engine: Mapped[str | None] = mapped_column(Text)
    mark: Mapped[int]
    veto: Mapped[VetoState] = mapped_column(_keyed(VetoState))
    created_at: Mapped[datetime]


class FindingRow(Table):
    """One finding of an analysis, for filtering; ``n`` is its place in the document's ``findings`` (from 0)."""

    __tablename__ = "finding"
    __table_args__ = (Index(None, "rule", "call_id"), Index(None, "category", "call_id"))

    analysis_id: Mapped[int] = mapped_column(Id, ForeignKey("analysis.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = _call_key(index=True)
    category: Mapped[Category] = mapped_column(_keyed(Category))
    rule: Mapped[str] = mapped_column(Key)
    severity: Mapped[Severity] = mapped_column(_keyed(Severity))
    status: Mapped[RuleStatus] = mapped_column(_keyed(RuleStatus))
    speaker: Mapped[Speaker] = mapped_column(_keyed(Speaker))
    turn: Mapped[int | None]
    quote: Mapped[str | None] = mapped_column(Text)
    needs_confirmation: Mapped[bool]


class PromisePaymentRow(Table):
    """One instalment of one promise of an analysis: ``promise`` and ``n`` count from 0."""

    __tablename__ = "promise_payment"
    __table_args__ = (Index(None, "due", "call_id"),)

    analysis_id: Mapped[int] = mapped_column(Id, ForeignKey("analysis.id"), primary_key=True)
    promise: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = _call_key(index=True)
    amount: Mapped[Decimal | None] = mapped_column(Yuan())
    due: Mapped[date | None]
    standing: Mapped[bool]


class ReviewItemRow(Table):
    """A judged call that a person must look at; ``rank`` is the urgency of its queue (0 first).

    A call has one item for good: judged anew, the item follows the new judgement or, decided, goes back to open.
    ``reasons`` is the JSON of every ``Reason``; ``state`` and ``claimed_by`` cache the last ``review_event``.
    """

    __tablename__ = "review_item"
    __table_args__ = (
        UniqueConstraint("call_id"),
        Index(None, "state", "rank", "due_at", "id"),
        Index(None, "agent_id", "id"),
        Index(None, "team", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = _call_key()
    analysis_id: Mapped[int] = mapped_column(Id, ForeignKey("analysis.id"))
    queue: Mapped[Queue] = mapped_column(_keyed(Queue))
    rank: Mapped[int]
    due_at: Mapped[datetime]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    state: Mapped[ReviewState] = mapped_column(_keyed(ReviewState))
    claimed_by: Mapped[str | None] = mapped_column(Key)
    agent_id: Mapped[str | None] = mapped_column(Key)
    team: Mapped[str | None] = mapped_column(Key)
    created_at: Mapped[datetime]


class ReviewEventRow(Table):
    """One move of a review item, with what was decided in ``body``; append-only, ``seq`` from 1 without gaps."""

    __tablename__ = "review_event"

    item_id: Mapped[int] = mapped_column(Id, ForeignKey("review_item.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[ReviewState] = mapped_column(_keyed(ReviewState))
    actor: Mapped[str | None] = mapped_column(Key)
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]] = mapped_column(Json)


class UserRow(Table):
    """A person or a machine that may sign in; ``roles`` and ``teams`` are lists of keys."""

    __tablename__ = "user_account"

    name: Mapped[str] = mapped_column(Key, primary_key=True)
    roles: Mapped[list[str]] = mapped_column(Json)
    agent_id: Mapped[str | None] = mapped_column(Key)
    teams: Mapped[list[str]] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class AccessTokenRow(Table):
    """A bearer token, kept as the SHA-256 of its text alone."""

    __tablename__ = "access_token"

    token_sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    user_name: Mapped[str] = mapped_column(Key, ForeignKey("user_account.name"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AccessLogRow(Table):
    """Who did what that must be journalled (listening, saying who speaks); append-only, ids only."""

    __tablename__ = "access_log"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(Key)
    action: Mapped[str] = mapped_column(Key)
    call_id: Mapped[str | None] = mapped_column(Key, index=True)
    granted: Mapped[bool]
