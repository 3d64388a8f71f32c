"""Keyset pages: an opaque cursor names the last row seen, so that deep pages cost what the first one does."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import TypeAdapter, ValidationError

from qa_service.errors import InputRefused

T = TypeVar("T")

MAX_LIMIT = 200
MAX_INTEGER = 2**63 - 1

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="每页条数，最多 200", examples=[50])]
Cursor = Annotated[
    str | None, Query(alias="cursor", max_length=500, description="上一页答复里的 next，原样带回", examples=[None])
]


def encode_cursor(key: tuple[Any, ...], adapter: TypeAdapter[Any]) -> str:
    """The opaque text for a row's sort key."""
    return base64.urlsafe_b64encode(adapter.dump_json(key)).decode("ascii").rstrip("=")


def decode_cursor(text: str | None, adapter: TypeAdapter[T]) -> T | None:
    """The sort key in ``text``; None where no page came before.

    Raises:
        InputRefused: the text is not a cursor of this list.
    """
    if text is None:
        return None
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return adapter.validate_python(json.loads(raw.decode("utf-8")))
    except (binascii.Error, UnicodeError, ValueError, RecursionError, ValidationError) as error:
        raise InputRefused("cursor 不是这份列表给出的翻页标记：请从第一页重新读取。") from error
