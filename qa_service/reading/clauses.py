"""Where the clauses and sentences of a turn begin.

A clause ends at punctuation, at a pause between words, before a discourse marker (但是, 然后 …), or once it has grown
long and a new subject follows a final particle: recognised text often has no punctuation at all.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa_service.call import HeardWord
from qa_service.lexicon.text import CLAUSE_MARKS, SENTENCE_MARKS, TextView, view_of

PAUSE_MS = 400
"""A silence between two words from which on a clause ends; measured in ``docs/decisions/judging.md``."""

LONGEST_CLAUSE = 24
"""Characters after which a clause without any mark ends where it can: twice the longest gap of a pattern."""

_WORDS_WITHOUT_SPACE = 4
"""Characters on average between two spaces that stand for pauses; with fewer, they only part words."""

# A pause behind one of these is a hesitation inside the clause: something must follow (我们不会 … 去您单位); behind one
# of the weaker ones only where no new subject does (我们不去 … 你得还).
_OPEN_ENDS = frozenset("不没别会要能可想把被给跟和与让叫是在")
_WEAKLY_OPEN = frozenset("到去来向对从为就都也还很太最每这那个的得地你我他们")
_SUBJECTS = frozenset("你我他请这那")
_CLAUSE_END = re.compile(f"[{re.escape(CLAUSE_MARKS)}]")
_SENTENCE_END = re.compile(f"[{re.escape(SENTENCE_MARKS)}]")
_NEW_SUBJECT = re.compile(r"(?<=[了吧吗呢嘛])(?=[你我他这那])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clauses:
    """Offsets in a view, ascending, each beginning with 0.

    ``unmarked`` are the clause starts that no punctuation stands before: gaps of patterns do not see those by
    themselves.
    """

    clauses: tuple[int, ...]
    sentences: tuple[int, ...]
    unmarked: tuple[int, ...]


class ClauseReader:
    """Finds clauses with the discourse markers of one rulebook; built once per rulebook."""

    def __init__(self, markers: Iterable[str]) -> None:
        """Compile the markers as a view shows them."""
        folded = sorted({view_of(marker).text for marker in markers}, key=lambda marker: (-len(marker), marker))
        first = "".join(sorted({re.escape(marker[0]) for marker in folded}))
        # Looking at the first character alone rules out nearly every place.
        self._markers = re.compile(rf"(?=[{first}])(?:{'|'.join(map(re.escape, folded))})" if folded else r"(?!)")

    def read(self, view: TextView, text: str, words: Sequence[HeardWord] = ()) -> Clauses:
        """The clauses of one view of ``text``; ``words`` are its timed words, none for imported text."""
        marked = _after(_CLAUSE_END, view.text)
        found = {match.start() for match in self._markers.finditer(view.text)}
        found.update(_after_pauses(view, words))
        found.update(_after_spaces(view, text))
        if len(view.text) > LONGEST_CLAUSE:
            found.update(_at_length(view.text, sorted({*marked, *found})))
        unmarked = tuple(sorted(found.difference(marked)))
        return Clauses(
            clauses=tuple(sorted({*marked, *unmarked})),
            sentences=_after(_SENTENCE_END, view.text),
            unmarked=unmarked,
        )


def _after(marks: re.Pattern[str], text: str) -> tuple[int, ...]:
    return (0, *(match.end() for match in marks.finditer(text)))


def _after_pauses(view: TextView, words: Sequence[HeardWord]) -> Iterator[int]:
    for before, after in pairwise(words):
        if after.start_ms - before.end_ms >= PAUSE_MS:
            place = bisect_left(view.offsets, after.start)
            if 0 < place < len(view.text) and _may_end(view.text, place):
                yield place


def _after_spaces(view: TextView, text: str) -> Iterator[int]:
    """Where an engine set a space between Chinese words for a pause; none where it sets one after every word."""
    if text.count(" ") * _WORDS_WITHOUT_SPACE > len(view.text):
        return
    for place in range(1, len(view.text)) if " " in text else ():
        before, after = view.offsets[place - 1], view.offsets[place]
        parted = after - before > 1 and " " in text[before:after] and not view.text[place].isascii()
        if parted and _may_end(view.text, place):
            yield place


def _may_end(text: str, place: int) -> bool:
    """Whether the words before ``place`` can end a clause and are not waiting for those behind it."""
    last = text[place - 1]
    return last not in _OPEN_ENDS and (last not in _WEAKLY_OPEN or text[place] in _SUBJECTS)


def _at_length(text: str, starts: Sequence[int]) -> Iterator[int]:
    """Cuts inside clauses that have grown too long, each where a new subject follows a final particle."""
    for start, end in zip(starts, (*starts[1:], len(text)), strict=True):
        last = start
        while end - last > LONGEST_CLAUSE:
            cut = _NEW_SUBJECT.search(text, last + LONGEST_CLAUSE, end)
            if cut is None:
                break
            last = cut.start()
            yield last
