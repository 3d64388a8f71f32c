"""How the two sides of a call lie in its channels: one signal on both, two, or one and a dead wire."""

from __future__ import annotations

import numpy as np

from qa_service.call import ChannelLayout
from qa_service.transcription.samples import Samples

DUAL_MONO = 0.01
"""What is left of a channel once the other is subtracted at its best gain, as a share of its energy (-20 dB), below
which both carry one signal. Two codings of one signal leave less; echo of the other side on a live line leaves more."""

DUAL_MONO_GAIN = 1.7
"""Gain between two copies of one signal (4.6 dB: unequal wiring). Further apart, the quieter channel holds the other's
echo and nothing else: a call with one silent side, not one signal twice."""

DEAD = 32
"""Distance between the highest and the lowest sample (-66 dB of full scale) up to which a channel carries nothing: the
idle codes of a-law are 16 apart, and filters overshoot."""


class Likeness:
    """Compares the channels of a recording as it passes by, block after block."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._count = 0
        self._sums = np.zeros(2)
        self._products = np.zeros(3)
        self._lowest = np.full(channels, 32_767)
        self._highest = np.full(channels, -32_768)

    def add(self, block: Samples) -> None:
        """Take note of samples of shape (n, channels)."""
        self._lowest = np.minimum(self._lowest, block.min(axis=0))
        self._highest = np.maximum(self._highest, block.max(axis=0))
        if self._channels == 2:
            left, right = block.T.astype(np.float32)
            self._count += len(block)
            self._sums += left.sum(), right.sum()
            self._products += left @ left, left @ right, right @ right

    @property
    def dead(self) -> tuple[int, ...]:
        """The channels on which there is nothing at all, not even noise."""
        return tuple(np.flatnonzero(self._highest - self._lowest <= DEAD).tolist())

    @property
    def layout(self) -> ChannelLayout:
        """One channel, two equal ones, or two."""
        if self._channels == 1:
            return ChannelLayout.MONO
        if self.dead or not self._one_signal:
            return ChannelLayout.STEREO
        return ChannelLayout.DUAL_MONO

    @property
    def _one_signal(self) -> bool:
        mean_left, mean_right = self._sums / self._count
        left, both, right = self._products / self._count
        left, both, right = left - mean_left**2, both - mean_left * mean_right, right - mean_right**2
        if min(left, right, both) <= 0:
            return False
        alike = both**2 > (1 - DUAL_MONO) * left * right
        return bool(alike and max(left, right) < DUAL_MONO_GAIN**2 * min(left, right))
