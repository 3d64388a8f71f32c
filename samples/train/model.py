"""The network: Whisper's architecture, small, with two extra heads on the encoder for training only.

At run time the engine pads every window to 3,000 frames (1,500 positions). Training looks at the first `width`
positions only; the rest of the window is one more position that stands for all of the padding: its attention
score gets log(number of padded positions) added, exactly what that many equal keys would weigh. In the export all
positions from WIDTH on get the same embedding, so that they really are equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

POSITIONS = 1500
WIDTH = 512
"""Positions (20 ms each) that carry sound: 10.24 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of the network."""

    vocabulary: int
    syllables: int
    characters: int
    mels: int = 80
    dim: int = 144
    heads: int = 3
    encoder_layers: int = 3
    decoder_layers: int = 2
    text_positions: int = 448


class Attention(nn.Module):
    """Multi-head attention with Whisper's biases (none on the keys)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim, bias=False)
        self.value = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def forward(self, x: Tensor, source: Tensor, bias: Tensor | None, causal: bool = False) -> Tensor:
        """Take x (b, l, d), source (b, s, d), a bias that fits (b, heads, l, s); return (b, l, d)."""
        q, k, v = self._split(self.query(x)), self._split(self.key(source)), self._split(self.value(source))
        mask = None if bias is None else bias.to(q.dtype)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return self.out(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def weighed(self, x: Tensor, source: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, and the log attention of head 0, (b, l, s), float32."""
        q, k, v = self._split(self.query(x)), self._split(self.key(source)), self._split(self.value(source))
        scores = (q @ k.transpose(2, 3)).float() / math.sqrt(q.shape[-1]) + bias
        mixed = scores.softmax(-1).to(v.dtype) @ v
        return self.out(mixed.transpose(1, 2).flatten(2)), scores[:, 0].log_softmax(-1)


class Block(nn.Module):
    """One pre-norm layer; with `cross` also attention to the encoder."""

    def __init__(self, dim: int, heads: int, cross: bool) -> None:
        super().__init__()
        self.attention, self.attention_norm = Attention(dim, heads), nn.LayerNorm(dim)
        self.cross = Attention(dim, heads) if cross else None
        self.cross_norm = nn.LayerNorm(dim) if cross else None
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))
        self.mlp_norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor, bias: Tensor | None, causal: bool) -> Tensor:
        """From x (b, l, d) to (b, l, d), without the cross attention."""
        y = self.attention_norm(x)
        x = x + self.attention(y, y, bias, causal)
        return x + self.mlp(self.mlp_norm(x))  # type: ignore[no-any-return]

    def attend(self, x: Tensor, heard: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """From x (b, l, d) and what was heard (b, s, d) to (b, l, d) and head 0's log attention (b, l, s)."""
        assert self.cross is not None
        assert self.cross_norm is not None
        y = self.attention_norm(x)
        x = x + self.attention(y, y, None, True)
        mixed, weights = self.cross.weighed(self.cross_norm(x), heard, bias)
        x = x + mixed
        return x + self.mlp(self.mlp_norm(x)), weights


def sinusoids(length: int, dim: int) -> Tensor:
    """Whisper's sinusoids (length, dim)."""
    scale = torch.exp(-math.log(10000) / (dim // 2 - 1) * torch.arange(dim // 2))
    angles = torch.arange(length)[:, None] * scale[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Whisper(nn.Module):
    """The whole network."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        dim = shape.dim
        self.conv1 = nn.Conv1d(shape.mels, dim, 3, padding=1)
        self.conv2 = nn.Conv1d(dim, dim, 3, stride=2, padding=1)
        self.places = nn.Parameter(sinusoids(WIDTH, dim))
        self.padding = nn.Parameter(torch.zeros(dim))
        self.encoder = nn.ModuleList(Block(dim, shape.heads, False) for _ in range(shape.encoder_layers))
        self.encoder_norm = nn.LayerNorm(dim)
        self.syllable_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, shape.syllables))
        self.character_head = nn.Linear(dim, shape.characters)
        self.tokens = nn.Embedding(shape.vocabulary, dim)
        self.text_places = nn.Parameter(torch.randn(shape.text_positions, dim) * 0.02)
        self.decoder = nn.ModuleList(Block(dim, shape.heads, True) for _ in range(shape.decoder_layers))
        self.decoder_norm = nn.LayerNorm(dim)
        nn.init.normal_(self.tokens.weight, std=0.05)

    def encode(self, mel: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """From mel (b, 80, 2 * (width + 1)) to what is heard and the state below, both (b, width + 1, d).

        Also the bias that the padding's attention scores get.
        """
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        width = x.shape[1] - 1
        x = x + torch.cat([self.places[:width], self.padding[None]])
        bias = torch.zeros(1, 1, 1, width + 1, device=x.device)
        bias[..., -1] = math.log(POSITIONS - width)
        below = x
        for index, block in enumerate(self.encoder):
            below = x if index == len(self.encoder) - 1 else below
            x = block(x, bias, False)
        return self.encoder_norm(x), below, bias

    def decode(self, tokens: Tensor, heard: Tensor, bias: Tensor) -> tuple[Tensor, list[Tensor]]:
        """From tokens (b, l) to the last state (b, l, d) and each layer's head 0 log attention (b, l, s)."""
        x = self.tokens(tokens) + self.text_places[: tokens.shape[1]]
        weights = []
        for block in self.decoder:
            x, seen = block.attend(x, heard, bias)
            weights.append(seen)
        return self.decoder_norm(x), weights

    @torch.no_grad()
    def greedy(self, mel: Tensor, prompt: list[int], end: int, longest: int = 64) -> list[list[int]]:
        """The most likely text tokens of every window of mel (b, 80, frames)."""
        heard, _, bias = self.encode(mel)
        tokens = torch.tensor([prompt] * len(mel))
        ended = torch.zeros(len(mel), dtype=torch.bool)
        for _ in range(longest):
            last = self.decode(tokens, heard, bias)[0][:, -1]
            following = functional.linear(last, self.tokens.weight[: end + 1]).argmax(-1).masked_fill(ended, end)
            tokens = torch.cat([tokens, following[:, None]], dim=1)
            ended |= following == end
            if bool(ended.all()):
                break
        rows = [row[len(prompt) :] for row in tokens.tolist()]
        return [row[: row.index(end)] if end in row else row for row in rows]
