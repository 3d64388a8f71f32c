"""Numbers and identity documents in clear become pseudonyms before anything is stored.

A keyed hash (HMAC-SHA256): the same number is always the same pseudonym, so that frequency can be counted, and without
the key nobody can try all eleven-digit numbers until one fits.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from qa_service.errors import SettingsInvalid

KEY_FILE = "number.key"
FEWEST_KEY_CHARACTERS = 32

_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[- ]?)?0?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])")
_NOT_DIGITS = re.compile(r"\D")
_MASKED = re.compile(r"[*＊•xX]{2,}")


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes them under one key."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def number(self, clear: str) -> str | None:
        """The pseudonym of a telephone number however it is written; None for a masked one, which is nobody's."""
        if _MASKED.search(clear):
            return None
        mobile = _MOBILE.fullmatch(clear.strip())
        plain = _NOT_DIGITS.sub("", mobile.group(1) if mobile else clear) or clear.strip()
        return f"n-{self._digest(plain)}"

    def person(self, document: str) -> str | None:
        """The pseudonym of the holder of an identity document; None for a masked number."""
        if _MASKED.search(document.strip()[:-1]):
            return None
        return f"d-{self._digest(document.strip().upper())}"

    def without_numbers(self, text: str) -> str:
        """The text with every mobile and identity number in it replaced by its pseudonym."""
        text = _IDENTITY.sub(lambda found: f"d-{self._digest(found.group().upper())}", text)
        return _MOBILE.sub(lambda found: f"n-{self._digest(_NOT_DIGITS.sub('', found.group(1)))}", text)

    def _digest(self, plain: str) -> str:
        return hmac.new(self.key, plain.encode(), hashlib.sha256).hexdigest()[:24]


def is_clear(text: str) -> bool:
    """Whether the text holds a mobile or identity number."""
    return bool(_IDENTITY.search(text) or _MOBILE.search(text))


def pseudonyms_of(data_dir: Path, key: str | None, *, keep: bool) -> Pseudonyms:
    """Those of the key given, else of the data folder's own, which is made on first use.

    Without ``keep`` nothing is written: where there is no key yet, they hold for this run alone.

    Raises:
        SettingsInvalid: the key given is too short.
    """
    if key is not None:
        if len(key) < FEWEST_KEY_CHARACTERS:
            raise SettingsInvalid(
                f"QA_NUMBER_KEY 太短，至少 {FEWEST_KEY_CHARACTERS} 个字符；可用 openssl rand -hex 32 生成。"
            )
        return Pseudonyms(key.encode())
    path = data_dir / KEY_FILE
    if not path.exists():
        if not keep:
            return Pseudonyms()
        _make_key(path)
    return Pseudonyms(path.read_bytes())


def _make_key(path: Path) -> None:
    """Write a new key; of two processes at once one wins, and neither sees half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix="key-") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
        try:
            path.hardlink_to(file.name)
        except FileExistsError:
            return
