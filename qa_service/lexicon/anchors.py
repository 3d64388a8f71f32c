"""Many patterns over one text in one pass: an automaton finds the literals, only their patterns are then tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

import ahocorasick_rs

from qa_service.lexicon.patterns import Pattern, rarest


class PatternIndex:
    """Patterns by the literals they need; the cost of a text grows with what it holds, not with their number.

    A pattern waits for the rarest group of its literals, and is tried where each other group has one in the text, too.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Index ``patterns``; results name them by position."""
        self._patterns = tuple(patterns)
        # Patterns share word sets: each group is one bit, and one test asks for all that a pattern needs.
        groups: defaultdict[frozenset[str], int] = defaultdict(lambda: 1 << len(groups))
        waiting: defaultdict[str, list[int]] = defaultdict(list)
        for position, pattern in enumerate(self._patterns):
            for literal in rarest(pattern.needs):
                waiting[literal].append(position)
        self._needs = [reduce(or_, (groups[group] for group in pattern.needs), 0) for pattern in self._patterns]
        holding: defaultdict[str, int] = defaultdict(int)
        for group, bit in groups.items():
            for literal in group:
                holding[literal] |= bit
        literals = sorted(holding)
        self._groups = [holding[literal] for literal in literals]
        self._waiting = [tuple(waiting[literal]) for literal in literals]
        self._automaton = ahocorasick_rs.AhoCorasick(literals or ["\0"])

    def find_all(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Every match as ``(pattern position, start, end)``, patterns in their order, matches left to right."""
        for position in self._candidates(text):
            for match in self._patterns[position].matches(text):
                start, end = match.span()
                if end > start:
                    yield position, start, end

    def _candidates(self, text: str) -> list[int]:
        """The patterns that a text with these literals may match, in order."""
        if not self._patterns:
            return []
        literals = {hit[0] for hit in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        held = reduce(or_, map(self._groups.__getitem__, literals), 0)
        waiting = set[int]().union(*map(self._waiting.__getitem__, literals))
        needs = self._needs
        return [position for position in sorted(waiting) if needs[position] & held == needs[position]]
