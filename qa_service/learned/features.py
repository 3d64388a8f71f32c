"""What the learned reader sees of a turn: pieces of up to three characters, and of what was said just before.

Marks are left out and figures read as one sign, so that no piece is about a sum or a date. Each feature counts once a
turn. Training and judging call the same functions; what a feature is worth is all that is learned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 3
"""Characters of the longest piece: four gain nothing on families held out, and double the file."""

BEFORE_CHARACTERS = 20
"""How much of the turn before is looked at, from its end."""

_MARKS = re.compile(r"[^\w]+")
_FIGURES = re.compile(r"[0-9零〇一二两三四五六七八九十百千万]{2,}|[0-9]+")
_FIGURE, _BEGIN, _END = "#", "^", "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The features of one turn, by view."""

    characters: frozenset[str]
    before: frozenset[str]

    def of(self, view: str) -> frozenset[str]:
        """The features of one of ``learned_model.VIEWS``."""
        return {"characters": self.characters, "before": self.before}[view]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A feature of a turn's own words and where it stands: characters ``[start, end)`` of the view of its turn."""

    feature: str
    start: int
    end: int


def plain(text: str) -> str:
    """Text (a turn's view) without marks, each figure one sign."""
    return _FIGURES.sub(_FIGURE, _MARKS.sub("", text))


def features_of(text: str, before: str = "") -> Features:
    """The features of a turn with the view ``text``, said after ``before`` (empty where nobody said anything)."""
    bare = plain(text)
    return Features(
        characters=frozenset(_pieces(f"{_BEGIN}{bare}{_END}")),
        before=frozenset(_pieces(plain(before)[-BEFORE_CHARACTERS:])),
    )


def located(text: str) -> Iterator[Located]:
    """The features of a turn's own words with their places, for showing what a score rests on."""
    bare, places = _plain_with_places(text)
    bounded = f"{_BEGIN}{bare}{_END}"
    at = [places[0], *places, places[-1]] if places else []
    for length in range(1, LONGEST + 1):
        for start in range(len(bounded) - length + 1 if at else 0):
            over = at[start : start + length]
            yield Located(feature=bounded[start : start + length], start=over[0][0], end=over[-1][1])


def _pieces(text: str) -> list[str]:
    return [text[start : start + n] for n in range(1, LONGEST + 1) for start in range(len(text) - n + 1)]


def _plain_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """``plain`` with the range of ``text`` that each of its characters stands for."""
    kept = [place for place, character in enumerate(text) if not _MARKS.fullmatch(character)]
    spelt = "".join(text[place] for place in kept)
    bare, places, done = "", list[tuple[int, int]](), 0
    for figure in _FIGURES.finditer(spelt):
        bare += spelt[done : figure.start()] + _FIGURE
        places += [(kept[i], kept[i] + 1) for i in range(done, figure.start())]
        places.append((kept[figure.start()], kept[figure.end() - 1] + 1))
        done = figure.end()
    places += [(place, place + 1) for place in kept[done:]]
    return bare + spelt[done:], places
