"""The rules in force, for people to read."""

from __future__ import annotations

from qa_service.access import Action, Actor
from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.model import Rule
from qa_service.settings import Settings

__all__ = ["Rule", "Rulebook", "list_rules", "open_rulebook", "verified_sources"]


def open_rulebook(settings: Settings) -> Rulebook:
    """The shipped rules with the house's own on top.

    Raises:
        LexiconInvalid: a rule file is wrong.
    """
    return load_rulebook(settings.lexicon_dir, profile=settings.profile, learned=settings.learned == "on")


def list_rules(rulebook: Rulebook, actor: Actor) -> tuple[Rule, ...]:
    """Every rule by id, retired ones and drafts with their status."""
    actor.require(Action.RULES_READ)
    return tuple(sorted(rulebook.rules, key=lambda rule: rule.id))


def verified_sources(rulebook: Rulebook, rule: Rule) -> tuple[str, ...]:
    """Those of the sources a rule names whose original a compliance officer has read."""
    return tuple(named for named in rule.sources if rulebook.sources[named.partition(":")[0]].source_verified)
