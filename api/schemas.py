"""The JSON of the API: what goes in and what comes out, with examples. Times within a call are seconds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api import examples
from api.rule_schemas import GroundOut
from qa_service.call import Callee, Direction, Speaker
from qa_service.judgement import Category, DisclosureStatus, Queue, RuleStatus, Severity, Verdict, VetoState
from qa_service.states import CallState, ReviewState

T = TypeVar("T")

# No control characters: a database text cannot hold NUL, and no identifier holds the others.
Key = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(from_attributes=True, json_schema_extra={"example": value})


class PageOf(BaseModel, Generic[T]):
    """One page; ``next`` goes into ``cursor`` of the following request."""

    items: list[T]
    next: str | None = Field(description="下一页的翻页标记；没有下一页时为 null")


class ReceivedOut(BaseModel):
    """The answer to an accepted call."""

    model_config = _example({"call_id": "c-20260312-0007", "state": "received", "already_known": False})

    call_id: str
    state: CallState
    already_known: bool = Field(description="同一通话此前已收到，没有重复入库")


class CallOut(BaseModel):
    """One call in a list."""

    model_config = _example(examples.SUMMARY)

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
    reason: str | None = Field(description="无法受理或已隔离的原因")
    machine_mark: int | None = Field(description="机器评分；未质检为 null")
    mark: int | None = Field(description="生效评分（含人工复核）；未质检为 null")
    veto: VetoState | None


class MoveOut(BaseModel):
    """One move of a call."""

    model_config = ConfigDict(from_attributes=True)

    state: CallState
    at: datetime
    reason: str | None
    actor: str | None


class CallDetailOut(CallOut):
    """One call with its call data and its history."""

    model_config = _example(examples.DETAIL)

    call: dict[str, Any] = Field(description="随录参数，原样")
    moves: list[MoveOut]
    review_item: int | None = Field(description="复核任务的编号；无须复核为 null")


class DeductionOut(BaseModel):
    """Points taken for one hit."""

    model_config = ConfigDict(from_attributes=True)

    rule: str
    label: str
    severity: Severity
    points: int
    turn: int | None


class MarkOut(BaseModel):
    """One reading of the mark."""

    model_config = _example(examples.SCORECARD)

    mark: int
    veto: VetoState
    scheme: str
    deductions: list[DeductionOut]


class DecisionOut(BaseModel):
    """What a person decided."""

    model_config = ConfigDict(from_attributes=True)

    actor: str
    at: datetime
    state: ReviewState
    verdicts: dict[int, Verdict] = Field(description="发现的序号（从 0 起）到结论")
    note: str | None


class ScorecardOut(BaseModel):
    """The mark in its three readings."""

    model_config = _example(examples.SCORECARDS)

    call_id: str
    started_at: datetime
    agent_id: str | None
    team: str | None
    judged_at: datetime
    rulebook: str
    machine: MarkOut = Field(description="机器评分")
    decisions: list[DecisionOut] = Field(description="人工结论，按时间先后")
    effective: MarkOut = Field(description="生效评分：机器评分加人工结论")


class ReasonOut(BaseModel):
    """Why a person must look."""

    model_config = ConfigDict(from_attributes=True)

    queue: Queue
    text: str
    rule: str | None
    turn: int | None


class FindingOut(BaseModel):
    """One finding; ``start`` and ``end`` are character offsets in the turn."""

    model_config = _example(examples.FINDING)

    number: int = Field(description="序号，从 0 起；复核结论按它指明")
    category: Category
    rule: str
    label: str
    severity: Severity
    status: RuleStatus
    speaker: Speaker
    turn: int | None
    quote: str | None
    start: int | None
    end: int | None
    facts: list[str] = Field(description="词句以外的依据（随录参数、历史通话）")
    confidence: float
    heard: float | None = Field(description="引文各字的平均识别把握（0 到 1）；空：文字不是本系统识别的")
    heard_least: float | None = Field(description="引文中把握最小的一个字的识别把握")
    play_from: float | None = Field(description="引文在录音中的起点（秒）")
    play_to: float | None = Field(description="引文在录音中的终点（秒）")
    by: str
    needs_confirmation: bool
    because: str | None
    ground: GroundOut | None = Field(description="规则与限额的出处；旧版本判的为空")


class DisclosuresOut(BaseModel):
    """The four duties of the opening."""

    agent: DisclosureStatus
    company: DisclosureStatus
    principal: DisclosureStatus
    recording: DisclosureStatus


class ChecklistOut(BaseModel):
    """Good conduct; null where it does not apply or cannot be judged."""

    model_config = ConfigDict(from_attributes=True)

    greeting: bool | None
    verification: bool | None
    recap: bool | None
    closing: bool | None


class CannotJudgeOut(BaseModel):
    """A rule that could not be decided, and why."""

    model_config = ConfigDict(from_attributes=True)

    rule: str
    because: str


class SpikeOut(BaseModel):
    """A turn whose speaker loses composure."""

    model_config = ConfigDict(from_attributes=True)

    speaker: Speaker
    turn: int
    signals: list[str]
    sound_alone: bool = Field(description="没有词句，仅凭声音；不对应任何规则，不扣分")


class SideOut(BaseModel):
    """How one side talked."""

    speech: float = Field(description="说话秒数")
    talk_share: float
    chars_per_minute: float | None
    interruptions: int | None
    monologue: float
    response: float | None


class EventOut(BaseModel):
    """A stretch that a number was counted from; in seconds."""

    start: float
    end: float
    by: Speaker | None


class MeasureOut(BaseModel):
    """What a number means."""

    model_config = ConfigDict(from_attributes=True)

    label: str
    unit: str
    definition: str


class MetricsOut(BaseModel):
    """How the call went as sound; in seconds."""

    duration: float
    agent: SideOut
    customer: SideOut
    silence: float
    longest_silence: float
    overlap: float | None
    overlap_unknown: str | None = Field(description="分不出是否同时说话的原因")
    ring_back: float
    hold: float
    waiting_share: float
    silences: list[EventOut]
    overlaps: list[EventOut]
    interruptions: list[EventOut]
    definitions: dict[str, MeasureOut] = Field(description="每个数字的名称、单位与定义")


class PaymentOut(BaseModel):
    """One instalment."""

    model_config = ConfigDict(from_attributes=True)

    amount: Decimal | None
    due: date | None


class PromiseBrief(BaseModel):
    """One promise as a review item shows it."""

    model_config = ConfigDict(from_attributes=True)

    turns: list[int]
    payments: list[PaymentOut]
    standing: bool


class AnalysisOut(BaseModel):
    """Everything the machine judged of one call."""

    model_config = _example(examples.ANALYSIS)

    call_id: str
    disclosures: DisclosuresOut
    checklist: ChecklistOut
    findings: list[FindingOut]
    cannot_judge: list[CannotJudgeOut]
    emotion: list[SpikeOut]
    promises: list[PromiseBrief]
    metrics: MetricsOut | None
    scorecard: MarkOut
    rulebook: str
    engine: str | None


class ReviewItemOut(BaseModel):
    """One call that a person must look at."""

    model_config = _example(examples.REVIEW_ITEM)

    id: int
    call_id: str
    started_at: datetime
    agent_id: str | None
    team: str | None
    queue: Queue
    due_at: datetime
    state: ReviewState
    claimed_by: str | None
    reasons: list[ReasonOut]
    machine_mark: int
    mark: int
    veto: VetoState
    worst: FindingOut | None = Field(description="最严重的一处发现")
    worst_at: float | None = Field(description="该处在录音里的秒数")
    promises: list[PromiseBrief]


class PromiseOut(BaseModel):
    """One instalment that a customer promised."""

    model_config = _example(examples.PROMISE)

    call_id: str
    started_at: datetime
    agent_id: str | None
    team: str | None
    debtor_id: str | None
    promise: int
    payment: int
    amount: Decimal | None = Field(description="元；未说明为 null")
    due: date | None = Field(description="日期；未说明为 null")
    standing: bool = Field(description="通话结束时仍然有效")


class FindingVerdictIn(BaseModel):
    """A person's verdict on one finding."""

    model_config = ConfigDict(extra="forbid")

    finding: int = Field(ge=0, le=2**31 - 1, description="发现的序号，从 0 起，与 analysis 里的次序一致")
    verdict: Verdict


class DecisionIn(BaseModel):
    """A decision: one verdict for all findings, verdicts finding by finding, or both (the single ones win)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"verdict": "confirm", "note": "原话清楚，属实"},
                {"verdicts": [{"finding": 0, "verdict": "overturn"}], "note": "是客户的话"},
            ]
        },
    )

    verdict: Verdict | None = Field(default=None, description="对全部发现的结论")
    verdicts: list[FindingVerdictIn] = Field(default=[], max_length=1000, description="逐处结论")
    note: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] | None = Field(
        default=None, description="说明，坐席可见"
    )

    @model_validator(mode="after")
    def _each_finding_once(self) -> Self:
        numbers = [item.finding for item in self.verdicts]
        if len(numbers) != len(set(numbers)):
            raise ValueError("同一处发现只能有一个结论")
        return self
