"""The application: routes, errors and limits put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI

from api.limits import OVERHEAD_BYTES, BodyLimit
from api.problems import Problem, install
from api.routes import calls, records, review, system
from api.security import Throttle
from qa_service import __version__
from qa_service.actions.backend import Backend
from qa_service.actions.doorbell import check_redis, connect
from qa_service.actions.rules import Rulebook, open_rulebook
from qa_service.documents import CallDocument

DESCRIPTION = (
    "催收通话质检服务的接口。凭 `qa-service user token` 发放的令牌访问；坐席只见自己的通话，班组长只见本班组。"
    "列表用 `cursor` 翻页；错误一律为 problem+json，`type` 稳定不变。"
)


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description, with the shapes added that no route's signature names."""
        if self.openapi_schema is None:
            schemas = super().openapi()["components"]["schemas"]
            for model in (Problem, CallDocument):
                shape = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(shape.pop("$defs", {}), **{model.__name__: shape})
        assert self.openapi_schema is not None  # noqa: S101 - the framework sets it
        return self.openapi_schema


def create_app(
    backend: Backend, *, probe_queue: Callable[[], None] | None = None, rulebook: Rulebook | None = None
) -> FastAPI:
    """The ASGI application; the backend stays the caller's to close.

    ``probe_queue`` raises ``QueueUnavailable`` where Redis does not answer; by default it asks the one of the settings.
    Documentation pages are off: they would load from elsewhere, and this service works offline; the description is at
    ``/openapi.json``.

    Raises:
        LexiconInvalid: a rule file is wrong.
    """
    app = _Application(
        title="催收通话质检服务", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None
    )
    app.state.backend = backend
    app.state.rulebook = rulebook if rulebook is not None else open_rulebook(backend.settings)
    app.state.probe_queue = probe_queue or _probe_of(backend)
    app.state.throttle = Throttle()
    # A call may come as two recordings, one for each side.
    most = 2 * backend.settings.max_upload_mib * 1024 * 1024 + OVERHEAD_BYTES
    app.add_middleware(BodyLimit, upload_path="/api/v1/calls", max_bytes=most)
    install(app)
    v1 = APIRouter(prefix="/api/v1")
    for module in (calls, review, records):
        v1.include_router(module.router)
    app.include_router(v1)
    app.include_router(system.router)
    return app


def _probe_of(backend: Backend) -> Callable[[], None]:
    client = connect(backend.settings)
    return lambda: check_redis(client)
