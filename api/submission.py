"""Reading ``POST /calls``: JSON with turns, or multipart with call data and a recording."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated

import pydantic_core
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api.problems import MediaTypeRefused, TooLarge
from api.security import BackendOf, CallSubmitter
from qa_service.access import Actor
from qa_service.call import Call
from qa_service.documents import parse_call
from qa_service.errors import InputRefused

MAX_CALL_MIB = 8
MAX_CALL_BYTES = MAX_CALL_MIB * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A call as it was sent; ``recording`` is a temporary file that is gone after the request."""

    actor: Actor
    call: Call
    recording: Path | None


async def read_submission(request: Request, actor: CallSubmitter, backend: BackendOf) -> AsyncIterator[Submission]:
    """Read the body, once the actor is known to be allowed.

    Raises:
        InputRefused: no or unreadable call data, or a recording that was named but not sent.
        MediaTypeRefused: neither JSON nor multipart.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type == "application/json":
        call = _call_of(await _small_body(request))
        _require_sent(call, sent=False)
        yield Submission(actor=actor, call=call, recording=None)
    elif media_type == "multipart/form-data":
        async with request.form(max_files=2, max_fields=2, max_part_size=MAX_CALL_BYTES) as form:
            call, upload = await _parts_of(form)
            _require_sent(call, sent=upload is not None)
            if upload is None:
                yield Submission(actor=actor, call=call, recording=None)
                return
            with _incoming(backend.settings.data_dir) as target:
                await run_in_threadpool(_copy, upload.file, target)
                yield Submission(actor=actor, call=call, recording=target)
    else:
        raise MediaTypeRefused("请求体须是 application/json 或 multipart/form-data。")


Submitted = Annotated[Submission, Depends(read_submission)]


async def _small_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_CALL_BYTES:
            raise TooLarge(f"通话数据超过 {MAX_CALL_MIB} MiB。")
    return bytes(body)


async def _parts_of(form: FormData) -> tuple[Call, UploadFile | None]:
    strange = set(form) - {"call", "recording"}
    if strange:
        raise InputRefused(f"表单里有不认识的部分：{'、'.join(sorted(strange))}；只收 call 和 recording。")
    data, recording = form.get("call"), form.get("recording")
    if data is None:
        raise InputRefused("表单里缺 call：请放入通话数据的 JSON。")
    if isinstance(recording, str):
        raise InputRefused("recording 须是文件：请带上文件名上传。")
    raw = await data.read(MAX_CALL_BYTES) if isinstance(data, UploadFile) else data
    return _call_of(raw), recording


def _call_of(raw: str | bytes) -> Call:
    try:
        data = pydantic_core.from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise InputRefused("通话数据不是有效的 JSON。") from error
    if not isinstance(data, dict):
        raise InputRefused("通话数据须是一个 JSON 对象。")
    return parse_call(data)


def _require_sent(call: Call, *, sent: bool) -> None:
    # A path in call data is never opened here: only what comes with the request is taken.
    if call.recording is not None and not sent and not call.turns:
        raise InputRefused("通话数据提到了录音，但请求里没有：请用 multipart 的 recording 一并上传。")


@contextmanager
def _incoming(data_dir: Path) -> Iterator[Path]:
    folder = data_dir / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        yield Path(file.name)


def _copy(source: IO[bytes], target: Path) -> None:
    source.seek(0)
    with target.open("wb") as out:
        shutil.copyfileobj(source, out, 1024 * 1024)
