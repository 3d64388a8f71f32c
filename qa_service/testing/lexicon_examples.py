"""The one generic test of the lexicon: every example of every rule, and that every part of a rule is needed.

``complaints_of`` is what ``qa-service lexicons test`` prints and what the test suite asserts to be empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from qa_service.call import Call, Case, Speaker, Turn
from qa_service.checks.phrases import PhraseRules
from qa_service.judgement import RuleStatus
from qa_service.lexicon.model import Example, ExampleTurn, Rule, Rulebook
from qa_service.lexicon.patterns import Pattern, compile_pattern
from qa_service.lexicon.text import CLAUSE_MARKS
from qa_service.reading import Reader, Reading

WHEN = datetime(2026, 3, 12, 6, 5, tzinfo=UTC)
FILLER = "呃"
FEWEST = 6
"""Fewest hits, and fewest misses, that show what a provision covers and what it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong with a rule, as a sentence to its author."""

    file: str
    rule: str
    text: str

    def __str__(self) -> str:
        """File, rule and sentence in one line."""
        return f"{self.file} {self.rule}：{self.text}"


def complaints_of(rulebook: Rulebook, only: str | None = None) -> tuple[Complaint, ...]:
    """Everything wrong with the examples of the rules; ``only`` limits it to one file name or rule id prefix."""
    runner = ExampleRunner(rulebook)
    chosen = [rule for rule in rulebook.rules if only is None or rule.file == only or rule.id.startswith(only)]
    return tuple(
        Complaint(file=rule.file, rule=rule.id, text=text)
        for rule in chosen
        if rule.status is not RuleStatus.RETIRED
        for text in runner.complaints(rule)
    )


def shortages_of(rulebook: Rulebook, told: Mapping[str, tuple[int, int]]) -> tuple[Complaint, ...]:
    """What the shipped rules lack: six hits and six misses for each provision, a better wording for each agent rule.

    A provision's finer rules count together, examples in the rules and in dialogues alike; ``told`` are the hits and
    misses of rules in dialogues. Rules of the learned reader have no examples of their own: the corpus is theirs.
    """
    live = [rule for rule in rulebook.rules if rule.status is RuleStatus.LIVE and not rule.learned]
    families: dict[str, list[Rule]] = {}
    for rule in live:
        families.setdefault(rule.family, []).append(rule)
    short = [
        Complaint(file=rules[0].file, rule=family, text=f"正例 {hits} 条、反例 {misses} 条，各须不少于 {FEWEST} 条。")
        for family, rules in families.items()
        for hits, misses in [_examples(rules, told)]
        if min(hits, misses) < FEWEST
    ]
    unadvised = [
        Complaint(file=rule.file, rule=rule.id, text="缺少 say_instead：请写一句合规而能帮到客户的说法。")
        for rule in live
        if rule.speaker is Speaker.AGENT and not rule.say_instead
    ]
    return (*short, *unadvised)


def _examples(rules: Sequence[Rule], told: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    counts = [told.get(rule.id, (0, 0)) for rule in rules]
    hits = sum(len(rule.hits) for rule in rules) + sum(hits for hits, _ in counts)
    return hits, sum(len(rule.misses) for rule in rules) + sum(misses for _, misses in counts)


class ExampleRunner:
    """Runs the examples of single rules the way a call is judged."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Prepare the reader and the whole rulebook's word rules."""
        self._rulebook = rulebook
        self._reader = Reader(rulebook)
        self._readings: dict[Example, Reading] = {}
        self._all = PhraseRules(rulebook)

    def complaints(self, rule: Rule) -> Iterator[str]:
        """Every complaint about one rule."""
        yield from self._offending_advice(rule)
        if not rule.patterns:
            return
        fires = self._judge(rule)
        for example in rule.hits:
            yield from self._hit_complaints(example, fires)
        for example in rule.misses:
            quoted = fires.quoted(example)
            if quoted:
                yield f"反例不该命中：“{example.source}”，却命中了“{quoted[0].text}”。"
        if rule.misses and not any(turn.speaker is not rule.speaker for e in rule.misses for turn in e.turns):
            yield "反例里至少要有一条是另一方说的。"
        yield from self._unneeded(rule)

    def _read(self, example: Example) -> Reading:
        if example not in self._readings:
            self._readings[example] = self._reader.read(call_of(example))
        return self._readings[example]

    def _judge(self, rule: Rule) -> _OneRule:
        return _OneRule(self._read, replace(self._rulebook, rules=(rule,)))

    def _hit_complaints(self, example: Example, fires: _OneRule) -> Iterator[str]:
        marked = [(t, start, end) for t, turn in enumerate(example.turns) for start, end in turn.marked]
        if not marked:
            yield f"正例没有用【】标出要引用的词：“{example.source}”。"
            return
        quoted = [(quote.turn, quote.start, quote.end) for quote in fires.quoted(example)]
        if quoted != marked:
            said = "、".join(quote.text for quote in fires.quoted(example)) or "什么也没有"
            yield f"正例“{example.source}”应引用标出的词，实际引用了：{said}。"
            return
        for changed, how in ((without_punctuation(example), "去掉标点"), (with_fillers(example), "加上语气词")):
            if not fires.quoted(changed):
                yield f"正例“{example.source}”{how}后不再命中。"

    def _unneeded(self, rule: Rule) -> Iterator[str]:
        """Patterns, choices and framings that no example needs."""
        for number, pattern in enumerate(rule.patterns):
            others = rule.patterns[:number] + rule.patterns[number + 1 :]
            relying = self._lost(rule, others)
            if not relying:
                yield f"没有一个正例需要模式“{pattern.source}”，请补例句或删去它。"
                continue
            for smaller, choice in _reduced(pattern, {**self._rulebook.word_sets, **rule.words}):
                if not any(not self._fires(rule, (*others, smaller), example) for example in relying):
                    yield f"模式“{pattern.source}”里的选项“{choice or '（空）'}”没有正例用到，请补例句或删去它。"
        for framing in rule.unless:
            bare = replace(rule, unless=tuple(name for name in rule.unless if name != framing))
            judge = self._judge(bare)
            if not any(judge.quoted(example) for example in rule.misses):
                yield f"没有一个反例需要语境“{framing}”，请补反例或从 unless 里删去。"

    def _lost(self, rule: Rule, patterns: tuple[Pattern, ...]) -> list[Example]:
        return [example for example in rule.hits if not self._fires(rule, patterns, example)]

    def _fires(self, rule: Rule, patterns: tuple[Pattern, ...], example: Example) -> bool:
        return bool(self._judge(replace(rule, patterns=patterns)).quoted(example))

    def _offending_advice(self, rule: Rule) -> Iterator[str]:
        if rule.say_instead is None:
            return
        said = Example(source=rule.say_instead, turns=(ExampleTurn(speaker=Speaker.AGENT, text=rule.say_instead),))
        for finding in self._all.check(self._read(said)):
            if finding.category.value not in ("conduct", "disclosure"):
                yield f"建议用语本身触犯了规则 {finding.rule}：“{finding.quotes[0].text}”。"


