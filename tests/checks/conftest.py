"""One judge for all tests of checks: building it indexes the rules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.reading import Reader

sys.path.insert(0, str(Path(__file__).parent))  # the sibling module ``dialogue``


@pytest.fixture(scope="session")
def judge() -> Judge:
    return Judge(load_rulebook())


@pytest.fixture(scope="session")
def reader(judge: Judge) -> Reader:
    return Reader(judge.rulebook)
