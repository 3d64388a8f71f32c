"""A second engine: SenseVoice and Paraformer through sherpa-onnx, from the house's own model folder, on the CPU.

Neither writes word after word as Whisper does: they cost in proportion to what they hear and repeat nothing, but do not
say how sure they are. sherpa-onnx is an extra (``pip install qa-service[sherpa]``) and is asked for when it is needed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_service.errors import EngineUnavailable
from qa_service.labelled import Labelled
from qa_service.settings import Settings
from qa_service.transcription.audio import RATE
from qa_service.transcription.engine import LANGUAGE, NOTES_FILE, Samples, Segment, Word

MODELS = ("model.int8.onnx", "model.onnx")
"""The model's file: the smaller one is taken where both are there, for on a CPU it is the faster one."""

TOKENS = "tokens.txt"

WINDOW_MS = 30_000
"""Longest clip; what SenseVoice was trained on, and what Whisper takes."""

LEAST_MS = 200
"""Shorter clips are filled with silence: a clip without a single frame is an error to the library."""

LONGEST_TOKEN_MS = 400
"""How long a token may last where only beginnings are given: a slowly spoken syllable."""

THREADS = 4
"""Most threads used unless the settings say otherwise; more gain little on clips of seconds."""

PROBE_SECONDS = 180
"""Longest that a model may take to load; a gigabyte from a slow disk takes one minute."""

NOT_SPOKEN = "<|nospeech|>"

_TAG = re.compile(r"<\|[^|]*\|>")
_PIECE = "\u2581"
_JOINS = "@@"

_log = logging.getLogger(__name__)


class Family(Labelled):
    """The kinds of model that are known here, told apart by their tokens."""

    SENSE_VOICE = "sense_voice", "SenseVoice"
    PARAFORMER = "paraformer", "Paraformer"


_TOLD_BY: Mapping[Family, str] = MappingProxyType({Family.SENSE_VOICE: "<|zh|>", Family.PARAFORMER: "</s>"})


class SherpaNotes(BaseModel):
    """``qa_service.json`` in the model's folder; may be absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    itn: bool = Field(default=True, description="Whether SenseVoice writes punctuation, and numbers as figures.")
    note: str | None = Field(default=None, description="Sentence shown at start-up.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """What is loaded: the files, what kind of model they are, and with which options."""

    folder: Path
    file: Path
    family: Family
    notes: SherpaNotes
    threads: int

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of the library's own constructor."""
        common = {"tokens": str(self.folder / TOKENS), "num_threads": self.threads, "sample_rate": RATE}
        if self.family is Family.PARAFORMER:
            return {"paraformer": str(self.file), **common}
        return {"model": str(self.file), "language": LANGUAGE, "use_itn": self.notes.itn, **common}

    @property
    def fingerprint(self) -> str:
        """``sherpa:<name>:<digest of the files>:<digest of the options>``."""
        from sherpa_onnx import __version__ as library

        files = b"".join(_sha256(path) for path in (self.file, self.folder / TOKENS))
        chosen = {"family": self.family, "itn": self.notes.itn, "language": LANGUAGE, "library": library}
        options = json.dumps(chosen, sort_keys=True).encode()
        return ":".join(
            (
                "sherpa",
                self.folder.name,
                hashlib.sha256(files).hexdigest()[:12],
                hashlib.sha256(options).hexdigest()[:8],
            )
        )


def load_sherpa(folder: Path, settings: Settings) -> SherpaEngine:
    """Load the model in ``folder``.

    Raises:
        EngineUnavailable: sherpa-onnx is not installed, a file is missing or of another kind, the model cannot be
            loaded, or a GPU is asked for. The sentence says which.
    """
    if settings.whisper_device == "cuda":
        raise EngineUnavailable("sherpa-onnx 在 CPU 上运行：请把 QA_WHISPER_DEVICE 改为 auto 或 cpu，或改用 Whisper。")
    model = _model_in(folder, settings.whisper_threads or min(THREADS, os.cpu_count() or 1))
    began = time.monotonic()
    _try_out(model)
    engine = SherpaEngine(_recogniser(model), fingerprint=model.fingerprint, note=model.notes.note)
    _log.info("loaded engine=%s ms=%d", engine.fingerprint, (time.monotonic() - began) * 1000)
    return engine


