"""Writing a trained reader: the model file and its card."""

from __future__ import annotations

import hashlib
import io
import platform
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tomli_w

from qa_service.call import Speaker
from qa_service.lexicon.learned import CARD, Card
from qa_service.lexicon.learned_model import VIEWS, SideModel

MODEL = "reader.npz"
MADE_WITH = ("numpy", "scikit-learn", "scipy")


def model_bytes(sides: Mapping[Speaker, SideModel]) -> bytes:
    """The model file of two trained sides; the same models give the same bytes."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for speaker in Speaker:
        arrays |= _arrays(speaker.value, sides[speaker])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _arrays(side: str, model: SideModel) -> dict[str, npt.NDArray[np.generic]]:
    arrays: dict[str, npt.NDArray[np.generic]] = {
        f"{side}.categories": _lines(category.value for category in model.categories),
        f"{side}.bias": model.bias,
        f"{side}.context": model.context,
        f"{side}.context_bias": model.context_bias,
    }
    for view in VIEWS:
        weights = model.views[view]
        in_order = sorted(weights.numbers, key=weights.numbers.__getitem__)
        arrays[f"{side}.{view}.features"] = _lines(in_order)
        arrays[f"{side}.{view}.rarity"] = weights.rarity[:-1]
        arrays[f"{side}.{view}.weights"] = weights.weights[:-1].astype(np.float16)
    return arrays


def _lines(texts: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def made_with() -> dict[str, str]:
    """The versions that a model depends on."""
    return {"python": platform.python_version(), **{name: version(name) for name in MADE_WITH}}


def sha256(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def write(folder: Path, card: Card, content: bytes) -> None:
    """Write model and card under ``folder`` (a lexicon folder), the card last."""
    path = folder / CARD
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / card.model).write_bytes(content)
    path.write_text(tomli_w.dumps(card.model_dump(mode="json")), encoding="utf-8")


def today() -> date:
    """The date for the card."""
    return date.today()  # noqa: DTZ011  # the date where the trainer sits