class _OneRule:
    """One rule alone, run over examples."""

    def __init__(self, read: Callable[[Example], Reading], rulebook: Rulebook) -> None:
        rule = replace(rulebook.rules[0], status=RuleStatus.LIVE)
        self._read = read
        self._rules = PhraseRules(replace(rulebook, rules=(rule,)))

    def quoted(self, example: Example) -> list[_Quoted]:
        """What the rule quotes of an example, in order."""
        findings = self._rules.check(self._read(example))
        return [_Quoted(q.turn, q.start, q.end, q.text) for finding in findings for q in finding.quotes]


@dataclass(frozen=True, slots=True)
class _Quoted:
    turn: int
    start: int
    end: int
    text: str


def call_of(example: Example) -> Call:
    """The call an example describes: its turns five seconds each, its circumstances as call data."""
    turns = tuple(
        Turn(speaker=turn.speaker, start_ms=index * 5000, end_ms=index * 5000 + 4500, text=turn.text)
        for index, turn in enumerate(example.turns)
    )
    case = Case(legal_stage=example.legal_stage, waiver_id="example" if example.waiver else None)
    return Call(call_id="example", started_at=WHEN, callee=example.callee, case=case, turns=turns)


def without_punctuation(example: Example) -> Example:
    """The example as an engine might write it: no marks at all."""
    table = str.maketrans("", "", CLAUSE_MARKS)
    turns = tuple(replace(turn, text=turn.text.translate(table), marked=()) for turn in example.turns)
    return replace(example, turns=turns)


def with_fillers(example: Example) -> Example:
    """The example spoken haltingly: a filler before every third character."""
    turns = []
    for turn in example.turns:
        pieces = [turn.text[start : start + 3] for start in range(0, len(turn.text), 3)]
        turns.append(replace(turn, text=FILLER.join(pieces), marked=()))
    return replace(example, turns=tuple(turns))


def _reduced(pattern: Pattern, word_sets: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Pattern, str]]:
    """The pattern with one alternative of one choice removed, for each of them."""
    for alternatives in pattern.choices:
        if len(alternatives) < 2:
            continue
        written = "[" + "|".join(alternatives) + "]"
        for choice in alternatives:
            rest = "[" + "|".join(other for other in alternatives if other != choice) + "]"
            yield compile_pattern(pattern.source.replace(written, rest, 1), word_sets, "test"), choice