class SherpaEngine:
    """A loaded model; see ``SpeechEngine``."""

    def __init__(self, recogniser: Any, *, fingerprint: str, note: str | None) -> None:  # noqa: ANN401
        self._recogniser = recogniser
        self._process = os.getpid()
        self._fingerprint = fingerprint
        self._note = note

    @property
    def fingerprint(self) -> str:
        """Names model and options."""
        return self._fingerprint

    @property
    def window_ms(self) -> int:
        """30 s."""
        return WINDOW_MS

    @property
    def packs(self) -> bool:
        """No: an utterance costs what it is long, and has nothing to be misplaced from alone."""
        return False

    @property
    def note(self) -> str | None:
        """The note of the model's own file."""
        return self._note

    @property
    def prompt(self) -> str | None:
        """None: these models are not told what to expect."""
        return None

    def recognise(self, clip: Samples) -> tuple[Segment, ...]:
        """Transcribe one clip; its words have no probability.

        Raises:
            EngineUnavailable: called in a process forked after the load, or the tokens are not those of the model.
        """
        if os.getpid() != self._process:
            raise EngineUnavailable("语音模型不能在派生出的子进程里使用，请在处理任务的进程里加载。")
        stream = self._recogniser.create_stream()
        stream.accept_waveform(RATE, np.pad(clip, (0, max(0, LEAST_MS * RATE // 1000 - len(clip)))))
        try:
            self._recogniser.decode_stream(stream)
        except (IndexError, RuntimeError) as error:
            raise EngineUnavailable(
                f"识别出错，{TOKENS} 可能不属于这个模型，请重新获取模型文件夹：{error}。"
            ) from error
        heard = stream.result
        words = tuple(_words(heard.tokens, heard.timestamps, len(clip) * 1000 // RATE))
        # The library gives no number about itself but, from SenseVoice, that nobody speaks.
        silent = heard.lang == NOT_SPOKEN
        segment = Segment(
            words=words, no_speech=float(silent), log_prob=-float(silent), compression=1.0, temperature=0.0
        )
        return (segment,) if words else ()


def _words(tokens: Sequence[str], starts: Sequence[float], length_ms: int) -> Iterator[Word]:
    """The tokens with times in milliseconds; a model that gives none has them spread evenly over the clip."""
    if len(starts) != len(tokens):
        starts = [length_ms * place / len(tokens) / 1000 for place in range(len(tokens))]
    begins = [min(round(start * 1000), length_ms) for start in starts]
    ends = [*begins[1:], length_ms][: len(begins)]
    for text, begin, end in zip(_spelt(tokens), begins, ends, strict=True):
        if text:
            last = max(begin, min(end, begin + LONGEST_TOKEN_MS))
            yield Word(text=text, start_ms=begin, end_ms=last, probability=None)


def _spelt(tokens: Sequence[str]) -> Iterator[str]:
    """The text of each token: no tags, and a space before a Latin word that follows another."""
    open_word, latin = False, False
    for token in tokens:
        text = _TAG.sub("", token).replace(_PIECE, " ").removesuffix(_JOINS)
        spaced = latin and not open_word and text[:1].isascii() and text[:1].isalnum()
        yield f" {text}" if spaced else text
        open_word = token.endswith(_JOINS)
        latin = text[-1:].isascii() and text[-1:].isalnum() and _PIECE not in token


def _model_in(folder: Path, threads: int) -> _Model:
    missing = [] if any((folder / name).is_file() for name in MODELS) else [" 或 ".join(MODELS)]
    missing += [] if (folder / TOKENS).is_file() else [TOKENS]
    if missing:
        raise EngineUnavailable(f"模型文件夹 {folder}（QA_SHERPA_MODEL）缺少 {'、'.join(missing)}，请补全后重试。")
    file = next(folder / name for name in MODELS if (folder / name).is_file())
    return _Model(folder=folder, file=file, family=_family(folder / TOKENS), notes=_notes(folder), threads=threads)


def _family(tokens: Path) -> Family:
    try:
        known = {line.split()[0] for line in tokens.read_text(encoding="utf-8").splitlines() if line.split()}
    except UnicodeDecodeError as error:
        raise EngineUnavailable(f"模型文件 {tokens} 不是 UTF-8 文本，请重新获取。") from error
    for family, token in _TOLD_BY.items():
        if token in known:
            return family
    names = " 或 ".join(family.label for family in Family)
    raise EngineUnavailable(f"从 {tokens} 看不出是 {names} 的模型；其他模型不支持，请换一个。")


def _notes(folder: Path) -> SherpaNotes:
    path = folder / NOTES_FILE
    if not path.exists():
        return SherpaNotes()
    try:
        return SherpaNotes.model_validate_json(path.read_bytes())
    except ValidationError as error:
        keys = "、".join(sorted({str(item["loc"][0]) if item["loc"] else "文件" for item in error.errors()}))
        raise EngineUnavailable(f"模型说明 {path} 有误（{keys}），可用的键：itn、note。") from error


def _recogniser(model: _Model) -> Any:  # noqa: ANN401 - the library ships no types
    from sherpa_onnx import OfflineRecognizer

    if model.family is Family.PARAFORMER:
        return OfflineRecognizer.from_paraformer(**model.options)
    return OfflineRecognizer.from_sense_voice(**model.options)


_TRIAL = """
import json, sys
import sherpa_onnx
order = json.load(sys.stdin)
recogniser = getattr(sherpa_onnx.OfflineRecognizer, "from_" + order["family"])(**order["options"])
stream = recogniser.create_stream()
stream.accept_waveform(16000, [0.0] * 16000)
recogniser.decode_stream(stream)
"""


def _try_out(model: _Model) -> None:
    """Load the model in a process of its own first: on a file it does not like, the library ends the process."""
    try:
        import sherpa_onnx  # noqa: F401
    except ImportError as error:
        raise EngineUnavailable(
            "没有安装 sherpa-onnx：请运行 pip install 'qa-service[sherpa]'，再重新启动。"
        ) from error
    order = json.dumps({"family": model.family, "options": model.options})
    try:
        tried = subprocess.run(  # noqa: S603 - this interpreter, with a program of our own
            [sys.executable, "-c", _TRIAL],
            input=order,
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineUnavailable(f"模型 {model.file} 在 {PROBE_SECONDS} 秒内没有加载完，请检查磁盘。") from error
    if tried.returncode != 0:
        said = (tried.stderr.strip().splitlines() or [f"退出码 {tried.returncode}"])[-1][:300]
        raise EngineUnavailable(f"模型 {model.file} 无法按 {model.family.label} 加载：{said}")


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
