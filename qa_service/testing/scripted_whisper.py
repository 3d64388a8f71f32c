"""A Whisper without training that says a chosen sentence, for tests and for timing the real engine path.

The model is built in well under a second and loaded by the real ``faster_whisper.WhisperModel``. Every attention and
feed-forward output is zero, so the decoder's state at a position is that position's embedding, and the projection
turns it into the token written there. One head of cross-attention points at a moment that moves on with the position
(its values are zero, so it changes no text): word times are real and known.
"""

# ruff: noqa: ANN401  (CTranslate2's specification classes carry no types)
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperSpec
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from tokenizers.pre_tokenizers import ByteLevel

Floats = NDArray[np.float32]

INVENTED = "请不吝点赞订阅转发打赏支持明镜与点点栏目"
"""What the ``INVENTS`` variant says of any audio, silence included: Whisper's best known Chinese invention."""

FRAME_MS = 20
ENCODER_POSITIONS = 1500
DECODER_POSITIONS = 448
PROMPT = 3
"""Tokens before the first one said: start of transcript, language, task."""
CLOCK = 64
"""Dimensions that hold a moment: one attention head, four dimensions a frequency."""


class Variant(Enum):
    """How the scripted model behaves."""

    SAYS = "says"
    LOOP = "loop"
    INVENTS = "invents"
    RANDOM = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of a model; the work of one clip depends on these alone, not on the weights."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int = 0
    chunk_seconds: int = 30
    mels: int = 80


TINY = Shape(width=128, heads=2, encoder_layers=1, decoder_layers=1)
SMALL = Shape(width=768, heads=12, encoder_layers=12, decoder_layers=12, vocabulary=51_865)
"""Exactly Whisper small (244 M parameters): the path costs what it costs with real weights."""


def build_scripted_whisper(
    folder: Path,
    text: str = INVENTED,
    *,
    variant: Variant = Variant.SAYS,
    shape: Shape = TINY,
    word_ms: int = 200,
    hotwords: str | None = None,
    seed: int = 0,
) -> Path:
    """Write a CTranslate2 Whisper model into ``folder`` (made if absent) and return it.

    The engine is loaded as any other: ``Settings(whisper_model=str(folder))``. It answers **every clip** with ``text``
    (at most 400 characters), one word a character, the words ``word_ms`` apart from the clip's start, whatever the
    audio; one model per speaker gives known text per channel. Variants: ``SAYS`` the text; ``LOOP`` the text over and
    over without an end; ``INVENTS`` the invented sentence with a no-speech probability of 0; ``RANDOM`` random
    weights, text without sense. ``shape=SMALL`` takes about five seconds and 215 MB and costs what Whisper small does:
    there too the text is the script, so that a clip decodes as many tokens as the script holds.

    ``hotwords`` makes it a model that is told words to expect: it must then be loaded with exactly these
    (``Settings.hotwords``), for its script begins behind them; the probabilities of its words then mean nothing.

    Example::

        agent = build_scripted_whisper(tmp_path / "agent", "您好我是东江银行的委托方")
        engine = load_engine(Settings(whisper_model=str(agent)))
    """
    said = INVENTED if variant is Variant.INVENTS else text
    if not said or len(said) > 400:
        raise ValueError("the script must hold 1 to 400 characters")
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _Vocabulary.of(said, shape.vocabulary)
    rng = np.random.default_rng(seed)
    tokenizer = vocabulary.tokenizer()
    told = 1 + len(tokenizer.encode(f" {hotwords}").ids) if hotwords else 0
    script = _script(said, variant, told)
    spec = _spec(shape, vocabulary, script, word_ms, rng, chaos=variant is Variant.RANDOM)
    spec.validate()
    spec.optimize("int8" if shape.width > 128 else "float32")
    spec.save(str(folder))
    _write_json(folder / "preprocessor_config.json", _preprocessor(shape))
    _write_json(
        folder / "qa_service.json", {"hotwords": hotwords is not None, "beam_size": 1, "note": "脚本模型，仅供测试。"}
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vocabulary:
    """Byte-level tokens, one more for each character of the script, then Whisper's special tokens in its order."""

    text: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]
    filler: int

    @classmethod
    def of(cls, said: str, size: int) -> _Vocabulary:
        text = dict.fromkeys(sorted(ByteLevel.alphabet()))
        merges: dict[tuple[str, str], None] = {}
        for character in dict.fromkeys(said):
            parts = _byte_level(character)
            for end in range(1, len(parts)):
                merges[parts[:end], parts[end]] = None
                text[parts[: end + 1]] = None
        filler = max(0, size - len(text) - 1 - len(_SPECIAL) - ENCODER_POSITIONS - 1)
        return cls(text=tuple(text), merges=tuple(merges), filler=filler)

    def tokens(self) -> list[str]:
        """All tokens in order of their ids; the empty one is what tells CTranslate2 that a model is multilingual."""
        filler = [f"<filler{n}>" for n in range(self.filler)]
        times = [f"<|{n * FRAME_MS / 1000:.2f}|>" for n in range(ENCODER_POSITIONS + 1)]
        return [*self.text, "", *filler, *_SPECIAL, *times]

    def tokenizer(self) -> Tokenizer:
        vocabulary = {token: number for number, token in enumerate(self.tokens()) if token}
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=list(self.merges)))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
        return tokenizer


_SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|zh|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
]


def _byte_level(character: str) -> str:
    return str(ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(character)[0][0])


