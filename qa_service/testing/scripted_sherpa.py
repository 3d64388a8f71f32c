"""Tiny models for sherpa-onnx that say a given text whatever they hear: real files, read by the real library.

The graphs hold the text as a table of frames and cut it to the length of what is heard: a longer clip says more.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from qa_service.transcription.sherpa import TOKENS, Family

FRAME_MS = 60
"""One frame of both kinds of model: six shifts of 10 ms."""

FRAMES = 2000
BANDS = 560
"""Seven frames of 80 mel bands side by side."""

SURE, UNSURE = 5.0, -5.0
TAGS = ("<|zh|>", "<|NEUTRAL|>", "<|Speech|>", "<|woitn|>")

Table = NDArray[np.float32]


def build_sense_voice(folder: Path, text: str, *, word_ms: int = 300, language: str = "<|zh|>") -> Path:
    """Write a SenseVoice model that says ``text``, a character each ``word_ms``, and is sure of the ``language``."""
    tags = (language, *TAGS[1:])
    vocabulary = ["<blank>", *dict.fromkeys((*TAGS, *tags, *text))]
    table = _table([0] * FRAMES, len(vocabulary))
    for frame, tag in enumerate(tags):
        table[0, frame] = _one(vocabulary.index(tag), len(vocabulary))
    for place, character in enumerate(text):
        table[0, len(tags) + 2 + place * word_ms // FRAME_MS] = _one(vocabulary.index(character), len(vocabulary))
    nodes = [
        *_frames_of("x"),
        helper.make_node("Add", ["frames", "tags"], ["end"]),
        helper.make_node("Slice", ["table", "zero", "end", "one"], ["said"]),
        *_used("said", "logits", "x", "x_length", "language", "text_norm"),
    ]
    numbers = ("x_length", "language", "text_norm")
    graph = helper.make_graph(
        nodes,
        "sense_voice",
        [_floats("x", ["N", "T", BANDS]), *(_integers(name) for name in numbers)],
        [_floats("logits", ["N", "L", len(vocabulary)])],
        [*_constants(tags=[len(tags)]), numpy_helper.from_array(table, "table")],
    )
    facts: dict[str, object] = {"normalize_samples": 0, "with_itn": 14, "without_itn": 15, "lang_auto": 0, "lang_zh": 3}
    facts |= {"lang_en": 4, "lang_yue": 7, "lang_ja": 11, "lang_ko": 12}
    return _write(folder, graph, vocabulary, facts)


def build_paraformer(folder: Path, text: str, *, word_ms: int = 300, times: bool = True) -> Path:
    """Write a Paraformer model that says ``text``, a character each ``word_ms``; without ``times`` it gives none."""
    vocabulary = ["<blank>", "<s>", "</s>", *dict.fromkeys(text)]
    table = _table([vocabulary.index(character) for character in text], len(vocabulary))
    peaks = np.zeros((1, 3 * FRAMES), dtype=np.float32)
    # One peak more than characters: the library takes the last one for the end.
    peaks[0, [3 * (2 + place * word_ms // FRAME_MS) for place in range(len(text) + 1)]] = 1
    nodes = [
        *_frames_of("speech"),
        helper.make_node("Mul", ["frames", "three"], ["fine"]),
        helper.make_node("Slice", ["peaks", "zero", "fine", "one"], ["heard"]),
        helper.make_node("ReduceSum", ["heard", "one"], ["ends"], keepdims=0),
        helper.make_node("Cast", ["ends"], ["counted"], to=TensorProto.INT64),
        helper.make_node("Sub", ["counted", "one"], ["whole"]),
        helper.make_node("Max", ["whole", "zero"], ["count"]),
        helper.make_node("Slice", ["table", "zero", "count", "one"], ["said"]),
        *_used("said", "logits", "speech", "speech_lengths"),
        helper.make_node("Cast", ["count"], ["token_num"], to=TensorProto.INT32),
        helper.make_node("Identity", ["heard"], ["us_alphas"]),
        helper.make_node("Identity", ["heard"], ["us_cif_peak"]),
    ]
    outputs = [_floats("logits", ["N", "L", len(vocabulary)]), _integers("token_num")]
    if times:
        outputs += [_floats("us_alphas", ["N", "P"]), _floats("us_cif_peak", ["N", "P"])]
    graph = helper.make_graph(
        nodes if times else nodes[:-2],
        "paraformer",
        [_floats("speech", ["N", "T", BANDS]), _integers("speech_lengths")],
        outputs,
        [
            *_constants(three=[3]),
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(peaks, "peaks"),
        ],
    )
    return _write(folder, graph, vocabulary, {"model_type": Family.PARAFORMER.value})


def _table(tokens: list[int], size: int) -> Table:
    return np.stack([_one(token, size) for token in tokens])[np.newaxis]


def _one(token: int, size: int) -> Table:
    row = np.full(size, UNSURE, dtype=np.float32)
    row[token] = SURE
    return row


def _frames_of(sound: str) -> list[NodeProto]:
    return [
        helper.make_node("Shape", [sound], ["shape"]),
        helper.make_node("Gather", ["shape", "one"], ["frames"], axis=0),
    ]


def _used(said: str, result: str, sound: str, *numbers: str) -> list[NodeProto]:
    """``result`` is ``said``; every input has a part in it, of nothing, or it would be no input of the graph."""
    nodes = [helper.make_node("ReduceSum", [sound], ["sum_0"], keepdims=0)]
    for place, name in enumerate(numbers):
        nodes.append(helper.make_node("Cast", [name], [f"cast_{place}"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Add", [f"sum_{place}", f"cast_{place}"], [f"sum_{place + 1}"]))
    nodes.append(helper.make_node("Mul", [f"sum_{len(numbers)}", "nought"], ["nothing"]))
    return [*nodes, helper.make_node("Add", [said, "nothing"], [result])]


def _constants(**more: list[int]) -> list[TensorProto]:
    numbers = {"zero": [0], "one": [1], **more}
    integers = [numpy_helper.from_array(np.array(value, dtype=np.int64), name) for name, value in numbers.items()]
    return [*integers, numpy_helper.from_array(np.zeros(1, dtype=np.float32), "nought")]


def _floats(name: str, shape: list[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _integers(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT32, ["N"])


def _write(folder: Path, graph: onnx.GraphProto, vocabulary: list[str], facts: dict[str, object]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    usual = {"vocab_size": len(vocabulary), "lfr_window_size": 7, "lfr_window_shift": 6}
    scaling = {"neg_mean": ",".join(["0"] * BANDS), "inv_stddev": ",".join(["1"] * BANDS)}
    for key, value in {**usual, **scaling, **facts}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "model.onnx"))
    lines = (f"{token} {number}\n" for number, token in enumerate(vocabulary))
    (folder / TOKENS).write_text("".join(lines), encoding="utf-8")
    return folder
