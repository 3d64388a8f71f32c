"""Sentences that the other side broke with a 嗯 or 好: consecutive turns of one speaker, read as one.

Only what the pieces do not show by themselves is taken from the whole: words that run from one piece into the next, and
ways of not meaning it that stand in another piece of the same sentence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from qa_service.call import HeardWord, Turn
from qa_service.judgement import Quote
from qa_service.lexicon.text import CLAUSE_MARKS, SENTENCE_MARKS
from qa_service.reading.turns import FactHit, ReadTurn

BACKCHANNELS = "backchannel"
"""The word set of turns that only say one is listening."""

MOST_PIECES = 4
"""Turns of one sentence; longer runs are a monologue that the other side only listens to."""

MOST_BACKCHANNELS = 2
"""Turns of the other side between two pieces (嗯, 好的)."""

MOST_SILENCE_MS = 6000
"""From one piece to the next: a 嗯 lasts one second, a 好的你说 two, and both sides hesitate."""

MOST_CHARACTERS = 120
"""Of all pieces together: about half a minute of speech."""

_BROKEN_OFF = "…—~～"
_ENDS = frozenset(SENTENCE_MARKS) - frozenset(_BROKEN_OFF)
_BLANK = "\t"  # a view drops it, and unlike a space it stands for no pause
_FINAL_PARTICLES = "吗么吧呢嘛"
_GREETS = ("喂", "你好", "您好")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A broken sentence: its pieces in order and, in ``whole``, everything read of them as one turn.

    ``begins`` are the offsets at which the pieces begin in the text of ``whole``.
    """

    pieces: tuple[ReadTurn, ...]
    whole: ReadTurn
    begins: tuple[int, ...]

    @property
    def turns(self) -> tuple[int, ...]:
        """The numbers of the turns it is made of."""
        return tuple(piece.index for piece in self.pieces)

    def crosses(self, start: int, end: int) -> bool:
        """Whether characters ``[start, end)`` of the whole's view lie in more than one piece."""
        return self._piece(start) != self._piece(end - 1)

    def parts(self, start: int, end: int) -> list[tuple[ReadTurn, int, int]]:
        """Characters ``[start, end)`` of the whole's view by piece, each range in the view of its piece."""
        found = []
        for number, (piece, begin) in enumerate(zip(self.pieces, self.begins, strict=True)):
            mine = [self.whole.view.offsets[at] - begin for at in range(start, end) if self._piece(at) == number]
            if mine:
                offsets = piece.view.offsets
                found.append((piece, bisect_left(offsets, mine[0]), bisect_left(offsets, mine[-1]) + 1))
        return found

    def quotes(self, start: int, end: int) -> tuple[Quote, ...]:
        """The original words behind characters ``[start, end)`` of the whole's view, one quote a turn."""
        return tuple(piece.quote(first, last) for piece, first, last in self.parts(start, end))

    def framed(self, piece: ReadTurn, start: int, end: int, names: Collection[str]) -> str | None:
        """The framing that holds over ``[start, end)`` of a piece's view when the sentence is read as one."""
        begin = self.begins[self.turns.index(piece.index)]
        first, last = (begin + offset for offset in piece.view.original(start, end))
        offsets = self.whole.view.offsets
        return self.whole.framed(bisect_left(offsets, first), bisect_left(offsets, last), names)

    def _piece(self, place: int) -> int:
        offset = self.whole.view.offsets[place]
        return max(number for number, begin in enumerate(self.begins) if begin <= offset)


