"""Enums that hold the stored key and the Chinese label together."""

from __future__ import annotations

from enum import Enum
from typing import Self


class Labelled(str, Enum):
    """A closed set of keys, each with the label that a person reads.

    The member *is* its key (``Speaker.AGENT == "agent"``), so it serialises without help.
    """

    label: str

    def __new__(cls, key: str, label: str) -> Self:
        """Make a member from ``(key, label)``."""
        member = str.__new__(cls, key)
        member._value_ = key
        member.label = label
        return member

    @classmethod
    def of(cls, key: str) -> Self:
        """The member of this key, else ``ValueError``; to a type checker ``cls(key)`` lacks its label."""
        for member in cls:
            if member.value == key:
                return member
        raise ValueError(f"{key!r} is no {cls.__name__}")

    def __str__(self) -> str:
        """The stored key."""
        return str(self.value)
