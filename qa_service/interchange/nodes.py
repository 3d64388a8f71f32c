"""Values inside a JSON document that know their place, so that every complaint can name it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qa_service.errors import InputRefused
from qa_service.interchange.said import milliseconds

MOST_INTEGER = 10**30
"""No identifier is longer; Python refuses to write out integers of thousands of digits."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value, the file it is in and its path there (``Transcript[3].Items[0]``)."""

    value: object
    where: str
    path: str = ""

    @property
    def place(self) -> str:
        """File and path as a person reads them."""
        return f"{self.where} 的 {self.path}" if self.path else self.where

    def refused(self, why: str) -> InputRefused:
        """The complaint about this value."""
        return InputRefused(f"{self.place}：{why}")

    def get(self, *names: str) -> Node | None:
        """The member under the first of these names that is there and not null; None also where this is no object."""
        if isinstance(self.value, Mapping):
            for name in names:
                if self.value.get(name) is not None:
                    return Node(self.value[name], self.where, f"{self.path}.{name}" if self.path else name)
        return None

    def need(self, *names: str) -> Node:
        """The member under one of these names.

        Raises:
            InputRefused: there is none.
        """
        found = self.get(*names)
        if found is None:
            raise self.refused(f"缺少 {' 或 '.join(names)}，请补上或重新导出。")
        return found

    def each(self) -> Iterator[Node]:
        """The items of a list.

        Raises:
            InputRefused: this is no list.
        """
        if not isinstance(self.value, list):
            raise self.refused("应为列表。")
        for number, item in enumerate(self.value):
            yield Node(item, self.where, f"{self.path}[{number}]")

    def text(self) -> str:
        """The string; a whole number as its digits, for identifiers come as either.

        Raises:
            InputRefused: this is neither.
        """
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, int) and not isinstance(self.value, bool) and abs(self.value) < MOST_INTEGER:
            return str(self.value)
        raise self.refused("应为文字。")

    def number(self) -> float:
        """The number, also where it is written as a string.

        Raises:
            InputRefused: this is none, or not finite.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float, str)):
            raise self.refused("应为数字。")
        try:
            number = float(self.value)
        except (ValueError, OverflowError):
            raise self.refused("应为数字。") from None
        if not math.isfinite(number):
            raise self.refused("应为有限的数字，不能是 NaN 或无穷大；请重新导出。")
        return number

    def seconds(self) -> int:
        """A time in seconds, as milliseconds."""
        return milliseconds(self.number(), 1000, self.place)

    def milliseconds(self) -> int:
        """A time in milliseconds."""
        return milliseconds(self.number(), 1, self.place)

    def probability(self) -> float:
        """A number from 0 to 1.

        Raises:
            InputRefused: it is none of those.
        """
        number = self.number()
        if not 0 <= number <= 1:
            raise self.refused(f"置信度 {number} 应在 0 到 1 之间。")
        return number

    def unknown(self, known: frozenset[str], under: str = "") -> set[str]:
        """The names of this object that are not among the known ones, behind ``under``."""
        if not isinstance(self.value, Mapping):
            return set()
        return {f"{under}{name}" for name in self.value if name not in known}
