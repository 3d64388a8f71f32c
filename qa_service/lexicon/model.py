"""The knowledge as values: rules, framings, word sets, limits, the marking scheme, and the rulebook that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType
from typing import Annotated

from qa_service.call import Callee, LegalStage, Speaker
from qa_service.judgement import Category, RuleStatus, Severity
from qa_service.labelled import Labelled
from qa_service.lexicon.learned_model import LearnedModel
from qa_service.lexicon.patterns import Pattern


class Listener(Labelled):
    """Who is hearing the agent at a moment, as far as the words so far tell.

    ``CLAIMED``: they say or let it pass that they are the debtor, but neither name nor number was asked and confirmed.
    """

    UNKNOWN = "unknown", "未确认"
    CLAIMED = "claimed", "自称或默认是本人，未核对"
    VERIFIED = "verified", "已确认本人"
    NOT_DEBTOR = "not_debtor", "非本人"


class Reach(Labelled):
    """Where a framing's cue stands relative to the words it frames."""

    BEFORE = "before", "之前"
    AFTER = "after", "之后"
    INSIDE = "inside", "之中"
    CLAUSE = "clause", "同一分句"
    SENTENCE = "sentence", "同一句"


class Layer(Labelled):
    """Which folder something of a rulebook comes from, in the order in which they are laid over one another."""

    SHIPPED = "shipped", "随附"
    HOUSE = "house", "本机构"
    PROPOSED = "proposed", "拟用"


class Stricter(Labelled):
    """Which of two values of a limit binds where profiles are stacked."""

    LEAST = "least", "取较小或较早的"
    LEAST_SET = "least_set", "取较小的，0 为不核对"
    MOST = "most", "取较大或较晚的"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One pattern of a framing and where it must stand; ``within`` is the distance allowed, in characters."""

    pattern: Pattern
    reach: Reach
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """A way of saying words without meaning them: denial, quotation, question and the like."""

    name: str
    label: str
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleTurn:
    """One turn of an example; ``marked`` are the ranges of ``text`` that must be quoted."""

    speaker: Speaker
    text: str
    marked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A short dialogue with the circumstances it is spoken in."""

    source: str
    turns: tuple[ExampleTurn, ...]
    callee: Callee = Callee.DEBTOR
    legal_stage: LegalStage | None = None
    waiver: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What a layer changed of a rule from below it, ``keys`` by name, and why."""

    layer: Layer
    keys: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a category.

    ``listeners``: it fires only while one of these hears (empty: whoever hears). ``lawful_stages``: the words are
    true, and no finding, once the case has reached one of these; with the stage unknown the finding
    ``needs_confirmation``. ``waiver_lawful`` is the same for a granted waiver. ``patterns`` is empty for a rule that
    is code in ``checks``, and for one that is ``learned``: found by the learned reader. With ``agreement`` the words
    are so common that they count only where the learned reader does not rule the category out. ``family`` is the
    provision that the rule is a finer part of: said in one breath, the rules of a family count once. ``words`` are the
    word sets of the rule's own file. ``limits`` are those of the profile that a rule of ``checks`` goes by. ``layer``
    is where the text comes from, ``changes`` what layers above changed of it; ``version`` counts those, too.
    """

    id: str
    version: int
    status: RuleStatus
    category: Category
    severity: Severity
    label: str
    why: str
    speaker: Speaker
    sources: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    unless: tuple[str, ...] = ()
    listeners: frozenset[Listener] = frozenset()
    lawful_stages: frozenset[LegalStage] = frozenset()
    waiver_lawful: bool = False
    learned: bool = False
    agreement: bool = False
    limits: tuple[str, ...] = ()
    say_instead: str | None = None
    hits: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()
    blind_spots: tuple[str, ...] = ()
    retired_because: str | None = None
    retired_on: date | None = None
    layer: Layer = Layer.SHIPPED
    changes: tuple[RuleChange, ...] = ()
    fingerprint: str = ""
    family: str = ""
    file: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something a turn may show that several checks build on: an introduction, a question of identity, a debt word.

    ``speaker`` is who must say it, None for either; ``unless`` names framings under which it does not count.
    """

    name: str
    label: str
    speaker: Speaker | None
    patterns: tuple[Pattern, ...]
    unless: tuple[str, ...] = ()
    hits: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The dated parameters of a profile; each number's source stands beside it in the profile file.

    The ``spike_`` ones say by how much a voice must rise above its own calm, and for how long; ``debt_`` how far a
    stated sum may lie from the case's (the larger of the two counts); ``care_turns`` within how many turns the agent
    must answer a need; ``rate_cap_`` are yearly percentages; ``work_`` when a debtor is at work, Monday to Friday.
    What is 0 among the last five is not asked for. What no profile names keeps the value given here. Beside each stands
    which value binds where profiles are stacked; ``name`` is the stack.
    """

    name: str
    hours_start: Annotated[time, Stricter.MOST]
    hours_end: Annotated[time, Stricter.LEAST]
    connected_per_day: Annotated[int, Stricter.LEAST]
    effective_speech_seconds: Annotated[int, Stricter.LEAST]
    unanswered_per_day: Annotated[int, Stricter.LEAST]
    third_party_failures: Annotated[int, Stricter.MOST]
    spike_level_db: Annotated[float, Stricter.LEAST] = 6.0
    spike_pitch_share: Annotated[float, Stricter.LEAST] = 0.2
    spike_pace_share: Annotated[float, Stricter.LEAST] = 0.2
    spike_seconds: Annotated[int, Stricter.LEAST] = 3
    debt_tolerance_yuan: Annotated[float, Stricter.LEAST] = 1.0
    debt_tolerance_share: Annotated[float, Stricter.LEAST] = 0.01
    care_turns: Annotated[int, Stricter.LEAST] = 3
    work_start: Annotated[time, Stricter.LEAST] = time(9)
    work_end: Annotated[time, Stricter.MOST] = time(18)
    rate_cap_licensed: Annotated[float, Stricter.LEAST_SET] = 0.0
    rate_cap_private: Annotated[float, Stricter.LEAST_SET] = 0.0
    caller_ids_per_day: Annotated[int, Stricter.LEAST_SET] = 0
    stop_request_days: Annotated[int, Stricter.MOST] = 0
    follow_up_hours: Annotated[int, Stricter.LEAST_SET] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOrigin:
    """Where the value of a limit in force comes from: profile, layer, source with its grade, and since when."""

    value: int | float | time
    profile: str
    layer: Layer
    source: str
    grade: str
    since: date
    source_verified: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How a mark is made: start, floor, points of each severity, how many hits of one rule count."""

    name: str
    start: int
    floor: int
    points: Mapping[Severity, int]
    hits_counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A law, standard or other instrument that a rule rests on."""

    key: str
    title: str
    force: str
    grade: str
    source_verified: bool
    layer: Layer = Layer.SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything a call is judged by; ``fingerprint`` changes whenever any of it does.

    ``learned`` is None where the house has switched the learned reader off. ``limit_origins`` is by the name of the
    limit; one that no profile names has none.
    """

    rules: tuple[Rule, ...]
    framings: Mapping[str, Framing]
    facts: tuple[Fact, ...]
    word_sets: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Source]
    limits: Limits
    scheme: Scheme
    fingerprint: str
    learned: LearnedModel | None = None
    limit_origins: Mapping[str, LimitOrigin] = field(default_factory=lambda: MappingProxyType({}))

    def rule(self, rule_id: str) -> Rule:
        """The rule of this id; ``KeyError`` where there is none (a programming error: ids come from this book)."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
