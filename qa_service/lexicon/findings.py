"""Findings of rules that are code: their severity, label and status come from the rulebook, never from the code."""

from __future__ import annotations

from qa_service.call import Speaker
from qa_service.judgement import By, Evidence, Finding, RuleStatus
from qa_service.lexicon.model import Rulebook


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
    return (
        Finding(
            category=rule.category,
            rule=rule.id,
            family=rule.family,
            severity=rule.severity,
            label=rule.label,
            speaker=speaker,
            evidence=evidence,
            by=by,
            status=rule.status,
            needs_confirmation=because is not None,
            because=because,
        ),
    )
