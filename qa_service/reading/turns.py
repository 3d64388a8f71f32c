"""Turns as the checks see them: normalised text, clauses, and which ways of not meaning it surround a stretch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from qa_service.call import Speaker, Turn
from qa_service.judgement import Quote
from qa_service.lexicon.anchors import PatternIndex
from qa_service.lexicon.model import Cue, Fact, Reach, Rulebook
from qa_service.lexicon.patterns import Pattern
from qa_service.lexicon.sounds import Respeller, Respelt
from qa_service.lexicon.text import TextView, view_of
from qa_service.reading.clauses import ClauseReader, Clauses

_QUESTION_ENDS = frozenset("吗吧么")
DISCOURSE_MARKERS = "discourse_marker"
"""The word set of the words that open a new clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueHit:
    """One cue of a framing, found in the view of a turn at characters ``[start, end)``."""

    framing: str
    cue: Cue
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactHit:
    """One fact of the lexicon, found in the view of a turn at characters ``[start, end)``.

    ``unless`` names the framings under which it does not count.
    """

    name: str
    start: int
    end: int
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTurn:
    """A turn with everything read of it once and shared by all checks.

    ``clauses`` are offsets in the view. ``facts`` are those that count from this speaker, ``other_facts`` those that
    would if the other side had said the same. ``by_sound`` is the view with phrases of the lexicon that it holds by
    sound alone, None where there are none.
    """

    index: int
    turn: Turn
    view: TextView
    clauses: Clauses
    cues: tuple[CueHit, ...]
    facts: tuple[FactHit, ...] = ()
    other_facts: tuple[FactHit, ...] = ()
    by_sound: Respelt | None = None

    def exchanged(self) -> ReadTurn:
        """The same words as if the other side had said them."""
        turn = replace(self.turn, speaker=self.turn.speaker.other)
        return replace(self, turn=turn, facts=self.other_facts, other_facts=self.facts)

    def fact(self, *names: str) -> FactHit | None:
        """The earliest of the named facts in this turn; none where its text is suspect."""
        return self.hint(*names) if self.turn.trusted else None

    def hint(self, *names: str) -> FactHit | None:
        """The same, suspect text included: what a person may hear where nothing can be said for sure."""
        hits = [hit for hit in self.facts if hit.name in names]
        return min(hits, key=attrgetter("start")) if hits else None

    @property
    def speaker(self) -> Speaker:
        """Who says it."""
        return self.turn.speaker

    def quote(self, start: int, end: int) -> Quote:
        """The original words behind characters ``[start, end)`` of the view."""
        first, last = self.view.original(start, end)
        return Quote(turn=self.index, start=first, end=last, text=self.turn.text[first:last])

    def one_clause(self, start: int, end: int, pattern: Pattern) -> bool:
        """Whether no gap of ``pattern``, matched at ``[start, end)``, runs over a boundary that no mark shows.

        Words of the pattern itself may (不还…然后), and so may a pattern that asks for the next clause (，).
        """
        source = pattern.source
        if "，" in source or not ("…" in source or "~" in source):
            return True
        inside = self.clauses.unmarked[bisect_right(self.clauses.unmarked, start) :]
        return all(place >= end or self.view.text[place : place + 2] in source for place in inside)

    def framed(self, start: int, end: int, names: Iterable[str]) -> str | None:
        """The first of the named framings that holds over ``[start, end)``, None where the words are meant."""
        wanted = frozenset(names)
        for hit in self.cues:
            if hit.framing in wanted and self._covers(hit, start, end):
                return hit.framing
        return None

    def one_question(self, one: FactHit, other: FactHit) -> bool:
        """Whether two facts stand in one sentence and no question ends between them (…的朋友吗，张伟在吗)."""
        first, last = sorted((one, other), key=lambda hit: hit.start)
        between = self.view.text[first.start : last.start]
        same = self._same(self.clauses.sentences, one.start, other.start)
        return first.end > last.start or (same and not _QUESTION_ENDS.intersection(between))

    def _covers(self, hit: CueHit, start: int, end: int) -> bool:
        cue = hit.cue
        match cue.reach:
            case Reach.INSIDE:
                return start <= hit.start and hit.end <= end
            case Reach.BEFORE:
                near = 0 <= start - hit.end <= cue.within or hit.start <= start < hit.end
                return near and self._same(self.clauses.clauses, hit.start, start)
            case Reach.AFTER:
                return 0 <= hit.start - end <= cue.within and self._same(self.clauses.sentences, end - 1, hit.start)
            case Reach.CLAUSE:
                return (
                    self._same(self.clauses.clauses, hit.start, start) and self._distance(hit, start, end) <= cue.within
                )
            case Reach.SENTENCE:
                same = self._same(self.clauses.sentences, hit.start, start)
                return same and self._distance(hit, start, end) <= cue.within

    @staticmethod
    def _same(starts: tuple[int, ...], one: int, other: int) -> bool:
        return bisect_right(starts, one) == bisect_right(starts, other)

    @staticmethod
    def _distance(hit: CueHit, start: int, end: int) -> int:
        return max(0, start - hit.end, hit.start - end)


