"""The learned reader's model, read from ``learned/`` and checked before anything is scored with it.

``card.toml`` says what the model is, what it was trained on and how sure each category must be; ``reader.npz`` holds
plain arrays and nothing that runs (no pickle). For each side, ``agent`` and ``customer``:

* ``SIDE.categories``: names, one a line (UTF-8 bytes), in the order of all other arrays;
* ``SIDE.VIEW.features``: for each view of the words, the features it knows, one a line (UTF-8 bytes);
* ``SIDE.VIEW.rarity``: float32 (features,), how rare each is (inverse document frequency);
* ``SIDE.VIEW.weights``: float16 (features, categories), what each adds before division by the turn's length in view;
* ``SIDE.bias``: float32 (categories,);
* ``SIDE.context``: float32 (categories, context features) and ``SIDE.context_bias``: float32 (categories,), which turn
  the scores of a turn and its neighbours into a log-odds.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from qa_service.call import Speaker
from qa_service.errors import LexiconInvalid
from qa_service.judgement import Category
from qa_service.lexicon.files import read_file
from qa_service.lexicon.learned_model import VIEWS, Floats, LearnedModel, SideModel, ViewWeights

FORMAT = 1
"""Layout of the arrays and meaning of the features; a model of another one is refused."""

CARD = Path("learned") / "card.toml"

Arrays = Mapping[str, npt.NDArray[np.generic]]

_CATEGORIES: Mapping[str, Category] = MappingProxyType({category.value: category for category in Category})


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CardCounts(_Document):
    """Findings of labelled calls that were found and missed, and false ones."""

    found: int
    missed: int
    false: int


class CardCategory(_Document):
    """One category of one side: whether it is on, how probable a finding must be, and what it rests on.

    ``patterns`` and ``both`` are counts on the validation calls, without and with the learned reader; ``because`` says
    why it is off.
    """

    category: Category
    speaker: Speaker
    on: bool
    threshold: float = Field(gt=0, lt=1)
    patterns: CardCounts
    learned: CardCounts
    both: CardCounts
    because: str = ""


class CardCorpus(_Document):
    """What the model was trained on; ``fingerprint`` is of the texts and labels."""

    fingerprint: str
    families: tuple[str, ...]
    dialogues: int
    turns: int
    lines: int


class Card(_Document):
    """``card.toml``: the description that goes with a model file."""

    format: int
    model: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    trained_on: date
    made_with: dict[str, str]
    corpus: CardCorpus
    category: tuple[CardCategory, ...]


def read_learned(folder: Path) -> LearnedModel:
    """The model of a lexicon folder, checked against its card.

    Raises:
        LexiconInvalid: where card or model file is missing, is not the other's, or is of another format.
    """
    path = folder / CARD
    card = read_file(path, Card)
    if card.format != FORMAT:
        raise LexiconInvalid(
            f"{path} 的格式是 {card.format}，本版本只认 {FORMAT}：请用 python3 qa.py train 重新训练，或换用配套的版本。"
        )
    file = path.parent / card.model
    try:
        content = file.read_bytes()
    except OSError as error:
        raise LexiconInvalid(f"读不了学习模型 {file}：请恢复该文件，或设 QA_LEARNED=off 停用。") from error
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise LexiconInvalid(
            f"学习模型 {file} 与说明卡 {path.name} 的指纹不符，可能被改动或没有一起更新："
            "请恢复两个文件，或重新训练，或设 QA_LEARNED=off 停用。"
        )
    return model_of(card, content, file)


def model_of(card: Card, content: bytes, file: Path) -> LearnedModel:
    """The model in the bytes of ``file``.

    Raises:
        LexiconInvalid: where the bytes are no such arrays.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            sides = {speaker: _side(arrays, speaker.value) for speaker in Speaker}
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise LexiconInvalid(f"学习模型 {file} 不完整，请重新训练，或设 QA_LEARNED=off 停用。") from error
    on = {(line.speaker, line.category): line.threshold for line in card.category if line.on}
    unknown = [category.label for speaker, category in on if category not in sides[speaker].categories]
    if unknown:
        raise LexiconInvalid(f"{CARD.name} 里的类别 {'、'.join(unknown)} 不在学习模型 {file} 里，请重新训练。")
    marks = "".join(f"{speaker}{category}{threshold}" for (speaker, category), threshold in sorted(on.items()))
    fingerprint = hashlib.sha256(f"{card.sha256}{marks}".encode()).hexdigest()[:16]
    return LearnedModel(sides=MappingProxyType(sides), thresholds=MappingProxyType(on), fingerprint=fingerprint)


def _side(arrays: Arrays, side: str) -> SideModel:
    categories = tuple(_CATEGORIES[name] for name in _texts(arrays[f"{side}.categories"]))
    many, context = len(categories), arrays[f"{side}.context"]
    return SideModel(
        categories=categories,
        views=MappingProxyType({view: _view(arrays, f"{side}.{view}", many) for view in VIEWS}),
        bias=_floats(arrays[f"{side}.bias"], (many,)),
        context=_floats(context, (many, *context.shape[1:2])),
        context_bias=_floats(arrays[f"{side}.context_bias"], (many,)),
    )


def _view(arrays: Arrays, name: str, categories: int) -> ViewWeights:
    features = _texts(arrays[f"{name}.features"])
    rarity = _floats(arrays[f"{name}.rarity"], (len(features),))
    weights = _floats(arrays[f"{name}.weights"], (len(features), categories))
    return ViewWeights(
        numbers={feature: number for number, feature in enumerate(features)},
        rarity=np.append(rarity, np.float32(0)),
        weights=np.vstack([weights, np.zeros((1, weights.shape[1]), np.float32)]),
    )


def _texts(array: npt.NDArray[np.generic]) -> list[str]:
    text = array.tobytes().decode("utf-8")
    return text.split("\n") if text else []


def _floats(array: npt.NDArray[np.generic], shape: tuple[int, ...]) -> Floats:
    """The numbers of an array that has ``shape``; one that is no number would quietly silence a whole category."""
    floats = np.ascontiguousarray(array, dtype=np.float32)
    if array.shape != shape or not np.isfinite(floats).all():
        raise ValueError(shape)
    return floats
