"""Fingerprints of plain data and frozen values."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel


def digest(content: object) -> str:
    """A short stable fingerprint: 16 hex digits of SHA-256."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()[:16]


def _canonical(content: object) -> str:
    if isinstance(content, BaseModel):
        content = content.model_dump(mode="json")
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=repr)
