"""A trained reader as values: plain arrays by side and view of the words; how they are stored says ``learned.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_service.call import Speaker
from qa_service.judgement import Category

VIEWS = ("characters", "before")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewWeights:
    """One view of the words: the number of each feature, and by number (the last row is zero) rarity and weights."""

    numbers: Mapping[str, int]
    rarity: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideModel:
    """What is learned of one side's turns; the arrays are in the order of ``categories``."""

    categories: tuple[Category, ...]
    views: Mapping[str, ViewWeights]
    bias: Floats
    context: Floats
    context_bias: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LearnedModel:
    """A trained reader: a model for each side and, for the categories that are on, the probability from which on."""

    sides: Mapping[Speaker, SideModel]
    thresholds: Mapping[tuple[Speaker, Category], float]
    fingerprint: str
