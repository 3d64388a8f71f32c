"""The size limit of requests, answered as a problem before the body is read where its length is declared."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TooLarge, problem_response

# Call data, multipart boundaries and headers on top of the recording itself.
OVERHEAD_BYTES = 4 * 1024 * 1024


class BodyLimit:
    """Refuse a body of more than ``max_bytes``, declared or streamed."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self.max_bytes:
            await problem_response("too-large", self._sentence())(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.max_bytes:
                raise TooLarge(self._sentence())
            return message

        await self.app(scope, counted, send)

    def _sentence(self) -> str:
        return f"内容超过 {self.max_bytes // (1024 * 1024)} MiB：请压缩录音，或由管理员调高 QA_MAX_UPLOAD_MIB。"