def _script(said: str, variant: Variant, told: int) -> list[str]:
    """The token to be written after each decoder position, ``told`` tokens of hotwords before the prompt."""
    spoken = [_byte_level(character) for character in said]
    before = told + PROMPT
    room = DECODER_POSITIONS - before
    if variant is Variant.LOOP:
        spoken = (spoken * (room // len(spoken) + 1))[: room - 1]
        ending: list[str] = []
    else:
        ending = ["<|30.00|>", "<|endoftext|>"]
    script = ["<|endoftext|>"] * (before - 1) + ["<|0.00|>", *spoken, *ending]
    return script + ["<|endoftext|>"] * (DECODER_POSITIONS - len(script))


def _spec(
    shape: Shape, vocabulary: _Vocabulary, script: Sequence[str], word_ms: int, rng: np.random.Generator, *, chaos: bool
) -> Any:
    """The model as CTranslate2 stores it; the types of that library's specifications are its own."""
    tokens = vocabulary.tokens()
    ids = {token: number for number, token in enumerate(tokens)}
    weights = _Weights(width=shape.width, mels=shape.mels, rng=rng, chaos=chaos)
    spec = WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    weights.encoder(spec.encoder)
    weights.decoder(spec.decoder)
    codes = weights.codes(len(tokens))
    steps = (np.arange(DECODER_POSITIONS) - PROMPT + 0.5) * word_ms / FRAME_MS
    script_codes = codes[[ids[token] for token in script]]
    if chaos:
        script_codes = rng.standard_normal(script_codes.shape, dtype=np.float32)
    spec.decoder.position_encodings.encodings = np.hstack([script_codes, _moments(steps)])
    spec.decoder.embeddings.weight = weights.spoken(len(tokens), shape.width)
    spec.decoder.projection.weight = np.hstack([codes, np.zeros((len(tokens), CLOCK), dtype=np.float32)])
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [ids["<|en|>"], ids["<|zh|>"]]
    spec.config.alignment_heads = [(shape.decoder_layers - 1, 0)]
    return spec


def _moments(frames: NDArray[np.float64]) -> Floats:
    """Frame numbers as cosines and sines: rows whose product is largest where the frames agree."""
    angle = np.outer(frames, np.geomspace(1 / 4, 1 / ENCODER_POSITIONS, CLOCK // 4))
    return np.hstack([np.cos(angle), -np.cos(angle), np.sin(angle), -np.sin(angle)]).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """Fills the parts of a Whisper; ``chaos`` lets the random weights reach the text."""

    width: int
    mels: int
    rng: np.random.Generator
    chaos: bool

    def encoder(self, spec: Any) -> None:
        """Convolutions that hear nothing, positions that tell the time."""
        spec.conv1.weight = self.inner(self.width, self.mels * 3).reshape(self.width, self.mels, 3)
        spec.conv2.weight = self.spoken(self.width, self.width * 3).reshape(self.width, self.width, 3)
        spec.conv1.bias = spec.conv2.bias = np.zeros(self.width, dtype=np.float32)
        quiet = np.zeros((ENCODER_POSITIONS, self.width - CLOCK), dtype=np.float32)
        moments = _moments(np.arange(ENCODER_POSITIONS, dtype=np.float64))
        spec.position_encodings.encodings = np.hstack([quiet, moments])
        self.norm(spec.layer_norm)
        for layer in spec.layer:
            self.self_attention(layer.self_attention)
            self.feed_forward(layer.ffn)

    def decoder(self, spec: Any) -> None:
        """Layers of which only the clock in the last one's first head can be seen from outside."""
        self.norm(spec.layer_norm)
        for layer in spec.layer:
            self.self_attention(layer.self_attention)
            self.norm(layer.attention.layer_norm)
            query, key_value = self.inner(self.width, self.width), self.inner(2 * self.width, self.width)
            for clock in (query, key_value):
                clock[:CLOCK] = np.eye(CLOCK, self.width, self.width - CLOCK) * 3
            self.linear(layer.attention.linear[0], query)
            self.linear(layer.attention.linear[1], key_value)
            self.linear(layer.attention.linear[2], self.spoken(self.width, self.width))
            self.feed_forward(layer.ffn)

    def self_attention(self, spec: Any) -> None:
        """Queries, keys and values in one matrix, then the output."""
        self.norm(spec.layer_norm)
        self.linear(spec.linear[0], self.inner(3 * self.width, self.width))
        self.linear(spec.linear[1], self.spoken(self.width, self.width))

    def feed_forward(self, spec: Any) -> None:
        """Four times the width, as in every Whisper."""
        self.norm(spec.layer_norm)
        self.linear(spec.linear_0, self.inner(4 * self.width, self.width))
        self.linear(spec.linear_1, self.spoken(self.width, 4 * self.width))

    def norm(self, spec: Any) -> None:
        """A layer norm that only normalises."""
        spec.gamma = np.ones(self.width, dtype=np.float32)
        spec.beta = np.zeros(self.width, dtype=np.float32)

    def linear(self, spec: Any, weight: Floats) -> None:
        """A linear layer with a bias of zero."""
        spec.weight = weight
        spec.bias = np.zeros(len(weight), dtype=np.float32)

    def codes(self, count: int) -> Floats:
        """One balanced row of +1 and -1 per token, nearly at right angles to every other."""
        half = self.rng.choice(np.array([-1, 1], dtype=np.float32), size=(count, (self.width - CLOCK) // 2))
        return np.hstack([half, -half])

    def inner(self, rows: int, columns: int) -> Floats:
        """Random weights whose product no text depends on, of the size that real ones have."""
        return self.rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(columns**-0.5)

    def spoken(self, rows: int, columns: int) -> Floats:
        """Weights that would reach the text: zero, or random where chaos is wanted."""
        return self.inner(rows, columns) if self.chaos else np.zeros((rows, columns), dtype=np.float32)


def _preprocessor(shape: Shape) -> dict[str, Any]:
    return {
        "feature_size": shape.mels,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "n_fft": 400,
        "chunk_length": shape.chunk_seconds,
    }


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
