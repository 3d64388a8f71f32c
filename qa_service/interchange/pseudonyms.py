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
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qa_service.call import Call
from qa_service.errors import SettingsInvalid
from qa_service.settings import Settings

KEY_FILE = "number.key"
FEWEST_KEY_CHARACTERS = 32

_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[- ]?)?0?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])")
_LANDLINE = re.compile(r"0\d{2,3}[- ]?[1-9]\d{6,7}")
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

    def in_document(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The value with every text in it as of ``without_numbers``; a whole number that is one becomes text."""
        match value:
            case str():
                return self.without_numbers(value) if is_clear(value) else value
            case int() if is_clear(str(value)):
                return self.without_numbers(str(value))
            case list():
                return [self.in_document(item) for item in value]
            case dict():
                return {name: self.in_document(item) for name, item in value.items()}
            case _:
                return value

    def of_id(self, known_as: str | None) -> str | None:
        """An identifier of a person or number, replaced if it is a number in clear."""
        if known_as is not None and _LANDLINE.fullmatch(known_as.strip()):
            return self.number(_NOT_DIGITS.sub("", known_as))
        return self.without_numbers(known_as) if known_as is not None else None

    def _digest(self, plain: str) -> str:
        return hmac.new(self.key, plain.encode(), hashlib.sha256).hexdigest()[:24]


def is_clear(text: str) -> bool:
    """Whether the text holds a mobile or identity number."""
    return bool(_IDENTITY.search(text) or _MOBILE.search(text))


def without_clear_numbers(call: Call, made: Callable[[], Pseudonyms]) -> Call:
    """The call without numbers in clear outside its text; its own id stays, for its sender knows it by that.

    ``made`` gives the pseudonyms; it is asked only where there is such a number.
    """
    third_parties = call.case.third_parties
    ids = [call.number_id, call.debtor_id, call.caller_id, *call.org.caller_ids]
    ids += [person.number_id for person in third_parties]
    texts = [known_as for known_as in ids if known_as is not None]
    if not any(is_clear(text) or _LANDLINE.fullmatch(text.strip()) for text in texts) and not is_clear(str(call.extra)):
        return call
    pseudonyms = made()
    people = tuple(replace(person, number_id=pseudonyms.of_id(person.number_id)) for person in third_parties)
    return replace(
        call,
        number_id=pseudonyms.of_id(call.number_id),
        debtor_id=pseudonyms.of_id(call.debtor_id),
        caller_id=pseudonyms.of_id(call.caller_id),
        org=replace(call.org, caller_ids=tuple(own for line in call.org.caller_ids if (own := pseudonyms.of_id(line)))),
        case=replace(call.case, third_parties=people),
        extra=MappingProxyType(pseudonyms.in_document(dict(call.extra))),
    )


def pseudonyms_of(settings: Settings, *, keep: bool) -> Pseudonyms:
    """Those of the house's key (``QA_NUMBER_KEY``), else of the data folder's own, which is made on first use.

    Without ``keep`` nothing is written: where there is no key yet, they hold for this run alone.

    Raises:
        SettingsInvalid: the key given is too short, or that of the data folder is damaged.
    """
    if settings.number_key is not None:
        key = settings.number_key.get_secret_value()
        if len(key) < FEWEST_KEY_CHARACTERS:
            raise SettingsInvalid(
                f"QA_NUMBER_KEY 太短，至少 {FEWEST_KEY_CHARACTERS} 个字符；可用 openssl rand -hex 32 生成。"
            )
        return Pseudonyms(key.encode())
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        if not keep:
            return Pseudonyms()
        _make_key(path)
    kept = path.read_bytes()
    if len(kept) < FEWEST_KEY_CHARACTERS:
        raise SettingsInvalid(
            f"号码密钥 {path} 已损坏（只有 {len(kept)} 个字节）：请从备份恢复，否则对不上以前的号码。"
        )
    return Pseudonyms(kept)


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
