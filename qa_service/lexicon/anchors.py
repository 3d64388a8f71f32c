"""Many patterns over one text in one pass: an automaton finds the literals, only their patterns are then tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import ahocorasick_rs

from qa_service.lexicon.patterns import Pattern, rarest


class PatternIndex:
    """Patterns by the literals they need; the cost of a text grows with what it holds, not with their number.

    A pattern waits for the rarest group of its literals, and is tried where each other group has one in the text, too.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Index ``patterns``; results name them by position."""
        self._patterns = tuple(patterns)
        numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
        waiting: defaultdict[int, list[int]] = defaultdict(list)
        others: list[tuple[frozenset[int], ...]] = []
        for position, pattern in enumerate(self._patterns):
            first = rarest(pattern.needs)
            for literal in sorted(first):
                waiting[numbers[literal]].append(position)
            rest = [group for group in pattern.needs if group != first]
            others.append(tuple(frozenset(numbers[literal] for literal in sorted(group)) for group in rest))
        self._others = tuple(others)
        self._waiting = {number: tuple(positions) for number, positions in waiting.items()}
        self._automaton = ahocorasick_rs.AhoCorasick(list(numbers) or ["\0"])

    def find_all(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Every match as ``(pattern position, start, end)``, patterns in their order, matches left to right."""
        held = {hit[0] for hit in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        for position in self._candidates(held):
            for match in self._patterns[position].matches(text):
                if match.end() > match.start():
                    yield position, match.start(), match.end()

    def _candidates(self, held: set[int]) -> list[int]:
        """The patterns that a text with these literals may match, in order."""
        waiting = {position for literal in held & self._waiting.keys() for position in self._waiting[literal]}
        return [
            position
            for position in sorted(waiting)
            if not self._others[position] or not any(map(held.isdisjoint, self._others[position]))
        ]
