"""What a finding stands on: the layer of the rulebook, the profile of the limit, and the sources that produced it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qa_service.judgement import Finding, Ground
from qa_service.lexicon.model import Layer, Rule, Rulebook

NO_BASIS = "-"
_ORDER = {layer: place for place, layer in enumerate(Layer)}


class Grounds:
    """The grounds of every rule of one rulebook, worked out once."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Look up the sources and limits of each rule."""
        self._of_rule = {rule.id: ground_of(rule, rulebook) for rule in rulebook.rules}

    def stated(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, each with the ground of its rule."""
        return tuple(replace(finding, ground=self._of_rule[finding.rule]) for finding in findings)


def ground_of(rule: Rule, rulebook: Rulebook) -> Ground:
    """The sources of a rule, then those of the limits it goes by; the layer that had the last word on any of it."""
    origins = [rulebook.limit_origins[name] for name in rule.limits if name in rulebook.limit_origins]
    named = [*rule.sources, *(origin.source for origin in origins)]
    layers = [rule.layer, *(change.layer for change in rule.changes), *(origin.layer for origin in origins)]
    return Ground(
        layer=max(layers, key=_ORDER.__getitem__).value,
        profiles=tuple(dict.fromkeys(origin.profile for origin in origins)),
        sources=tuple(each for each in dict.fromkeys(named) if _is_basis(each, rulebook)),
    )


def _is_basis(named: str, rulebook: Rulebook) -> bool:
    """Whether a source may be held against somebody: what is graded ``-``, training material, may not."""
    return rulebook.sources[named.partition(":")[0]].grade != NO_BASIS
