"""A reader trained once on a small corpus of the tests' own."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the sibling module ``small_corpus``

from small_corpus import write_corpus

from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.learned import model_of
from qa_service.lexicon.learned_model import LearnedModel
from qa_service.pipeline import Judge
from training.train import Trained, train


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def plain_rulebook() -> Rulebook:
    return load_rulebook(learned=False)


@pytest.fixture(scope="session")
def trained(corpus: Path, plain_rulebook: Rulebook) -> Trained:
    return train(corpus, rulebook=plain_rulebook)


@pytest.fixture(scope="session")
def model(trained: Trained) -> LearnedModel:
    return model_of(trained.card, trained.content, Path("reader.npz"))


@pytest.fixture(scope="session")
def rulebook(plain_rulebook: Rulebook, model: LearnedModel) -> Rulebook:
    return replace(plain_rulebook, learned=model)


@pytest.fixture(scope="session")
def judge(rulebook: Rulebook) -> Judge:
    return Judge(rulebook)
