"""Rules that are words: patterns of the lexicon, fired where they are said and meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_service.call import Speaker
from qa_service.judgement import By, Finding, Quote, RuleStatus, Severity
from qa_service.lexicon.anchors import PatternIndex
from qa_service.lexicon.findings import finding_of
from qa_service.lexicon.model import Rule, Rulebook
from qa_service.lexicon.patterns import Pattern
from qa_service.reading import GUESSED_SPEAKER, Reading
from qa_service.reading.passages import Passage
from qa_service.reading.turns import ReadTurn, find_by_spelling_and_sound

LISTENER_UNHEARD = "此前有话没有听清，不能断言接听人未经核实，请收听确认。"
STAGE_UNKNOWN = "随录参数没有案件所处的法律阶段，请核实是否属实。"
WAIVER_UNKNOWN = "随录参数没有减免批复编号，请核实是否已获批。"
SOUNDS_LIKE = "按读音认出，读作“{}”，请收听确认。"
SURE_BY_SOUND = 0.7
"""Confidence of a finding whose words are spelt otherwise: six of nine in labelled and ordinary calls were right."""

_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """A rule fired at characters ``[start, end)`` of the view of a turn, up to its end where the hit runs on.

    ``sounds_like`` is how words are read that match by sound alone, None for words spelt as the rule has them.
    """

    rule: Rule
    turn: ReadTurn
    start: int
    end: int
    quotes: tuple[Quote, ...]
    sounds_like: str | None = None

    def repeats(self, other: _Hit) -> bool:
        """Whether both break one provision, or speak of one category in the same words."""
        overlap = other.start < self.end and self.start < other.end
        one_category = self.rule.category is other.rule.category
        return self.rule.family == other.rule.family or (one_category and overlap)


class PhraseRules:
    """The word rules of one rulebook, indexed once."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Index the patterns of every rule that may fire (live or on trial)."""
        firing = (RuleStatus.LIVE, RuleStatus.TRIAL)
        rules = [rule for rule in rulebook.rules if rule.status in firing]
        # One index a side: most rules are the agent's, and no turn of the customer need be tried against them.
        self._rules = {
            speaker: [(rule, pattern) for rule in rules if rule.speaker is speaker for pattern in rule.patterns]
            for speaker in Speaker
        }
        self._indexes = {side: PatternIndex([pattern for _, pattern in own]) for side, own in self._rules.items()}

    def check(self, reading: Reading) -> tuple[Finding, ...]:
        """All findings of word rules, in the order of the call; the leftmost, longest hit per rule and turn.

        A hit that runs over several turns of a broken sentence stands in the first of them and quotes each.
        """
        hits: defaultdict[int, list[_Hit]] = defaultdict(list)
        for turn in reading.turns:
            if turn.turn.trusted:
                hits[turn.index] += self._in_turn(turn, reading)
        for passage in reading.passages:
            for hit in self._across(passage, reading):
                hits[hit.turn.index].append(hit)
        return tuple(self._finding(hit, reading) for _, found in sorted(hits.items()) for hit in _once_each(found))

    def _in_turn(self, turn: ReadTurn, reading: Reading) -> Iterator[_Hit]:
        passage = reading.passage(turn.index)
        index = self._indexes[turn.speaker]
        for number, start, end, heard in find_by_spelling_and_sound(index, turn.view, turn.by_sound):
            rule, pattern = self._rules[turn.speaker][number]
            if not self._fires(rule, pattern, turn, start, end, reading):
                continue
            if passage is None or passage.framed(turn, start, end, rule.unless) is None:
                like = turn.by_sound.text[start:end] if heard and turn.by_sound else None
                quotes = (turn.quote(start, end),)
                yield _Hit(rule=rule, turn=turn, start=start, end=end, quotes=quotes, sounds_like=like)

    def _across(self, passage: Passage, reading: Reading) -> Iterator[_Hit]:
        """The hits that no single piece of a broken sentence holds."""
        whole = passage.whole
        for number, start, end in self._indexes[whole.speaker].find_all(whole.view.text):
            rule, pattern = self._rules[whole.speaker][number]
            if passage.crosses(start, end) and self._fires(rule, pattern, whole, start, end, reading):
                turn, first, last = passage.parts(start, end)[0]
                yield _Hit(rule=rule, turn=turn, start=first, end=last, quotes=passage.quotes(start, end))

    def _fires(self, rule: Rule, pattern: Pattern, turn: ReadTurn, start: int, end: int, reading: Reading) -> bool:
        if not turn.one_clause(start, end, pattern):
            return False
        if rule.listeners and reading.listener(turn.index) not in rule.listeners:
            return False
        case = reading.call.case
        if case.legal_stage is not None and case.legal_stage in rule.lawful_stages:
            return False
        if rule.waiver_lawful and case.waiver_id:
            return False
        return turn.framed(start, end, rule.unless) is None

    def _finding(self, hit: _Hit, reading: Reading) -> Finding:
        rule = hit.rule
        doubt = _doubt(rule, hit.turn, reading)
        if hit.sounds_like is not None:
            doubt = (doubt or "") + SOUNDS_LIKE.format(hit.sounds_like)
        return finding_of(
            rule,
            *hit.quotes,
            speaker=hit.turn.speaker,
            by=By.PATTERN if hit.sounds_like is None else By.SOUND,
            confidence=1.0 if hit.sounds_like is None else SURE_BY_SOUND,
            because=doubt,
        )


def _doubt(rule: Rule, turn: ReadTurn, reading: Reading) -> str | None:
    """Why a person must confirm before this counts, None where nothing is in doubt."""
    if turn.turn.speaker_doubtful or (rule.listeners and reading.guessed_by(turn.index)):
        return GUESSED_SPEAKER
    if rule.listeners and reading.identity_unheard(turn.index):
        return LISTENER_UNHEARD
    if rule.lawful_stages and reading.call.case.legal_stage is None:
        return STAGE_UNKNOWN
    if rule.waiver_lawful and reading.call.case.waiver_id is None and not reading.call.case.known:
        return WAIVER_UNKNOWN
    return None


def _once_each(hits: Iterable[_Hit]) -> list[_Hit]:
    """Of the hits of a turn the leftmost, longest per rule, in order; words spelt as the rule has them come first.

    Of one family, and of one category over the same words, only the gravest (then the longest) is kept.
    """
    best: dict[str, _Hit] = {}
    for hit in sorted(hits, key=lambda hit: (hit.sounds_like is not None, hit.start, -hit.end)):
        best.setdefault(hit.rule.id, hit)
    kept: list[_Hit] = []
    for hit in sorted(best.values(), key=lambda h: (-_GRAVITY[h.rule.severity], h.start - h.end, h.rule.id)):
        if not any(hit.repeats(other) for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.rule.id))
