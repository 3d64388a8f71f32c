"""Errors as ``application/problem+json`` (RFC 9457): a stable ``type``, and a sentence to the person who asked."""

from __future__ import annotations

import errno
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from qa_service.errors import InputRefused, QaError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a problem type answers with; ``title`` never changes for a meaning."""

    status: int
    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    "malformed": Kind(status=400, title="请求格式有误", remedy="请检查请求的写法是否完整。"),
    "not-signed-in": Kind(status=401, title="未登录", remedy="请在 Authorization 头里带上有效的令牌（Bearer …）。"),
    "not-allowed": Kind(status=403, title="没有权限", remedy="请换用有此权限的角色，或联系管理员。"),
    "not-found": Kind(status=404, title="没有找到", remedy="请核对编号；不属于您可见范围的对象同样答为没有找到。"),
    "method-not-allowed": Kind(status=405, title="不支持的方法", remedy="请按接口说明使用正确的 HTTP 方法。"),
    "conflict": Kind(status=409, title="状态冲突", remedy="请重新读取该对象的当前状态后再试。"),
    "too-large": Kind(status=413, title="内容过大", remedy="请压缩或拆分录音；上限由 QA_MAX_UPLOAD_MIB 设定。"),
    "unsupported-media-type": Kind(
        status=415, title="不支持的内容类型", remedy="请使用 application/json 或 multipart/form-data。"
    ),
    "range-not-satisfiable": Kind(status=416, title="范围超出录音", remedy="请按录音的实际长度请求。"),
    "input-refused": Kind(status=422, title="内容不能接受", remedy="请按 detail 指出的位置修改后再提交。"),
    "recording-refused": Kind(status=422, title="录音不能接受", remedy="请换一个可以播放的录音文件。"),
    "too-many-attempts": Kind(status=429, title="尝试过于频繁", remedy="请稍候再试，间隔见 Retry-After。"),
    "error": Kind(status=500, title="服务内部错误", remedy="请把 instance 里的编号告诉管理员。"),
    "queue-unavailable": Kind(status=503, title="队列不可用", remedy="请管理员检查 Redis；稍后重试即可。"),
    "database-unavailable": Kind(status=503, title="数据库不可用", remedy="请管理员检查数据库；稍后重试即可。"),
    "storage-unavailable": Kind(status=503, title="磁盘已满", remedy="请管理员清出空间；之后重试即可。"),
    "engine-unavailable": Kind(status=503, title="识别引擎不可用", remedy="请管理员检查识别模型的设置。"),
    "lexicon-invalid": Kind(status=503, title="规则文件有误", remedy="请管理员运行 qa-service lexicons check。"),
    "settings-invalid": Kind(status=503, title="设置有误", remedy="请管理员检查 QA_ 开头的设置。"),
}

_BY_STATUS = {
    400: "malformed",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    416: "range-not-satisfiable",
}


class MediaTypeRefused(InputRefused):
    """The body is of a type this route does not read."""

    kind = "unsupported-media-type"


class TooLarge(InputRefused):
    """The body is larger than the service takes."""

    kind = "too-large"


class TooManyAttempts(QaError):
    """Too many failed sign-ins from one place; ``retry_after`` is in seconds."""

    kind = "too-many-attempts"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Place(BaseModel):
    """One wrong spot of a request."""

    where: str = Field(description="位置，键以点号相连", examples=["query.limit"])
    what: str = Field(description="有何问题", examples=["应不大于 200"])


class Problem(BaseModel):
    """The body of every error."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/problems/not-found",
                "title": "没有找到",
                "status": 404,
                "detail": "没有编号为 c-1 的通话。",
            }
        }
    )

    type: str = Field(description="稳定的错误类型，可据此编程")
    title: str = Field(description="该类型的名称")
    status: int = Field(description="HTTP 状态码")
    detail: str = Field(description="这一次的原因与办法")
    instance: str | None = Field(default=None, description="这一次错误的编号（仅内部错误）")
    errors: list[Place] | None = Field(default=None, description="逐处说明（仅内容错误）")


