"""What the training prints: the card as a table, and what each part of the reader adds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rich.table import Table

from qa_service.call import Speaker
from qa_service.judgement import Category
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.learned import Card, CardCounts
from qa_service.testing.corpus import CORPUS
from qa_service.testing.evaluation import AGENT_CATEGORIES, CUSTOMER_CATEGORIES, Evaluation, Tally
from training.fitting import Recipe
from training.train import Trained, train

LEFT_OUT = ("characters", "before", "neighbours", "places")
"""The parts of the reader that the ablation takes away one at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AblationRow:
    """F1 on the validation calls of one way of reading: by category (spikes of both speakers together), and pooled."""

    name: str
    f1: dict[Category, float]
    agent: float
    customer: float
    clean_flagged: int
    clean: int


def ablation(corpus: Path = CORPUS) -> list[AblationRow]:
    """Patterns alone, learned reader alone, both, and both with one part of the learned reader left out."""
    rulebook = load_rulebook(learned=False)
    whole = train(corpus, rulebook=rulebook)
    on = _on(whole)
    rows = [
        _row("patterns alone", whole.judgements.score(())),
        _row("learned alone", whole.judgements.score(on, patterns=False)),
        _row("both", whole.judgements.score(on)),
    ]
    for part in LEFT_OUT:
        trained = train(corpus, recipe=without(Recipe(), part), rulebook=rulebook)
        rows.append(_row(f"both, without {part}", trained.judgements.score(on)))
    return rows


def without(recipe: Recipe, part: str) -> Recipe:
    """The recipe with one part left out."""
    return replace(
        recipe,
        views={view: weight for view, weight in recipe.views.items() if view != part},
        context=tuple(one for one in recipe.context if one != part),
    )


def _on(trained: Trained) -> set[tuple[Speaker, Category]]:
    return {(line.speaker, line.category) for line in trained.card.category if line.on}


def _row(name: str, result: Evaluation) -> AblationRow:
    return AblationRow(
        name=name,
        f1={**{c: tally.f1 for c, tally in result.findings.items()}, Category.EMOTION: result.spikes.f1},
        agent=result.micro(AGENT_CATEGORIES).f1,
        customer=result.micro(CUSTOMER_CATEGORIES).f1,
        clean_flagged=result.clean_flagged,
        clean=result.clean,
    )


def ablation_table(rows: list[AblationRow]) -> Table:
    """The ablation for a person."""
    categories = (*AGENT_CATEGORIES, *CUSTOMER_CATEGORIES, Category.EMOTION)
    table = Table("F1 on validation", "agent", "customer", "clean flagged", *(c.value for c in categories))
    for row in rows:
        scores = (f"{row.f1[category]:.2f}" for category in categories)
        table.add_row(row.name, f"{row.agent:.3f}", f"{row.customer:.3f}", f"{row.clean_flagged}/{row.clean}", *scores)
    return table


def card_table(card: Card) -> Table:
    """The card for a person: per category F1 of patterns, learned reader and both on validation."""
    table = Table("类别", "说话人", "启用", "阈值", "词句 F1", "学习 F1", "合用 F1", "不启用的原因")
    for line in card.category:
        scores = (f"{_f1(counts):.3f}" for counts in (line.patterns, line.learned, line.both))
        on = "是" if line.on else "否"
        table.add_row(line.category.value, line.speaker.label, on, f"{line.threshold:.2f}", *scores, line.because)
    return table


def _f1(counts: CardCounts) -> float:
    return Tally(found=counts.found, missed=counts.missed, false=counts.false).f1
