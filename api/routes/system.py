"""What machines ask: is it alive, is it ready, how is it doing; and what a problem type means."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from api.metrics import CONTENT_TYPE, exposition
from api.problems import KINDS, TYPE_PREFIX, declared
from api.security import BackendOf, Credentials, signed_in
from qa_service.access import Action
from qa_service.actions import health
from qa_service.actions.backend import Backend
from qa_service.errors import DatabaseUnavailable, NotFound, NotSignedIn, QaError

router = APIRouter(tags=["运行"])

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


class HealthOut(BaseModel):
    """A sign of life."""

    status: str = Field(examples=["ok"])


class ReadyOut(BaseModel):
    """Whether requests can be served, part by part; each is ``ok`` or a sentence."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"status": "ok", "database": "ok", "migrations": "ok", "queue": "ok"}}
    )

    status: str
    database: str
    migrations: str
    queue: str


class ProblemKindOut(BaseModel):
    """What a problem type means."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"type": "/problems/conflict", "status": 409, "title": "状态冲突", "remedy": "请重新读取。"}
        }
    )

    type: str
    status: int
    title: str
    remedy: str


@router.get("/", summary="从这里开始", response_class=PlainTextResponse)
def front_page() -> PlainTextResponse:
    """接口的入口。"""
    return PlainTextResponse(
        "催收通话质检服务\n\n接口：/api/v1（令牌：qa-service user token）\n接口说明：/openapi.json\n"
        "存活：/healthz  就绪：/readyz  指标：/metrics\n"
    )


@router.get("/healthz", summary="存活")
def healthz() -> HealthOut:
    """进程还在应答。"""
    return HealthOut(status="ok")


@router.get("/readyz", summary="就绪", responses={503: {"description": "还不能服务", "model": ReadyOut}})
def readyz(request: Request, backend: BackendOf, response: Response) -> ReadyOut:
    """数据库、表结构与队列是否都可用。"""
    parts = {
        "database": _state_of(lambda: health.check_database(backend)),
        "migrations": _state_of(lambda: _require_migrations(backend)),
        "queue": _state_of(request.app.state.probe_queue),
    }
    ready = all(state == "ok" for state in parts.values())
    if not ready:
        response.status_code = 503
    return ReadyOut(status="ok" if ready else "unavailable", **parts)


def _state_of(probe: Callable[[], None]) -> str:
    try:
        probe()
    except QaError as error:
        return str(error)
    return "ok"


def _require_migrations(backend: Backend) -> None:
    if not health.migrations_current(backend):
        raise DatabaseUnavailable("数据库的表不是本版本的：请运行 qa-service db upgrade。")


@router.get(
    "/metrics",
    summary="运行指标",
    response_class=PlainTextResponse,
    responses=declared("not-signed-in", "too-many-attempts", "not-allowed", "database-unavailable"),
)
def metrics(request: Request, backend: BackendOf, credentials: Credentials) -> Response:
    """Prometheus 文本格式。凭 QA_METRICS_TOKEN、管理员令牌，或（未设 QA_METRICS_TOKEN 时）从本机访问。"""
    token = backend.settings.metrics_token
    given = credentials.credentials if credentials is not None else None
    if token is not None and given is not None and _same(given, token.get_secret_value()):
        pass
    elif given is not None:
        signed_in(request, backend, credentials).require(Action.METRICS_READ)
    elif token is not None or not _from_this_machine(request):
        raise NotSignedIn("指标只对本机开放：请设 QA_METRICS_TOKEN 并以 Bearer 令牌访问。")
    return Response(exposition(health.figures(backend)), media_type=CONTENT_TYPE)


def _same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())


def _from_this_machine(request: Request) -> bool:
    # Behind a proxy on this machine everybody comes from the loopback address.
    proxied = any(header in request.headers for header in _PROXY_HEADERS)
    return request.client is not None and request.client.host in _LOOPBACK and not proxied


@router.get("/problems/{kind}", summary="错误类型的含义", responses=declared("not-found", "input-refused"))
def explain_problem(
    kind: Annotated[str, Path(max_length=50, description="错误类型", examples=["conflict"])],
) -> ProblemKindOut:
    """错误答复里 type 所指的说明。"""
    entry = KINDS.get(kind)
    if entry is None:
        raise NotFound(f"没有名为 {kind} 的错误类型。")
    return ProblemKindOut(type=TYPE_PREFIX + kind, status=entry.status, title=entry.title, remedy=entry.remedy)
