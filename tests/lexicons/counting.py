"""Counts what a backtracking engine does with an expression at one place of a text, ways that come to nothing included.

It walks the expression as Python's own ``re`` has parsed it, so that it shares nothing with the bounds it is to test.
"""

from __future__ import annotations

import re._parser as parser  # type: ignore[import-not-found]  # the parsed form has no public name
from collections.abc import Iterator
from typing import Any

Nodes = list[tuple[Any, Any]]


class Counter:
    """One text, and the steps taken in it so far."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.steps = 0

    def ends(self, nodes: Nodes, at: int) -> Iterator[int]:
        """Every end of a match of ``nodes`` from ``at``, once for each way to it."""
        if not nodes:
            yield at
            return
        for end in self._one(*nodes[0], at):
            yield from self.ends(nodes[1:], end)

    def _one(self, kind: Any, value: Any, at: int) -> Iterator[int]:
        match str(kind):
            case "BRANCH":
                for alternative in value[1]:
                    self.steps += 1
                    yield from self.ends(list(alternative), at)
            case "SUBPATTERN":
                yield from self.ends(list(value[3]), at)
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inside = value
                yield from self._repeat(least, most, inside, at)
            case "ASSERT" | "ASSERT_NOT":
                way, inside = value
                start = at if way > 0 else at - inside.getwidth()[0]
                held = start >= 0 and any(True for _ in self.ends(list(inside), start))
                if held is (str(kind) == "ASSERT"):
                    yield at
            case "AT":
                self.steps += 1
                if at == (0 if "BEGINNING" in str(value) else len(self._text)):
                    yield at
            case _:
                self.steps += 1
                if at < len(self._text) and _is(kind, value, self._text[at]):
                    yield at + 1

    def _repeat(self, least: int, most: int, inside: Any, at: int) -> Iterator[int]:
        if least == 0:
            yield at
        if most:
            for end in self.ends(list(inside), at):
                yield from self._repeat(max(0, least - 1), most - 1, inside, end)


def _is(kind: Any, value: Any, character: str) -> bool:
    code = ord(character)
    match str(kind):
        case "LITERAL":
            return bool(code == value)
        case "NOT_LITERAL":
            return bool(code != value)
        case "RANGE":
            return bool(value[0] <= code <= value[1])
        case "IN":
            inverted = str(value[0][0]) == "NEGATE"
            return inverted is not any(_is(each, of, character) for each, of in value[inverted:])
    raise AssertionError(f"{kind} is not part of the language")


def steps_at(expression: str, text: str, at: int) -> int:
    """Steps that the search for every way to match costs at one place."""
    counter = Counter(text)
    for _ in counter.ends(list(parser.parse(expression)), at):
        pass
    return counter.steps
