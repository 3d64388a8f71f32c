"""Many patterns over one text in one pass: an automaton finds the literals, only their patterns are then tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import ahocorasick_rs

from qa_service.lexicon.patterns import Pattern


class PatternIndex:
    """Patterns by the literals they need; the cost of a text grows with what it holds, not with their number."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Index ``patterns``; results name them by position."""
        self._patterns = tuple(patterns)
        by_anchor: defaultdict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, pattern in enumerate(self._patterns):
            for anchor in pattern.anchors:
                by_anchor[anchor].append(number)
            if not pattern.anchors:
                self._always.append(number)
        self._needing = [tuple(numbers) for numbers in by_anchor.values()]
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_anchor) or ["\0"])

    def find_all(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Every match as ``(pattern position, start, end)``, patterns in their order, matches left to right."""
        if not text:
            return
        for number in sorted(self._candidates(text)):
            for match in self._patterns[number].matches(text):
                if match.end() > match.start():
                    yield number, match.start(), match.end()

    def _candidates(self, text: str) -> set[int]:
        found = {hit[0] for hit in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        return {number for anchor in found if anchor < len(self._needing) for number in self._needing[anchor]} | set(
            self._always
        )
