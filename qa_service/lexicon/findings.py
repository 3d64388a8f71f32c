"""Findings of rules: their severity, label and status come from the rulebook, never from the code."""

from __future__ import annotations

from qa_service.call import Speaker
from qa_service.judgement import By, Evidence, Finding, RuleStatus
from qa_service.lexicon.model import Rule, Rulebook


def found(
    rulebook: Rulebook,
    rule_id: str,
    *evidence: Evidence,
    speaker: Speaker = Speaker.AGENT,
    by: By = By.PATTERN,
    because: str | None = None,
) -> tuple[Finding, ...]:
    """One finding of the rule, or none where the house has no such rule in force.

    ``because`` makes it one that needs a person's confirmation.
    """
    rule = next((rule for rule in rulebook.rules if rule.id == rule_id), None)
    if rule is None or rule.status in (RuleStatus.RETIRED, RuleStatus.DRAFT):
        return ()
    return (finding_of(rule, *evidence, speaker=speaker, by=by, because=because),)


def finding_of(
    rule: Rule,
    *evidence: Evidence,
    speaker: Speaker | None = None,
    by: By = By.PATTERN,
    confidence: float = 1.0,
    because: str | None = None,
) -> Finding:
    """A finding of this rule; ``speaker`` is the rule's own unless named.

    ``because`` makes it one that needs a person's confirmation.
    """
    return Finding(
        category=rule.category,
        rule=rule.id,
        family=rule.family,
        severity=rule.severity,
        label=rule.label,
        speaker=speaker or rule.speaker,
        evidence=evidence,
        confidence=confidence,
        by=by,
        status=rule.status,
        needs_confirmation=because is not None,
        because=because,
    )