class PassageFinder:
    """Finds broken sentences with the backchannels of one rulebook; built once per rulebook."""

    def __init__(self, read: Callable[[int, Turn], ReadTurn], backchannels: Collection[str]) -> None:
        """``read`` reads a turn; ``backchannels`` are whole turns that only say one is listening."""
        self._read = read
        self._backchannels = frozenset(backchannels)

    def find(self, turns: Sequence[ReadTurn]) -> tuple[Passage, ...]:
        """The broken sentences of a call, in its order; no turn is a piece of two."""
        found: list[Passage] = []
        taken = -1
        for at in range(len(turns)):
            if at > taken and len(pieces := self._pieces(turns, at)) > 1:
                taken = pieces[-1].index
                found.append(self._joined(pieces))
        return tuple(found)

    def _pieces(self, turns: Sequence[ReadTurn], at: int) -> list[ReadTurn]:
        pieces = [turns[at]]
        while len(pieces) < MOST_PIECES and (following := self._following(turns, pieces[-1])) is not None:
            if sum(len(piece.view.text) for piece in (*pieces, following)) > MOST_CHARACTERS:
                break
            pieces.append(following)
        return pieces

    def _following(self, turns: Sequence[ReadTurn], piece: ReadTurn) -> ReadTurn | None:
        """The next piece of the sentence that ``piece`` leaves unfinished, None where it is not, or is not taken up."""
        if not _unfinished(piece) or self._only_listens(piece):
            return None
        for turn in turns[piece.index + 1 : piece.index + 2 + MOST_BACKCHANNELS]:
            if turn.speaker is piece.speaker:
                return turn if self._continues(turn, piece) else None
            if not self._only_listens(turn):
                return None
        return None

    def _continues(self, turn: ReadTurn, piece: ReadTurn) -> bool:
        near = turn.turn.start_ms - piece.turn.end_ms <= MOST_SILENCE_MS
        answers_the_telephone = turn.view.text.startswith(_GREETS)
        return near and turn.turn.trusted and not answers_the_telephone and not self._only_listens(turn)

    def _only_listens(self, turn: ReadTurn) -> bool:
        words = turn.view.text.strip(CLAUSE_MARKS)
        asks = turn.turn.text.rstrip().endswith(("?", "？"))
        return not asks and (not words or words in self._backchannels)

    def _joined(self, pieces: Sequence[ReadTurn]) -> Passage:
        begins, text, words = [], "", list[HeardWord]()
        for number, piece in enumerate(pieces):
            begins.append(len(text))
            words += [replace(w, start=w.start + len(text), end=w.end + len(text)) for w in piece.turn.words]
            text += piece.turn.text if number == len(pieces) - 1 else _without_break(piece.turn)
        first = pieces[0].turn
        turn = replace(first, text=text, end_ms=pieces[-1].turn.end_ms, words=tuple(words), sound=None)
        whole = self._read(pieces[0].index, turn)
        return Passage(pieces=tuple(pieces), whole=whole, begins=tuple(begins))


def with_passages(turns: Sequence[ReadTurn], passages: Sequence[Passage]) -> tuple[ReadTurn, ...]:
    """The turns with the facts of their broken sentences: those that cross pieces stand where they end."""
    changed = list(turns)
    for passage in passages:
        for piece in passage.pieces:
            changed[piece.index] = _reframed(piece, passage)
        for hit in passage.whole.facts:
            if passage.crosses(hit.start, hit.end):
                piece, start, end = passage.parts(hit.start, hit.end)[-1]
                added = replace(hit, start=start, end=end)
                known = changed[piece.index]
                changed[piece.index] = replace(known, facts=(*known.facts, added))
    return tuple(changed)


def _reframed(piece: ReadTurn, passage: Passage) -> ReadTurn:
    def kept(hits: tuple[FactHit, ...]) -> tuple[FactHit, ...]:
        return tuple(h for h in hits if not h.unless or passage.framed(piece, h.start, h.end, h.unless) is None)

    return replace(piece, facts=kept(piece.facts), other_facts=kept(piece.other_facts))


def _unfinished(piece: ReadTurn) -> bool:
    """Whether a turn ends in the middle of a sentence; an engine ends every turn with a full stop, broken or not."""
    text = piece.turn.text.rstrip()
    if not piece.turn.trusted or not piece.view.text or text.endswith(("?", "？", "!", "！")):
        return False
    if piece.turn.confidence is None and text[-1] in _ENDS:
        return False
    return piece.view.text.rstrip(CLAUSE_MARKS)[-1:] not in _FINAL_PARTICLES


def _without_break(turn: Turn) -> str:
    """The text of a piece, the marks of its breaking-off blanked: dashes, and in recognised text any mark."""
    marks = _BROKEN_OFF if turn.confidence is None else CLAUSE_MARKS
    bare = turn.text.rstrip().rstrip(marks)
    return bare + _BLANK * (len(turn.text) - len(bare))
