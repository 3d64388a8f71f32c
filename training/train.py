"""Training the reader: fit on the train families, choose thresholds, decide what ships, describe it on a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qa_service.call import Speaker
from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.learned import FORMAT, Card, CardCategory, CardCorpus, CardCounts, model_of
from qa_service.testing.corpus import CORPUS, Split
from qa_service.testing.evaluation import Tally
from training import files
from training.fitting import Fitted, Recipe, chances_in, fit
from training.material import CATEGORIES, Material, read_material
from training.shipping import Judgements, Place, judge_all, reasons_off, tally
from training.thresholds import Scored, choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A trained reader with everything its card says, and the validation calls as it judges them."""

    card: Card
    content: bytes
    judgements: Judgements


def train(corpus: Path = CORPUS, *, recipe: Recipe | None = None, rulebook: Rulebook | None = None) -> Trained:
    """Train on the ``train`` families of a corpus; ``validation`` says what ships.

    Raises:
        InputRefused: naming a file and line of the corpus that is wrong.
        LexiconInvalid: where the rule files are.
    """
    rulebook = load_rulebook(learned=False) if rulebook is None else rulebook
    learned_from = read_material(corpus, Split.TRAIN, rulebook)
    chosen_on = read_material(corpus, Split.VALIDATION, rulebook)
    fitted = {speaker: fit(learned_from, speaker, recipe or Recipe()) for speaker in Speaker}
    thresholds = {
        (speaker, category): choose(_scored(learned_from, chosen_on, fitted[speaker], speaker), speaker, category)
        for speaker, categories in CATEGORIES.items()
        for category in categories
    }
    content = files.model_bytes({speaker: one.model for speaker, one in fitted.items()})
    draft = _card(content, learned_from, _all_on(thresholds))
    judgements = judge_all(chosen_on.dialogues, rulebook, model_of(draft, content, Path(files.MODEL)))
    off = reasons_off(judgements, thresholds)
    return Trained(
        card=_card(content, learned_from, _lines(thresholds, judgements, off)), content=content, judgements=judgements
    )


def _scored(train: Material, validation: Material, fitted: Fitted, speaker: Speaker) -> list[Scored]:
    """The dialogues of both splits with probabilities by models that have not seen their family."""
    unseen = [Scored(dialogue=one, chances=p) for one, p in zip(train.dialogues, fitted.unseen, strict=True)]
    new = [Scored(dialogue=one, chances=chances_in(fitted.model, one, speaker)) for one in validation.dialogues]
    return [*unseen, *new]


def _card(content: bytes, material: Material, categories: tuple[CardCategory, ...]) -> Card:
    said = [len(side.turns) for dialogue in material.dialogues for side in dialogue.sides.values()]
    return Card(
        format=FORMAT,
        model=files.MODEL,
        sha256=files.sha256(content),
        trained_on=files.today(),
        made_with=files.made_with(),
        corpus=CardCorpus(
            fingerprint=material.fingerprint,
            families=material.families,
            dialogues=len(material.dialogues),
            turns=sum(said),
            lines=sum(map(len, material.lines.values())),
        ),
        category=categories,
    )


def _all_on(thresholds: Mapping[Place, float]) -> tuple[CardCategory, ...]:
    nothing = CardCounts(found=0, missed=0, false=0)
    return tuple(
        CardCategory(
            category=category, speaker=speaker, on=True, threshold=value,
            patterns=nothing, learned=nothing, both=nothing,
        )
        for (speaker, category), value in thresholds.items()
    )  # fmt: skip


def _lines(
    thresholds: Mapping[Place, float], judgements: Judgements, off: Mapping[Place, str]
) -> tuple[CardCategory, ...]:
    patterns, learned = judgements.score(()), judgements.score(thresholds, patterns=False)
    return tuple(
        CardCategory(
            category=category,
            speaker=speaker,
            on=(speaker, category) not in off,
            threshold=value,
            patterns=_counts(tally(patterns, category)),
            learned=_counts(tally(learned, category)),
            both=_counts(tally(judgements.score({(speaker, category)}), category)),
            because=off.get((speaker, category), ""),
        )
        for (speaker, category), value in thresholds.items()
    )


def _counts(counted: Tally) -> CardCounts:
    return CardCounts(found=counted.found, missed=counted.missed, false=counted.false)
