"""Reading ``POST /calls``: JSON with turns, or multipart with call data and a recording, or one for each side."""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pydantic_core
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api.problems import MediaTypeRefused, TooLarge
from api.security import BackendOf, CallSubmitter
from qa_service.access import Actor
from qa_service.actions.intake import upload_folder
from qa_service.call import Call
from qa_service.documents import parse_call
from qa_service.errors import InputRefused, RecordingRefused

MAX_CALL_MIB = 8
MAX_CALL_BYTES = MAX_CALL_MIB * 1024 * 1024

LONGEST_NAME = 60
"""Characters of a sender's name that are repeated back to them."""


SIDES = ("recording", "other_side")
"""The parts of a form that are recordings: the only or the agent's one, and the customer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A call as it was sent; the recordings are temporary files that are gone after the request."""

    actor: Actor
    call: Call
    recording: Path | None = None
    other_side: Path | None = None


async def read_submission(request: Request, actor: CallSubmitter, backend: BackendOf) -> AsyncIterator[Submission]:
    """Read the body, once the actor is known to be allowed.

    Raises:
        InputRefused: no or unreadable call data, or a recording that was named but not sent.
        RecordingRefused: a recording is empty or too large.
        MediaTypeRefused: neither JSON nor multipart.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type == "application/json":
        call = _call_of(await _small_body(request))
        _require_sent(call, sent=False)
        yield Submission(actor=actor, call=call)
    elif media_type == "multipart/form-data":
        async with request.form(max_files=3, max_fields=3, max_part_size=MAX_CALL_BYTES) as form:
            call, uploads = await _parts_of(form)
            _require_sent(call, sent="recording" in uploads)
            with upload_folder(backend) as folder:
                limit = backend.settings.max_upload_mib
                files = {
                    side: await run_in_threadpool(_copy, upload, folder, limit) for side, upload in uploads.items()
                }
                yield Submission(actor=actor, call=call, **files)
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


async def _parts_of(form: FormData) -> tuple[Call, Mapping[str, UploadFile]]:
    known = ("call", *SIDES)
    strange = [name for name in form if name not in known]
    if strange:
        names = "、".join(sorted(map(shown_name, strange)))
        raise InputRefused(f"表单里有不认识的部分：{names}；只收 {'、'.join(known)}。")
    for name in known:
        if len(form.getlist(name)) > 1:
            raise InputRefused(f"表单里 {name} 出现了不止一次，每样只收一份。")
    data = form.get("call")
    if data is None:
        raise InputRefused("表单里缺 call：请放入通话数据的 JSON。")
    uploads = {}
    for side in SIDES:
        part = form.get(side)
        if isinstance(part, str):
            raise InputRefused(f"{side} 须是文件：请带上文件名上传。")
        if part is not None:
            uploads[side] = part
    raw = await data.read(MAX_CALL_BYTES) if isinstance(data, UploadFile) else data
    return _call_of(raw), uploads


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


def _copy(upload: UploadFile, folder: Path, limit_mib: int) -> Path:
    """Keep an upload under a name of our own; the sender's own name for it goes no further than a refusal."""
    if not upload.size:
        raise RecordingRefused(f"上传的录音 {shown_name(upload.filename)} 是空文件，请重新导出。")
    if upload.size > limit_mib * 1024 * 1024:
        raise RecordingRefused(
            f"上传的录音 {shown_name(upload.filename)} 超过 {limit_mib} MiB 上限（QA_MAX_UPLOAD_MIB），请拆分或压缩。"
        )
    target = folder / secrets.token_hex(16)
    upload.file.seek(0)
    with target.open("xb") as out:
        shutil.copyfileobj(upload.file, out, 1024 * 1024)
    return target


def shown_name(name: str | None) -> str:
    """What a sender called something, fit to be shown: no folders, nothing invisible, at most ``LONGEST_NAME``."""
    last = re.split(r"[/\\]", name or "")[-1]
    visible = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    plain = " ".join(visible.split())
    if len(plain) > LONGEST_NAME:
        plain = f"{plain[: LONGEST_NAME - 1]}…"
    return plain or "（未命名）"
