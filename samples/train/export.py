"""Export a checkpoint to the CTranslate2 folder that faster-whisper loads, weights as int8."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from ctranslate2.specs import whisper_spec
from ctranslate2.specs.model_spec import LayerSpec
from model import POSITIONS, Attention, Block, Shape, Whisper
from numpy.typing import NDArray
from tokens import byte_symbols, ids, tokenizer, vocabulary
from torch import Tensor, nn

CHUNK_SECONDS = 10
NOTES = {
    "hotwords": False,
    "beam_size": 2,
    "timestamps": False,
    "note": "演示模型：只听得懂演示录音里的两个合成声音。",
}
"""qa_service.json: how the service should call the model, and what it says of it at start-up."""


def _array(value: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = value.detach().float().contiguous().numpy()
    return array


def _linear(spec: LayerSpec, layers: list[nn.Linear]) -> None:
    """One or several linear layers side by side into one; a missing bias is zero."""
    spec.weight = np.concatenate([_array(layer.weight) for layer in layers])
    biases = [
        np.zeros(layer.out_features, np.float32) if layer.bias is None else _array(layer.bias) for layer in layers
    ]
    spec.bias = np.concatenate(biases)


def _norm(spec: LayerSpec, norm: nn.LayerNorm) -> None:
    spec.gamma, spec.beta = _array(norm.weight), _array(norm.bias)


def _attention(spec: LayerSpec, attention: Attention, norm: nn.LayerNorm, own: bool) -> None:
    """Attention to itself has query, key and value fused; to the encoder only key and value."""
    _norm(spec.layer_norm, norm)
    inner = [attention.query, attention.key, attention.value]
    for part, layers in zip(spec.linear, [inner] if own else [inner[:1], inner[1:]], strict=False):
        _linear(part, layers)
    _linear(spec.linear[-1], [attention.out])


def _block(spec: LayerSpec, block: Block) -> None:
    _attention(spec.self_attention, block.attention, block.attention_norm, own=True)
    if block.cross is not None and block.cross_norm is not None:
        _attention(spec.attention, block.cross, block.cross_norm, own=False)
    first, last = block.mlp[0], block.mlp[2]
    assert isinstance(first, nn.Linear)
    assert isinstance(last, nn.Linear)
    _norm(spec.ffn.layer_norm, block.mlp_norm)
    _linear(spec.ffn.linear_0, [first])
    _linear(spec.ffn.linear_1, [last])


def _fill(spec: whisper_spec.WhisperSpec, model: Whisper) -> None:
    for part, conv in ((spec.encoder.conv1, model.conv1), (spec.encoder.conv2, model.conv2)):
        assert conv.bias is not None
        part.weight, part.bias = _array(conv.weight), _array(conv.bias)
    padding = model.padding.expand(POSITIONS - len(model.places), -1)
    spec.encoder.position_encodings.encodings = _array(torch.cat([model.places, padding]))
    _norm(spec.encoder.layer_norm, model.encoder_norm)
    spec.decoder.embeddings.weight = _array(model.tokens.weight)
    spec.decoder.projection.weight = _array(model.tokens.weight)
    spec.decoder.position_encodings.encodings = _array(model.text_places)
    _norm(spec.decoder.layer_norm, model.decoder_norm)
    for layers, blocks in ((spec.encoder.layer, model.encoder), (spec.decoder.layer, model.decoder)):
        for layer, block in zip(layers, blocks, strict=True):
            assert isinstance(block, Block)
            _block(layer, block)


def load(checkpoint: Path) -> tuple[Whisper, int]:
    """The network of a checkpoint and its step."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    model = Whisper(Shape(**state["shape"]))
    model.load_state_dict(state["model"])
    return model.eval(), int(state["step"])


def _json(path: Path, value: Mapping[str, object]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def export(checkpoint: Path, folder: Path) -> None:
    """Write the folder that faster-whisper loads, and the service's own notes on the model."""
    model, _ = load(checkpoint)
    shape, known = model.shape, ids()
    spec = whisper_spec.WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    _fill(spec, model)
    spec.register_vocabulary(list(vocabulary()))
    start = known["<|startoftranscript|>"]
    languages = range(start + 1, start + 100)
    never = [start, *range(languages.stop, known["<|notimestamps|>"])]
    spec.config.suppress_ids = never
    spec.config.suppress_ids_begin = [known[byte_symbols()[ord(" ")]]]
    spec.config.lang_ids = list(languages)
    spec.config.alignment_heads = [(layer, 0) for layer in range(shape.decoder_layers)]
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer().save(str(folder / "tokenizer.json"))
    extractor = {
        "chunk_length": CHUNK_SECONDS,
        "feature_size": shape.mels,
        "hop_length": 160,
        "n_fft": 400,
        "sampling_rate": 16000,
    }
    _json(folder / "preprocessor_config.json", extractor)
    _json(folder / "qa_service.json", NOTES)
