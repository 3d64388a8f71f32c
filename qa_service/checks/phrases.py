"""Rules that are words: patterns of the lexicon, fired where they are said and meant."""

from __future__ import annotations

from collections.abc import Iterator

from qa_service.judgement import By, Finding, RuleStatus, Severity
from qa_service.lexicon.anchors import PatternIndex
from qa_service.lexicon.model import Rule, Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading
from qa_service.reading.turns import ReadTurn

LISTENER_UNHEARD = "此前有话没有听清，不能断言接听人未经核实，请收听确认。"
STAGE_UNKNOWN = "随录参数没有案件所处的法律阶段，请核实是否属实。"
WAIVER_UNKNOWN = "随录参数没有减免批复编号，请核实是否已获批。"
_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


class PhraseRules:
    """The word rules of one rulebook, indexed once."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Index the patterns of every rule that may fire (live or on trial)."""
        firing = (RuleStatus.LIVE, RuleStatus.TRIAL)
        rules = [rule for rule in rulebook.rules if rule.status in firing]
        self._rules = [(rule, pattern) for rule in rules for pattern in rule.patterns]
        self._index = PatternIndex([pattern for _, pattern in self._rules])

    def check(self, reading: Reading) -> tuple[Finding, ...]:
        """All findings of word rules, in the order of the call; the leftmost, longest hit per rule and turn."""
        return tuple(finding for turn in reading.turns if turn.turn.trusted for finding in self._of_turn(turn, reading))

    def _of_turn(self, turn: ReadTurn, reading: Reading) -> list[Finding]:
        best: dict[str, tuple[Rule, int, int]] = {}
        for number, start, end in self._index.find_all(turn.view.text):
            rule = self._rules[number][0]
            known = best.get(rule.id)
            if known and (known[1], -known[2]) <= (start, -end):
                continue
            if self._fires(rule, turn, start, end, reading):
                best[rule.id] = (rule, start, end)
        return [self._finding(rule, turn, start, end, reading) for rule, start, end in _once_each(best)]

    def _fires(self, rule: Rule, turn: ReadTurn, start: int, end: int, reading: Reading) -> bool:
        if rule.speaker is not turn.speaker or turn.framed(start, end, rule.unless) is not None:
            return False
        if rule.listeners and reading.listener(turn.index) not in rule.listeners:
            return False
        case = reading.call.case
        if case.legal_stage is not None and case.legal_stage in rule.lawful_stages:
            return False
        return not (rule.waiver_lawful and case.waiver_id)

    def _finding(self, rule: Rule, turn: ReadTurn, start: int, end: int, reading: Reading) -> Finding:
        doubt = _doubt(rule, turn, reading)
        return Finding(
            category=rule.category,
            rule=rule.id,
            family=rule.family,
            severity=rule.severity,
            label=rule.label,
            speaker=turn.speaker,
            evidence=(turn.quote(start, end),),
            by=By.PATTERN,
            status=rule.status,
            needs_confirmation=doubt is not None,
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


def _once_each(found: dict[str, tuple[Rule, int, int]]) -> Iterator[tuple[Rule, int, int]]:
    """Of one family in a turn, and of one category over the same words, only the gravest (then the longest) is kept."""
    kept: list[tuple[Rule, int, int]] = []
    by_weight = sorted(found.values(), key=lambda hit: (-_GRAVITY[hit[0].severity], hit[1] - hit[2], hit[0].id))
    for rule, start, end in by_weight:
        said = any(
            r.family == rule.family or (r.category is rule.category and start < e and s < end) for r, s, e in kept
        )
        if not said:
            kept.append((rule, start, end))
    yield from sorted(kept, key=lambda hit: (hit[1], hit[0].id))
