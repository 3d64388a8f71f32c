"""What is searched for names and institutions: turns as the ear has them, broken sentences as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_service.reading.passages import Passage
from qa_service.reading.turns import ReadTurn

BREAK = "，"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The text of a turn or of a broken sentence, with a comma wherever a clause begins that no mark shows.

    Phrases that the text holds by sound alone are spelt right. ``places`` are where its characters stand in the view.
    """

    turn: ReadTurn
    text: str
    places: tuple[int, ...]
    passage: Passage | None = None

    @property
    def ends(self) -> int:
        """The number of the turn in which it ends."""
        return self.turn.index if self.passage is None else self.passage.turns[-1]

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """Characters ``[start, end)`` as turn number and range of its view; of several turns the one they end in."""
        first, last = self.places[start], self.places[end - 1] + 1
        if self.passage is None:
            return self.turn.index, first, last
        piece, first, last = self.passage.parts(first, last)[-1]
        return piece.index, first, last


def spoken(turns: Sequence[ReadTurn], passages: Sequence[Passage]) -> Iterator[Spoken]:
    """Each turn, and each broken sentence of which all pieces are among the turns."""
    numbers = {turn.index for turn in turns}
    for turn in turns:
        yield _spoken(turn, None)
    for passage in passages:
        if numbers.issuperset(passage.turns):
            yield _spoken(passage.whole, passage)


def _spoken(turn: ReadTurn, passage: Passage | None) -> Spoken:
    text = turn.by_sound.text if turn.by_sound is not None else turn.view.text
    if not turn.clauses.unmarked:
        return Spoken(turn=turn, text=text, places=tuple(range(len(text))), passage=passage)
    characters, places, last = list[str](), list[int](), 0
    for start in (*turn.clauses.unmarked, len(text)):
        characters += text[last:start]
        places += range(last, start)
        if start < len(text):
            characters.append(BREAK)
            places.append(start)
        last = start
    return Spoken(turn=turn, text="".join(characters), places=tuple(places), passage=passage)