def problem_response(
    kind: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: list[Place] | None = None,
    instance: str | None = None,
) -> JSONResponse:
    """The response for one problem; an unknown ``kind`` answers as an internal error."""
    known = KINDS.get(kind)
    slug, entry = (kind, known) if known is not None else ("error", KINDS["error"])
    body = Problem(
        type=TYPE_PREFIX + slug, title=entry.title, status=entry.status, detail=detail, errors=errors, instance=instance
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status_code=entry.status, headers=headers, media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem."""
    app.add_exception_handler(QaError, _on_qa_error)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(OSError, _on_system)
    app.add_exception_handler(Exception, _on_surprise)


def _on_qa_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, QaError)  # noqa: S101 - the handler is registered for this type
    headers: dict[str, str] = {}
    if error.kind == "not-signed-in":
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after)
    return problem_response(error.kind, str(error), headers=headers)


def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is registered for this type
    places = [
        Place(where=".".join(str(step) for step in item["loc"]), what=in_chinese(item)) for item in error.errors()[:20]
    ]
    detail = "；".join(f"{place.where} {place.what}" for place in places[:5]) + "。"
    return problem_response("input-refused", detail, errors=places)


def in_chinese(item: Mapping[str, object]) -> str:
    """The complaint of one validation error in plain words."""
    limits = item.get("ctx")
    ctx: Mapping[str, object] = limits if isinstance(limits, Mapping) else {}
    sentences = {
        "missing": "缺失，请补上",
        "greater_than_equal": f"应不小于 {ctx.get('ge')}",
        "less_than_equal": f"应不大于 {ctx.get('le')}",
        "int_parsing": "应为整数",
        "int_parsing_size": "数字过大",
        "enum": f"应为 {ctx.get('expected')} 之一",
        "string_too_long": f"不能超过 {ctx.get('max_length')} 个字",
        "string_too_short": "不能为空",
        "string_pattern_mismatch": "含有不允许的字符",
        "timezone_aware": "没有时区，请写成 2026-03-12T14:05:00+08:00 的样子",
        "datetime_from_date_parsing": "不是时间，请写成 2026-03-12T14:05:00+08:00 的样子",
        "datetime_parsing": "不是时间，请写成 2026-03-12T14:05:00+08:00 的样子",
        "date_from_datetime_parsing": "不是日期，请写成 2026-03-12 的样子",
        "json_invalid": "不是有效的 JSON",
        "extra_forbidden": "不是已知的键",
        "value_error": str(ctx.get("error", "有误")),
    }
    return sentences.get(str(item.get("type")), f"有误（{item.get('msg')}）")


def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is registered for this type
    kind = _BY_STATUS.get(error.status_code, "error")
    return problem_response(kind, KINDS[kind].remedy, headers=error.headers)


def _on_system(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)  # noqa: S101 - the handler is registered for this type
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    kind = "storage-unavailable"
    log.error("request.unstored method=%s route=%s", request.method, _route_of(request))
    return problem_response(kind, f"服务所在的磁盘已满，没有存下。{KINDS[kind].remedy}")


def _on_surprise(request: Request, error: Exception) -> JSONResponse:
    incident = uuid.uuid4().hex
    log.error("request.failed incident=%s method=%s route=%s", incident, request.method, _route_of(request))
    return problem_response("error", f"请把编号 {incident} 告诉管理员。", instance=f"urn:uuid:{incident}")


def _route_of(request: Request) -> str:
    route = request.scope.get("route")
    return str(getattr(route, "path", "?"))


def declared(*kinds: str) -> dict[int | str, dict[str, object]]:
    """The ``responses`` entry of a route: every error it can answer with, for OpenAPI."""
    responses: dict[int | str, dict[str, object]] = {}
    for kind in kinds:
        entry = KINDS[kind]
        phrase = HTTPStatus(entry.status).phrase
        example = {"type": TYPE_PREFIX + kind, "title": entry.title, "status": entry.status, "detail": entry.remedy}
        responses[entry.status] = {
            "description": f"{entry.title}（{phrase}）",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
        }
    return responses
