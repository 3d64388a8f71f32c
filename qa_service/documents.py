"""The wire format of a call: the JSON object of the contract, to and from ``Call``.

Times are seconds in JSON and milliseconds in code; unknown keys are kept under ``extra``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, ValidationError

from qa_service.call import (
    Call,
    Callee,
    Case,
    ConsentWindow,
    DebtorCondition,
    DialOutcome,
    Direction,
    LegalStage,
    LenderKind,
    Org,
    OrgKind,
    Recording,
    Speaker,
    ThirdParty,
)
from qa_service.errors import InputRefused
from qa_service.turn_documents import MAX_CALL_SECONDS, Document, TurnDocument, turn_document

# Instants outside these years are typing errors, and some of them cannot be turned into UTC at all.
Yuan = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1990, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]


class OrgDocument(Document):
    """The caller's house."""

    kind: OrgKind | None = None
    names: tuple[str, ...] = ()
    caller_ids: tuple[str, ...] = ()


class PrincipalDocument(Document):
    """The creditor the call is made for."""

    names: tuple[str, ...] = ()


class RecordingDocument(Document):
    """Where the audio lies."""

    path: str
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    channels: dict[str, Speaker] = Field(default_factory=dict)
    line: str | None = Field(default=None, max_length=100)
    other_side: str | None = Field(default=None, description="Second file of a call recorded one file per side.")
    other_side_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class ConsentWindowDocument(Document):
    """A span agreed with the debtor."""

    start: Moment
    end: Moment


class ThirdPartyDocument(Document):
    """Somebody other than the debtor who is on file."""

    relation: str | None = None
    number_id: str | None = Field(default=None, max_length=100)
    debt_related: bool | None = None
    stop: bool | None = None


class CaseDocument(Document):
    """The debt at call time."""

    overdue_days: int | None = Field(default=None, ge=0, le=36500)
    balance: Yuan | None = None
    overdue_amount: Yuan | None = None
    principal: Yuan | None = None
    minimum_due: Yuan | None = None
    lender_kind: LenderKind | None = None
    rate_cap: Decimal | None = Field(default=None, ge=0, le=1000, description="Highest yearly rate allowed, percent.")
    last_payment_on: date | None = None
    legal_stage: LegalStage | None = None
    debtor_condition: DebtorCondition | None = None
    waiver_id: str | None = None
    repay_channels: tuple[str, ...] = ()
    consent_windows: tuple[ConsentWindowDocument, ...] = ()
    third_parties: tuple[ThirdPartyDocument, ...] = ()


class CallDocument(Document):
    """One call as the firm's systems send it. Only ``call_id`` and ``started_at`` (with its zone) are required."""

    call_id: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")
    started_at: Moment
    answered_at: Moment | None = None
    ended_at: Moment | None = None
    direction: Direction = Direction.OUTBOUND
    agent_id: str | None = Field(default=None, max_length=100)
    team: str | None = Field(default=None, max_length=100)
    org: OrgDocument = OrgDocument()
    principal: PrincipalDocument = PrincipalDocument()
    case_id: str | None = Field(default=None, max_length=100)
    debtor_id: str | None = Field(default=None, max_length=100)
    number_id: str | None = Field(default=None, max_length=100)
    caller_id: str | None = Field(default=None, max_length=100)
    callee: Callee = Callee.UNKNOWN
    ai_voice: bool = False
    ivr_recording_notice: bool | None = None
    billed_seconds: int | None = Field(default=None, ge=0, le=MAX_CALL_SECONDS)
    outcome: DialOutcome | None = None
    recording: RecordingDocument | None = None
    case: CaseDocument = CaseDocument()
    turns: tuple[TurnDocument, ...] = Field(default=(), max_length=20_000)

    def to_call(self) -> Call:
        """The call in the service's own types, unknown keys under ``extra``."""
        return Call(
            call_id=self.call_id,
            started_at=self.started_at,
            answered_at=self.answered_at,
            ended_at=self.ended_at,
            direction=self.direction,
            agent_id=self.agent_id,
            team=self.team,
            org=Org(kind=self.org.kind, names=self.org.names, caller_ids=self.org.caller_ids),
            principal_names=self.principal.names,
            case_id=self.case_id,
            debtor_id=self.debtor_id,
            number_id=self.number_id,
            caller_id=self.caller_id,
            callee=self.callee,
            ai_voice=self.ai_voice,
            ivr_recording_notice=self.ivr_recording_notice,
            billed_seconds=self.billed_seconds,
            outcome=self.outcome,
            recording=_recording(self.recording),
            case=_case(self.case),
            turns=tuple(turn.to_turn() for turn in self.turns),
            extra=MappingProxyType(dict(self.model_extra or {})),
        )


