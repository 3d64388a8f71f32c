"""One question to a model server: bounded in time and size, never outside the house's own network.

Calls are sensitive personal data. The server's address must be a private one (loopback, RFC 1918, RFC 4193), it is
looked up once for each question and that very address is then spoken to; proxies of the environment are not used and
redirects not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from qa_service.errors import EndpointUnavailable, SettingsInvalid

MOST_ANSWER_BYTES = 256 * 1024
"""An answer to the rubric is under 10 KB; more is not an answer."""

MOST_ANSWER_TOKENS = 1500
"""What the server is asked to keep to: thirty findings with their quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where and how to ask: ``url`` is the interface's base (http://10.0.0.5:8000/v1), ``seconds`` are for one call."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 20.0

    def __post_init__(self) -> None:
        """Refuse an address that is none.

        Raises:
            SettingsInvalid: the address has no host, or is not http or https.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsInvalid(f"QA_ENDPOINT_URL 不是可用的地址：{self.url}，应形如 http://10.0.0.5:8000/v1。")

    def ask(self, system: str, question: str) -> str:
        """The server's answer to one question.

        Raises:
            EndpointUnavailable: no private address, no connection, no answer in time, or none that can be read.
        """
        deadline = time.monotonic() + self.seconds
        body = {
            "model": self.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": question}],
            "temperature": 0,
            "seed": 0,
            "max_tokens": MOST_ANSWER_TOKENS,
            "response_format": {"type": "json_object"},
        }
        answer = self._post(json.dumps(body, ensure_ascii=False).encode(), deadline)
        try:
            content = json.loads(answer)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise EndpointUnavailable("外接模型的应答不是 OpenAI 兼容的格式，请检查 QA_ENDPOINT_URL。") from error
        if not isinstance(content, str):
            raise EndpointUnavailable("外接模型的应答里没有文字。")
        return content

    def _post(self, body: bytes, deadline: float) -> bytes:
        parts = urlsplit(self.url)
        connection = self._connection(parts.scheme, str(parts.hostname), parts.port)
        headers = {"Content-Type": "application/json", "Host": parts.netloc.rpartition("@")[2]}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            connection.request("POST", f"{parts.path.rstrip('/')}/chat/completions", body, headers)
            return _read(connection, deadline)
        except (OSError, http.client.HTTPException) as error:
            why = "超时" if isinstance(error, TimeoutError) else "连不上或中途断开"
            raise EndpointUnavailable(f"外接模型{why}，请检查模型服务。") from error
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        """A connection to the one private address that was looked up; the name is kept for TLS."""
        address = _private_address(host, port or (443 if scheme == "https" else 80))
        if scheme == "http":
            return http.client.HTTPConnection(address, port, timeout=self.seconds)
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=self.seconds, context=context)
        connection.sock = context.wrap_socket(
            socket.create_connection((address, port or 443), timeout=self.seconds), server_hostname=host
        )
        return connection


def _private_address(host: str, port: int) -> str:
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise EndpointUnavailable(f"外接模型的主机名 {host} 查不到地址，请检查 QA_ENDPOINT_URL。") from error
    public = [address for address in found if not ipaddress.ip_address(address).is_private]
    if public:
        raise EndpointUnavailable(f"{host} 不在内网（{public[0]}）：通话内容不出本单位，只能用内网或本机的模型服务。")
    return str(min(found))


def _read(connection: http.client.HTTPConnection, deadline: float) -> bytes:
    """The body of a good answer, read until the deadline and never more than ``MOST_ANSWER_BYTES``."""
    response = connection.getresponse()
    if response.status != http.client.OK:
        raise EndpointUnavailable(f"外接模型回了状态 {response.status}，请检查模型名、密钥与模型服务。")
    pieces = b""
    while piece := response.read1(16 * 1024):
        pieces += piece
        if len(pieces) > MOST_ANSWER_BYTES:
            raise EndpointUnavailable("外接模型的应答过长，已放弃。")
        if time.monotonic() > deadline:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(max(0.05, deadline - time.monotonic()))
    return pieces


def as_json(value: Any) -> str:  # noqa: ANN401
    """Plain data as the compact JSON that is put into a question."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
