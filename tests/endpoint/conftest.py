"""A stub of an OpenAI-compatible model server: answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any

import pytest


@dataclass
class ModelServer:
    """What the server is to do, and what it saw."""

    url: str = ""
    answer: object = None
    """The message's content: a string as it is, anything else as JSON."""
    raw: bytes | None = None
    """The whole body, in the answer's place."""
    status: int = 200
    delay: float = 0.0
    trickle: float = 0.0
    """Seconds between single bytes of the body."""
    head: bytes | None = None
    """Bytes that begin the answer in the place of its head, the last of them repeated for ``dripping`` seconds."""
    dripping: float = 2.0
    closing: bool = False
    """Whether the end of the body is told by the end of the connection."""
    location: str | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    authorized: list[str | None] = field(default_factory=list)

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        content = self.answer if isinstance(self.answer, str) else json.dumps(self.answer, ensure_ascii=False)
        return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


def drip(answer: BufferedIOBase, head: bytes, seconds: float) -> None:
    """Begin an answer and never come to its end: one byte after the other."""
    answer.write(head)
    for _ in range(int(seconds / 0.05)):
        try:
            answer.write(head[-1:])
            answer.flush()
        except OSError:
            return
        time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """The stub, listening on a free port of this machine."""
    stub = ModelServer(answer={"findings": []})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            stub.asked.append({"path": self.path, **json.loads(self.rfile.read(length))})
            stub.authorized.append(self.headers["Authorization"])
            time.sleep(stub.delay)
            if stub.head is not None:
                drip(self.wfile, stub.head, stub.dripping)
                return
            body = stub.body()
            self.send_response(stub.status)
            if stub.location:
                self.send_header("Location", stub.location)
            if not stub.closing:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for at in range(0, len(body), 1 if stub.trickle else len(body)):
                try:
                    self.wfile.write(body[at : at + 1] if stub.trickle else body)
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(stub.trickle)

        def log_message(self, *_: object) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    stub.url = f"http://127.0.0.1:{listening.server_port}/v1"
    threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
    yield stub
    listening.shutdown()
    listening.server_close()
