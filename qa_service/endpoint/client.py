"""One question to a model server: bounded in time and size, never outside the house's own network.

Calls are sensitive personal data. The server's address must be a private one (loopback, RFC 1918, RFC 4193), it is
looked up once for each question and that very address is then spoken to; proxies of the environment are not used and
redirects not followed.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qa_service.errors import EndpointUnavailable, SettingsInvalid

if TYPE_CHECKING:
    from typing_extensions import Buffer

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
        """Refuse an address or a key that no request could carry.

        Raises:
            SettingsInvalid: the address has no host, no possible port, or is not http or https; the key is not ASCII.
        """
        if not _is_address(self.url):
            raise SettingsInvalid(f"QA_ENDPOINT_URL 不是可用的地址：{self.url}，应形如 http://10.0.0.5:8000/v1。")
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise SettingsInvalid(
                "QA_ENDPOINT_KEY 含有令牌里不能有的字符（只能是可见的英文字母、数字和符号），请核对。"
            )

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
        except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:  # nested too deep, too
            raise EndpointUnavailable("外接模型的应答不是 OpenAI 兼容的格式，请检查 QA_ENDPOINT_URL。") from error
        if not isinstance(content, str):
            raise EndpointUnavailable("外接模型的应答里没有文字。")
        return content

    def _post(self, body: bytes, deadline: float) -> bytes:
        parts = urlsplit(self.url)
        headers = {"Content-Type": "application/json", "Host": parts.netloc.rpartition("@")[2]}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            with self._connected() as link:
                connection = http.client.HTTPConnection(str(parts.hostname))
                connection.sock = _Timed(link, deadline)
                connection.request("POST", f"{parts.path.rstrip('/')}/chat/completions", body, headers)
                return _read(connection)
        except (OSError, http.client.HTTPException) as error:
            why = "超时" if isinstance(error, TimeoutError) else "连不上或中途断开"
            raise EndpointUnavailable(f"外接模型{why}，请检查模型服务。") from error

    def _connected(self) -> socket.socket:
        """A connection to the one private address that was looked up; the name is kept for TLS."""
        parts = urlsplit(self.url)
        host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
        link = socket.create_connection((_private_address(host, port), port), timeout=self.seconds)
        if parts.scheme == "http":
            return link
        return ssl.create_default_context().wrap_socket(link, server_hostname=host)


class _Timed(io.RawIOBase):
    """A connection of which every read and write ends by one deadline, however small the pieces that arrive.

    The time-out of a socket alone begins anew with each byte; this stands in for the socket of an ``http.client``.
    """

    def __init__(self, link: socket.socket, deadline: float) -> None:
        self._link = link
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        self._hurry()
        return self._link.recv_into(buffer)

    def sendall(self, data: Buffer) -> None:
        self._hurry()
        self._link.sendall(data)

    def close(self) -> None:
        """Nothing: an answer is still read after ``http.client`` has closed its side; who opened the link closes it."""

    def _hurry(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._link.settimeout(left)


def _is_address(url: str) -> bool:
    """Whether ``url`` names a host over http or https, in characters that a request can hold."""
    try:
        parts = urlsplit(url)
        port = parts.port
        name = (parts.hostname or "").encode("idna")
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(name)
        and port != 0
        and url.isascii()
        and url.isprintable()
        and " " not in url
    )


def _private_address(host: str, port: int) -> str:
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise EndpointUnavailable(f"外接模型的主机名 {host} 查不到地址，请检查 QA_ENDPOINT_URL。") from error
    public = [address for address in found if not ipaddress.ip_address(address).is_private]
    if public:
        raise EndpointUnavailable(f"{host} 不在内网（{public[0]}）：通话内容不出本单位，只能用内网或本机的模型服务。")
    return str(min(found))


def _read(connection: http.client.HTTPConnection) -> bytes:
    """The body of a good answer, never more than ``MOST_ANSWER_BYTES``."""
    response = connection.getresponse()
    if response.status != http.client.OK:
        raise EndpointUnavailable(f"外接模型回了状态 {response.status}，请检查模型名、密钥与模型服务。")
    pieces = b""
    while piece := response.read1(16 * 1024):
        pieces += piece
        if len(pieces) > MOST_ANSWER_BYTES:
            raise EndpointUnavailable("外接模型的应答过长，已放弃。")
    return pieces