def find_by_spelling_and_sound(
    index: PatternIndex, view: TextView, by_sound: Respelt | None
) -> Iterator[tuple[int, int, int, bool]]:
    """The matches of an index in a turn as (pattern position, start, end, whether only the sound matches)."""
    for number, start, end in index.find_all(view.text):
        yield number, start, end, False
    if by_sound is not None:
        for number, start, end in index.find_all(by_sound.text):
            if by_sound.rests_on(start, end):
                yield number, start, end, True


class TurnReader:
    """Reads turns with the framings and facts of one rulebook; built once per rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Index the cues of all framings and the patterns of all facts by the literals they need."""
        framings, facts = rulebook.framings.values(), rulebook.facts
        self._clauses = ClauseReader(rulebook.word_sets[DISCOURSE_MARKERS])
        self._cues = [(framing.name, cue) for framing in framings for cue in framing.cues]
        self._facts = [(fact, pattern) for fact in facts for pattern in fact.patterns]
        # One index for both: a turn is searched once for all literals.
        self._index = PatternIndex([*(cue.pattern for _, cue in self._cues), *(pattern for _, pattern in self._facts)])
        known = (*(pattern for rule in rulebook.rules for pattern in rule.patterns), *(p for _, p in self._facts))
        self._respeller = Respeller(phrase for pattern in known for phrase in pattern.phrases)

    def read(self, index: int, turn: Turn) -> ReadTurn:
        """Normalise a turn and read its clauses, framings and facts."""
        view = view_of(turn.text).from_first_word()
        by_sound = self._respeller.respell(view.text)
        found = list(find_by_spelling_and_sound(self._index, view, by_sound))
        bare = ReadTurn(
            index=index,
            turn=turn,
            view=view,
            clauses=self._clauses.read(view, turn.text, turn.words),
            cues=tuple(
                CueHit(framing=self._cues[number][0], cue=self._cues[number][1], start=start, end=end)
                for number, start, end, heard in found
                if number < len(self._cues) and not heard
            ),
            by_sound=by_sound,
        )
        facts = list(self._facts_of(bare, found))
        if not facts:
            return bare
        return ReadTurn(
            index=index,
            turn=turn,
            view=view,
            clauses=bare.clauses,
            cues=bare.cues,
            facts=tuple(hit for fact, hit in facts if fact.speaker in (None, turn.speaker)),
            other_facts=tuple(hit for fact, hit in facts if fact.speaker in (None, turn.speaker.other)),
            by_sound=by_sound,
        )

    def _facts_of(self, turn: ReadTurn, found: Iterable[tuple[int, int, int, bool]]) -> Iterator[tuple[Fact, FactHit]]:
        """The facts among the matches of the index; ``turn`` has everything but those."""
        for number, start, end, _ in found:
            if number >= len(self._cues):
                fact, pattern = self._facts[number - len(self._cues)]
                if turn.one_clause(start, end, pattern) and turn.framed(start, end, fact.unless) is None:
                    yield fact, FactHit(name=fact.name, start=start, end=end, unless=fact.unless)
