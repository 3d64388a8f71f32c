"""The size limit of requests, answered as a problem before the body is read where its length is declared."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TooLarge, problem_response

# Call data, multipart boundaries and headers on top of the recording itself.
OVERHEAD_BYTES = 4 * 1024 * 1024

SMALL_BYTES = 1024 * 1024
"""What any other request may hold: decisions and their like."""


class BodyLimit:
    """Refuse a body of more than ``max_bytes`` (for uploads) or ``SMALL_BYTES``, declared or streamed."""

    def __init__(self, app: ASGIApp, upload_path: str, max_bytes: int) -> None:
        self.app = app
        self.upload_path = upload_path
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.max_bytes if scope["path"] == self.upload_path else SMALL_BYTES
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > limit:
            await problem_response("too-large", _sentence(limit))(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge(_sentence(limit))
            return message

        await self.app(scope, counted, send)


def _sentence(limit: int) -> str:
    return f"内容超过 {limit // (1024 * 1024)} MiB：请压缩录音，或由管理员调高 QA_MAX_UPLOAD_MIB。"