def _recording(document: RecordingDocument | None) -> Recording | None:
    if document is None:
        return None
    return Recording(
        path=document.path,
        sha256=document.sha256,
        channels=MappingProxyType(document.channels),
        line=document.line,
        other_side=document.other_side,
        other_side_sha256=document.other_side_sha256,
    )


def _case(document: CaseDocument) -> Case:
    return Case(
        overdue_days=document.overdue_days,
        balance=document.balance,
        overdue_amount=document.overdue_amount,
        principal=document.principal,
        minimum_due=document.minimum_due,
        lender_kind=document.lender_kind,
        rate_cap=document.rate_cap,
        last_payment_on=document.last_payment_on,
        legal_stage=document.legal_stage,
        debtor_condition=document.debtor_condition,
        waiver_id=document.waiver_id,
        repay_channels=document.repay_channels,
        consent_windows=tuple(ConsentWindow(start=w.start, end=w.end) for w in document.consent_windows),
        third_parties=tuple(
            ThirdParty(relation=p.relation, number_id=p.number_id, debt_related=p.debt_related, stop=p.stop)
            for p in document.third_parties
        ),
    )


def parse_call(data: Mapping[str, Any], where: str = "通话数据") -> Call:
    """Read one call object.

    Raises:
        InputRefused: naming the place (``where`` and the key) and what is wrong there.
    """
    if _holds_nul(data):
        raise InputRefused(f"{where}：含有空字符（U+0000），任何数据库都存不下，请去掉。")
    try:
        return CallDocument.model_validate(data).to_call()
    except ValidationError as error:
        raise InputRefused(f"{where}：{describe(error)}") from error


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case Mapping():
            return any(_holds_nul(part) for pair in value.items() for part in pair)
        case list() | tuple():
            return any(_holds_nul(part) for part in value)
        case _:
            return False


def describe(error: ValidationError) -> str:
    """The first complaints of a validation error as one sentence, keys dotted."""
    parts = []
    for item in error.errors()[:5]:
        key = ".".join(str(step) for step in item["loc"]) or "整个对象"
        parts.append(f"{key} {_in_chinese(item['type'], item['msg'], item.get('ctx', {}))}")
    return "；".join(parts) + "。"


_COMPLAINTS = {
    "missing": "缺失，请补上",
    "timezone_aware": "没有时区，请写成 2026-03-12T14:05:00+08:00 的样子",
    "extra_forbidden": "不是已知的键",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "过大或过小",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "string_type": "应为文字",
    "string_too_short": "太短，至少 {min_length} 个字",
    "string_too_long": "太长，至多 {max_length} 个字",
    "string_pattern_mismatch": "写法不对，应合乎 {pattern}",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "项数太少，至少 {min_length} 项",
    "too_long": "项数太多，至多 {max_length} 项",
    "decimal_type": "应为金额，例如 10900.00",
    "decimal_parsing": "应为金额，例如 10900.00",
    "decimal_max_digits": "数字太长，至多 {max_digits} 位",
    "decimal_max_places": "小数太长，至多 {decimal_places} 位",
    "decimal_whole_digits": "整数部分太长，至多 {whole_digits} 位",
    "date_type": "应为日期，例如 2026-03-12",
    "date_parsing": "应为日期，例如 2026-03-12",
    "date_from_datetime_parsing": "应为日期，例如 2026-03-12",
    "date_from_datetime_inexact": "应为日期，不带时刻，例如 2026-03-12",
    "datetime_type": "应为时间，例如 2026-03-12T14:05:00+08:00",
    "datetime_parsing": "应为时间，例如 2026-03-12T14:05:00+08:00",
    "datetime_from_date_parsing": "应为时间，例如 2026-03-12T14:05:00+08:00",
    "time_parsing": "应为时刻，例如 21:00:00",
    "greater_than": "过小，应大于 {gt}",
    "less_than": "过大，应小于 {lt}",
    "greater_than_equal": "过小或过早",
    "less_than_equal": "过大或过晚",
}
"""What a person reads for each kind of complaint of the validator; braces take the limits that come with it."""


