"""Calls: sending them in, looking at them, listening to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, TypeAdapter

from api import examples
from api.paging import Cursor, Limit, decode_cursor, encode_cursor
from api.problems import declared
from api.recordings import check_range, media_type_of
from api.schemas import (
    AnalysisOut,
    CallDetailOut,
    CallOut,
    Key,
    PageOf,
    ReceivedOut,
    ScorecardOut,
)
from api.security import BackendOf, CallListener, CallReader, CallRetrier, ScorecardReader, VoiceAssigner
from api.submission import Submitted
from api.transcript_schemas import TranscriptOut, VoiceRoleIn
from api.wire import analysis_out, call_detail_out, transcript_out
from qa_service.actions import queries
from qa_service.actions.intake import receive_call
from qa_service.actions.queueing import retry_call
from qa_service.actions.views import CallKey
from qa_service.actions.voices import set_voice_role
from qa_service.call import Speaker
from qa_service.states import CallState

router = APIRouter(prefix="/calls", tags=["通话"])

CALL_KEY: TypeAdapter[CallKey] = TypeAdapter(tuple[AwareDatetime, Key])
CallId = Annotated[Key, Path(description="通话编号", examples=["c-20260312-0007"])]

_READ = ("not-signed-in", "too-many-attempts", "not-allowed", "not-found", "input-refused", "database-unavailable")
_LIST = ("not-signed-in", "too-many-attempts", "not-allowed", "input-refused", "database-unavailable")

_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/CallDocument"},
            "example": examples.CALL,
        },
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["call"],
                "properties": {
                    "call": {"type": "string", "description": "通话数据（JSON 文本）"},
                    "recording": {
                        "type": "string",
                        "format": "binary",
                        "description": "录音文件；两侧分文件时为坐席侧",
                    },
                    "other_side": {
                        "type": "string",
                        "format": "binary",
                        "description": "两侧分文件时的客户侧录音",
                    },
                },
            },
            "example": {"call": '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"}', "recording": "…"},
        },
    },
}


@router.post(
    "",
    status_code=202,
    summary="提交一通通话",
    response_model=ReceivedOut,
    responses={
        200: {"description": "此前已收到同一通话", "model": ReceivedOut},
        **declared(*_LIST, "conflict", "too-large", "unsupported-media-type", "malformed"),
    },
    openapi_extra={"requestBody": _BODY},
)
def submit_call(submission: Submitted, backend: BackendOf, response: Response) -> ReceivedOut:
    """通话数据加录音（multipart），或通话数据加文本（JSON）；两者皆无则按话单入库，录音可以后补。按编号与内容幂等。"""
    received = receive_call(backend, submission.call, submission.recording, submission.other_side)
    response.headers["Location"] = f"/api/v1/calls/{received.call_id}"
    if received.already_known:
        response.status_code = 200
    return ReceivedOut.model_validate(received)


@router.get("", summary="通话列表", responses=declared(*_LIST))
def list_calls(
    actor: CallReader,
    backend: BackendOf,
    agent: Annotated[Key | None, Query(description="坐席工号")] = None,
    team: Annotated[Key | None, Query(description="班组")] = None,
    state: Annotated[CallState | None, Query(description="处理状态")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="通话开始不早于")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="通话开始早于")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOf[CallOut]:
    """可见范围内的通话，最近的在前。"""
    which = queries.CallFilter(agent=agent, team=team, state=state, since=since, until=until)
    page = queries.list_calls(backend, actor, which, after=decode_cursor(cursor, CALL_KEY), limit=limit)
    return PageOf(
        items=[CallOut.model_validate(view) for view in page.items],
        next=encode_cursor(page.next, CALL_KEY) if page.next is not None else None,
    )


@router.get("/{call_id}", summary="一通通话", responses=declared(*_READ))
def show_call(call_id: CallId, actor: CallReader, backend: BackendOf) -> CallDetailOut:
    """随录参数、当前状态与每一步经过。"""
    return call_detail_out(queries.show_call(backend, actor, call_id))


@router.get("/{call_id}/transcript", summary="通话文本", responses=declared(*_READ))
def show_transcript(call_id: CallId, actor: CallReader, backend: BackendOf) -> TranscriptOut:
    """识别或导入的文本，逐轮次，时间为秒。"""
    return transcript_out(queries.show_transcript(backend, actor, call_id))


@router.get("/{call_id}/analysis", summary="质检结果", responses=declared(*_READ))
def show_analysis(call_id: CallId, actor: CallReader, backend: BackendOf) -> AnalysisOut:
    """告知义务、服务要点、逐处发现及原话、情绪、承诺、语音指标，以及机器评分。"""
    return analysis_out(queries.show_analysis(backend, actor, call_id))


@router.get("/{call_id}/scorecard", summary="通话评分", responses=declared(*_READ))
def show_scorecard(call_id: CallId, actor: ScorecardReader, backend: BackendOf) -> ScorecardOut:
    """机器评分、人工结论与生效评分，三者分列。"""
    return ScorecardOut.model_validate(queries.show_scorecard(backend, actor, call_id), from_attributes=True)


@router.get(
    "/{call_id}/audio",
    summary="收听录音",
    response_class=FileResponse,
    responses={
        200: {"description": "整段录音", "content": {"audio/*": {"example": "（音频字节）"}}},
        206: {"description": "录音的一段", "content": {"audio/*": {"example": "（音频字节）"}}},
        **declared(*_READ, "range-not-satisfiable"),
    },
)
def listen(
    call_id: CallId,
    actor: CallListener,
    backend: BackendOf,
    request: Request,
    side: Annotated[Speaker, Query(description="两侧分文件录音时听哪一侧")] = Speaker.AGENT,
) -> FileResponse:
    """支持 Range；每次收听都记入审计日志。两侧分文件的录音用 `side` 选一侧。"""
    recording = queries.open_recording(backend, actor, call_id, side=side)
    if "if-range" not in request.headers:
        check_range(request.headers.get("range"), recording.path.stat().st_size)
    headers = {
        "ETag": f'"{recording.sha256}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(recording.path, media_type=media_type_of(recording.path), headers=headers)


@router.post(
    "/{call_id}/voices",
    status_code=202,
    summary="指定说话人",
    responses={
        200: {"description": "与此前的指定相同，没有变化", "model": CallDetailOut},
        **declared(*_READ, "conflict"),
    },
)
def set_voice(
    call_id: CallId, body: VoiceRoleIn, actor: VoiceAssigner, backend: BackendOf, response: Response
) -> CallDetailOut:
    """指定整通通话中一个声音（或声道）是谁，另一个随之确定；原始识别结果保留，通话按指定重新质检。"""
    if not set_voice_role(backend, actor, call_id, body.voice, body.speaker):
        response.status_code = 200
    return call_detail_out(queries.show_call(backend, actor, call_id))


@router.post("/{call_id}/retry", status_code=202, summary="重新处理", responses=declared(*_READ, "conflict"))
def retry(call_id: CallId, actor: CallRetrier, backend: BackendOf) -> CallDetailOut:
    """把无法受理或已隔离的通话放回失败的那一步，重新计次。"""
    retry_call(backend, call_id, actor)
    return call_detail_out(queries.show_call(backend, actor, call_id))
