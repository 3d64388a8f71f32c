"""What becomes of one call under two rulebooks: findings that come, go or change, and the mark, veto and queue."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from qa_service.judgement import Finding, Judged, Queue, Verdict, VetoState
from qa_service.labelled import Labelled

Verdicts: TypeAlias = Mapping[tuple[str, int | None], Verdict]
"""What people said of a call: by rule and turn (None where the evidence is call data alone)."""

NO_VERDICTS: Verdicts = MappingProxyType({})


class Change(Labelled):
    """What became of a finding."""

    APPEARED = "appeared", "新增"
    DISAPPEARED = "disappeared", "消失"
    CHANGED = "changed", "改变"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """One finding as it was and as it would be, at least one of the two; ``verdict`` is a person's word on it."""

    before: Finding | None
    after: Finding | None
    verdict: Verdict | None = None

    @property
    def change(self) -> Change:
        """Whether it comes, goes, or stays with another severity, status, ground or quote."""
        if self.before is None:
            return Change.APPEARED
        return Change.DISAPPEARED if self.after is None else Change.CHANGED

    @property
    def finding(self) -> Finding:
        """The finding as it would be, or as it was where it goes."""
        finding = self.after or self.before
        if finding is None:
            raise ValueError("a change is of a finding")
        return finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a call stands by one rulebook; ``queue`` is None where nobody needs to look."""

    mark: int
    veto: VetoState
    queue: Queue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How often a rule found something, and what people said of those findings, as far as they did."""

    found: int = 0
    confirmed: int = 0
    overturned: int = 0

    def __add__(self, other: Hits) -> Hits:
        return Hits(
            found=self.found + other.found,
            confirmed=self.confirmed + other.confirmed,
            overturned=self.overturned + other.overturned,
        )

    @property
    def precision(self) -> float | None:
        """Share of the decided findings that people confirmed, None where nobody decided any."""
        decided = self.confirmed + self.overturned
        return self.confirmed / decided if decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHits:
    """The hits of one rule in one call, or in many."""

    before: Hits = Hits()
    after: Hits = Hits()

    def __add__(self, other: RuleHits) -> RuleHits:
        return RuleHits(before=self.before + other.before, after=self.after + other.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One call under two rulebooks; ``hits`` are by rule."""

    call_id: str
    before: Standing
    after: Standing
    changes: tuple[FindingChange, ...]
    hits: Mapping[str, RuleHits]

    @property
    def differs(self) -> bool:
        """Whether anything of the call changes."""
        return bool(self.changes) or self.before != self.after


def compare(before: Judged, after: Judged, verdicts: Verdicts = NO_VERDICTS) -> Comparison:
    """Compare two judgements of one call, the findings paired by rule and evidence, else by rule and turn."""
    was, would = before.analysis.findings, after.analysis.findings
    before_hits, after_hits = _hits(was, verdicts), _hits(would, verdicts)
    return Comparison(
        call_id=before.analysis.call_id,
        before=_standing(before),
        after=_standing(after),
        changes=tuple(_changes(was, would, verdicts)),
        hits={
            rule: RuleHits(before=before_hits.get(rule, Hits()), after=after_hits.get(rule, Hits()))
            for rule in sorted(before_hits.keys() | after_hits.keys())
        },
    )


def _standing(judged: Judged) -> Standing:
    return Standing(
        mark=judged.scorecard.mark,
        veto=judged.scorecard.veto,
        queue=judged.triage.queue if judged.triage is not None else None,
    )


def _hits(findings: Iterable[Finding], verdicts: Verdicts) -> Mapping[str, Hits]:
    hits: dict[str, Hits] = {}
    for finding in findings:
        verdict = verdicts.get((finding.rule, finding.turn))
        hits[finding.rule] = hits.get(finding.rule, Hits()) + Hits(
            found=1, confirmed=verdict is Verdict.CONFIRMED, overturned=verdict is Verdict.OVERTURNED
        )
    return hits


def _changes(was: Sequence[Finding], would: Sequence[Finding], verdicts: Verdicts) -> Iterator[FindingChange]:
    pairs, gone, come = _paired(was, would, lambda f: (f.rule, f.evidence))
    moved, gone, come = _paired(gone, come, lambda f: (f.rule, f.turn))
    changed: list[tuple[Finding | None, Finding | None]] = [
        (old, new) for old, new in (*pairs, *moved) if _seen(old) != _seen(new)
    ]
    changed += [(old, None) for old in gone]
    changed += [(None, new) for new in come]
    made = [FindingChange(before=old, after=new) for old, new in changed]
    for each in sorted(made, key=lambda c: (c.finding.turn is None, c.finding.turn or 0, c.finding.rule)):
        key = each.finding.rule, each.finding.turn
        yield FindingChange(before=each.before, after=each.after, verdict=verdicts.get(key))


def _paired(
    was: Sequence[Finding], would: Sequence[Finding], key: Callable[[Finding], Hashable]
) -> tuple[list[tuple[Finding, Finding]], list[Finding], list[Finding]]:
    """Pairs of the same key in order, then what of each is left alone."""
    waiting: dict[Hashable, list[Finding]] = {}
    for finding in reversed(would):
        waiting.setdefault(key(finding), []).append(finding)
    pairs, gone = [], []
    for finding in was:
        same = waiting.get(key(finding))
        if same:
            pairs.append((finding, same.pop()))
        else:
            gone.append(finding)
    left = {id(finding) for rest in waiting.values() for finding in rest}
    return pairs, gone, [finding for finding in would if id(finding) in left]


def _seen(finding: Finding) -> tuple[object, ...]:
    """What a person sees of a finding and would miss if it changed."""
    return finding.severity, finding.status, finding.needs_confirmation, tuple(e.text for e in finding.evidence)
