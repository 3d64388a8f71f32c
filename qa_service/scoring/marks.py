"""From findings to a mark, exactly as the contract's *Marks* say.

Start at 100, floor 0; note 0, minor -5, major -15, veto -30 while nobody has confirmed it, and the mark is 0 once
somebody has; at most two hits of a rule, its finer parts taken together, count. Rules on trial, findings that need
confirmation, and what customers say deduct nothing. The numbers are those of ``lexicons/scheme.toml``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from qa_service.call import Speaker
from qa_service.judgement import Deduction, Finding, RuleStatus, Scorecard, Severity, Verdict, VetoState
from qa_service.lexicon.model import Scheme

NO_VERDICTS: Mapping[int, Verdict] = MappingProxyType({})


def score(findings: Iterable[Finding], scheme: Scheme, verdicts: Mapping[int, Verdict] = NO_VERDICTS) -> Scorecard:
    """The mark of a call.

    ``verdicts`` maps the position of a finding to a person's word on it: an overturned one is as if it had never
    been made, a confirmed one counts even where it needed confirmation.
    """
    counted: Counter[str] = Counter()
    deductions: list[Deduction] = []
    states: set[VetoState] = set()
    for position, finding in enumerate(findings):
        verdict = verdicts.get(position)
        if not _scored(finding):
            continue
        if verdict is Verdict.OVERTURNED:
            states |= {VetoState.OVERTURNED} if finding.severity is Severity.VETO else set()
            continue
        if finding.needs_confirmation and verdict is not Verdict.CONFIRMED:
            continue
        if finding.severity is Severity.VETO:
            states.add(VetoState.CONFIRMED if verdict is Verdict.CONFIRMED else VetoState.PENDING)
        counted[finding.family or finding.rule] += 1
        if counted[finding.family or finding.rule] <= scheme.hits_counted and scheme.points[finding.severity]:
            deductions.append(_deduction(finding, scheme))
    veto = _worst(states)
    total = scheme.start - sum(deduction.points for deduction in deductions)
    mark = scheme.floor if veto is VetoState.CONFIRMED else max(scheme.floor, total)
    return Scorecard(mark=mark, deductions=tuple(deductions), veto=veto, scheme=scheme.name)


def _scored(finding: Finding) -> bool:
    """Whether a finding may ever deduct: a live rule about what the agent did."""
    return finding.status is RuleStatus.LIVE and finding.speaker is Speaker.AGENT


def _deduction(finding: Finding, scheme: Scheme) -> Deduction:
    return Deduction(
        rule=finding.rule,
        label=finding.label,
        severity=finding.severity,
        points=scheme.points[finding.severity],
        turn=finding.turn,
    )


def _worst(states: set[VetoState]) -> VetoState:
    for state in (VetoState.CONFIRMED, VetoState.PENDING, VetoState.OVERTURNED):
        if state in states:
            return state
    return VetoState.NONE
