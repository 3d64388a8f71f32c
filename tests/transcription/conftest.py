from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qa_service.settings import Settings
from qa_service.testing.scripted_whisper import TINY, Shape, Variant, build_scripted_whisper
from qa_service.transcription.engine import SpeechEngine, load_engine

EngineMaker = Callable[..., SpeechEngine]


@pytest.fixture(scope="session")
def engine_saying(tmp_path_factory: pytest.TempPathFactory) -> EngineMaker:
    """Load a scripted engine for a text; equal ones are built once."""
    made: dict[tuple[str, Variant, Shape, int], SpeechEngine] = {}

    def make(
        text: str = "您好", *, variant: Variant = Variant.SAYS, shape: Shape = TINY, word_ms: int = 200
    ) -> SpeechEngine:
        key = (text, variant, shape, word_ms)
        if key not in made:
            folder = tmp_path_factory.mktemp("whisper")
            build_scripted_whisper(folder, text, variant=variant, shape=shape, word_ms=word_ms)
            made[key] = load_engine(Settings(whisper_model=str(folder), whisper_device="cpu", whisper_threads=1))
        return made[key]

    return make


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a scripted model, to be spoiled."""
    return build_scripted_whisper(tmp_path / "model", "您好")