def _in_chinese(kind: str, message: str, limits: Mapping[str, object]) -> str:
    expected = limits.get("expected")
    if expected is not None:  # the members of an enum, as the validator lists them in English
        return f"应为 {str(expected).replace(' or ', '、').replace(', ', '、')} 之一"
    known = _COMPLAINTS.get(kind)
    return f"有误（{message}）" if known is None else known.format_map(limits)


def call_document(call: Call) -> dict[str, Any]:
    """The JSON object of a call, keys of the contract, absent values left out."""
    document: dict[str, Any] = dict(call.extra)
    document.update(
        call_id=call.call_id,
        started_at=call.started_at.isoformat(),
        answered_at=_iso(call.answered_at),
        ended_at=_iso(call.ended_at),
        direction=call.direction.value,
        agent_id=call.agent_id,
        team=call.team,
        org=_org_document(call.org),
        principal={"names": list(call.principal_names)},
        case_id=call.case_id,
        debtor_id=call.debtor_id,
        number_id=call.number_id,
        caller_id=call.caller_id,
        callee=call.callee.value,
        ai_voice=call.ai_voice,
        ivr_recording_notice=call.ivr_recording_notice,
        billed_seconds=call.billed_seconds,
        outcome=call.outcome.value if call.outcome else None,
        recording=_recording_document(call.recording),
        case=_case_document(call.case),
        turns=[turn_document(turn) for turn in call.turns],
    )
    return {key: value for key, value in document.items() if value is not None}


def _org_document(org: Org) -> dict[str, Any]:
    document = {"kind": org.kind.value if org.kind else None, "names": list(org.names)}
    return document | ({"caller_ids": list(org.caller_ids)} if org.caller_ids else {})


def _recording_document(recording: Recording | None) -> dict[str, Any] | None:
    if recording is None:
        return None
    channels = {side: speaker.value for side, speaker in recording.channels.items()}
    document = {
        "path": recording.path,
        "sha256": recording.sha256,
        "channels": channels,
        "line": recording.line,
        "other_side": recording.other_side,
        "other_side_sha256": recording.other_side_sha256,
    }
    return {key: value for key, value in document.items() if value is not None}


def _case_document(case: Case) -> dict[str, Any]:
    document = {
        "overdue_days": case.overdue_days,
        "balance": str(case.balance) if case.balance is not None else None,
        "legal_stage": case.legal_stage.value if case.legal_stage else None,
        "waiver_id": case.waiver_id,
        "repay_channels": list(case.repay_channels),
        "consent_windows": [{"start": w.start.isoformat(), "end": w.end.isoformat()} for w in case.consent_windows],
        "third_parties": [_third_party_document(person) for person in case.third_parties],
    }
    later = {
        "debtor_condition": case.debtor_condition.value if case.debtor_condition else None,
        "overdue_amount": _plain(case.overdue_amount),
        "principal": _plain(case.principal),
        "minimum_due": _plain(case.minimum_due),
        "lender_kind": case.lender_kind.value if case.lender_kind else None,
        "rate_cap": _plain(case.rate_cap),
        "last_payment_on": case.last_payment_on.isoformat() if case.last_payment_on else None,
    }
    # Absent, they must not change what calls taken in before they were known are known by.
    return document | {key: value for key, value in later.items() if value is not None}


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _third_party_document(person: ThirdParty) -> dict[str, Any]:
    document = {"relation": person.relation, "debt_related": person.debt_related, "stop": person.stop}
    return document | ({"number_id": person.number_id} if person.number_id is not None else {})


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
