"""How much work a pattern can make at one place of a text, counted in steps before it is ever run.

A pattern is a row of parts. Each part can match a place in at most so many ``ways``, and finding out takes at most so
many ``steps`` (characters compared). Where what follows fails, the next way is tried: the bounds multiply from part to
part, and their product is what a hostile text could cost at every one of its characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The most that a part can ask for at one place: different ends of a match, and steps to find them all."""

    ways: int
    steps: int


def of_repeat(most: int) -> Effort:
    """Up to ``most`` characters of a kind: one end for each number of them, none included."""
    return Effort(ways=most + 1, steps=most + 1)


def of_crossing(before: int, after: int) -> Effort:
    """A stretch that may run over one mark: up to ``before`` characters, it, and up to ``after``, or none of it."""
    ways = before + after + 2
    return Effort(ways=ways, steps=2 * ways + before)


def of_words(words: Collection[str]) -> Effort:
    """Any of these different words: only those that begin alike can match at one place, the others cost a look."""
    beginnings = Counter(word[:length] for word in words for length in range(1, len(word) + 1))
    paths = [[word[:length] for length in range(1, len(word) + 1)] for word in words]
    ways = max((sum(beginning in words for beginning in path) for path in paths), default=0) + ("" in words)
    along = max((sum(map(beginnings.__getitem__, path)) for path in paths), default=0)
    return Effort(ways=ways, steps=2 * len(words) + along)


def of_either(words: Iterable[str], others: Iterable[Effort]) -> Effort:
    """One of several, plain words or more than that: what all of them cost, tried one after the other."""
    each = [of_words(set(words)), *others]
    return Effort(ways=sum(one.ways for one in each), steps=len(each) + sum(one.steps for one in each))


def in_a_row(parts: Sequence[Effort]) -> Effort:
    """One after the other: every way of a part begins the search for the rest anew."""
    ways, steps = 1, 0
    for part in reversed(parts):
        ways, steps = part.ways * ways, part.steps + part.ways * steps
    return Effort(ways=ways, steps=steps)
