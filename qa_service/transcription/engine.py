"""The speech engine: what the path needs of one, and faster-whisper behind it.

One way in for every model, CPU or GPU. A model is loaded once, in the process that uses it (a process forked after the
load would hang), and nothing is ever fetched from a network.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ctranslate2
import faster_whisper
import numpy as np
from faster_whisper.utils import available_models, download_model
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_service.errors import EngineUnavailable
from qa_service.settings import Settings
from qa_service.transcription.audio import RATE
from qa_service.transcription.decoder import TEMPERATURES, BoundedWhisper, token_limit

Samples = NDArray[np.float32]
"""Sound of one channel, shape (samples,), -1 to 1, 16 kHz."""

NOTES_FILE = "qa_service.json"
LANGUAGE = "zh"

_FILES = (("model.bin",), ("config.json",), ("vocabulary.json", "vocabulary.txt"), ("tokenizer.json",))
_PREPROCESSOR = "preprocessor_config.json"
_USUAL_MELS = 80
"""Bands assumed where the file above is absent, as it is beside the older published models, which have 80."""

_DEFAULT_MODEL = {"cuda": "large-v3-turbo", "cpu": "small"}
_DEFAULT_COMPUTE = {"cuda": "float16", "cpu": "int8"}
_DEFAULT_BEAM = {"cuda": 5, "cpu": 2}
_HOTWORD_TOKENS = 150

_SEEK_MS = 10
_LEAST_MS = 40
"""A clip of fewer than two of the encoder's frames makes the library fail; the rest of a cut utterance may be one."""

_TAIL_MS = 1000

_log = logging.getLogger(__name__)
logging.getLogger("faster_whisper").setLevel(logging.WARNING)  # it tells of every clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The smallest unit of text with times (for Chinese one character): milliseconds, probability 0 to 1.

    ``probability`` is None where the model gives none.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What the engine says in one go, with the numbers it gives about itself.

    ``no_speech`` is its probability that nobody speaks, ``log_prob`` the mean log probability of its tokens,
    ``compression`` how often shorter the text becomes when compressed (a loop is above 2.4), ``temperature`` the
    attempt it comes from (0 is the first).
    """

    words: tuple[Word, ...]
    no_speech: float
    log_prob: float
    compression: float
    temperature: float

    @property
    def text(self) -> str:
        """The words in order."""
        return "".join(word.text for word in self.words)


class SpeechEngine(Protocol):
    """What a recogniser must offer; nothing beyond this module knows which one it is."""

    @property
    def fingerprint(self) -> str:
        """Names model and options: two transcripts with the same one were made in the same way."""

    @property
    def window_ms(self) -> int:
        """The longest clip that may be handed over."""

    @property
    def packs(self) -> bool:
        """Whether several utterances should share a clip."""

    @property
    def note(self) -> str | None:
        """What people must know of the model, to be shown at start-up."""

    @property
    def prompt(self) -> str | None:
        """The words it was told to expect, separated by spaces: it may write them where nobody says them."""

    def recognise(self, clip: Samples) -> tuple[Segment, ...]:
        """Say what is said in a clip no longer than the window; times count from its start and lie inside it."""


class ModelNotes(BaseModel):
    """``qa_service.json`` in a model's folder: what this service should know of the model; may be absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hotwords: bool = Field(default=True, description="Whether the model gains from being told words to expect.")
    beam_size: int | None = Field(default=None, ge=1, le=10, description="Width of the search; absent: by device.")
    timestamps: bool = Field(default=True, description="Whether the model is asked for times while it writes.")
    note: str | None = Field(default=None, description="Sentence shown at start-up.")


def load_engine(settings: Settings) -> SpeechEngine:
    """Load the model that the settings name, on the device they name.

    Raises:
        EngineUnavailable: no such model here, a file of it is missing or broken, it knows no Chinese, or the device
            is not there. The sentence says which.
    """
    if settings.sherpa_model is not None:
        from qa_service.transcription.sherpa import load_sherpa

        return load_sherpa(settings.sherpa_model, settings)
    device = _device(settings.whisper_device)
    name = settings.whisper_model or _DEFAULT_MODEL[device]
    folder = _folder(name)
    notes = _notes(folder)
    began = time.monotonic()
    compute = _DEFAULT_COMPUTE[device] if settings.whisper_compute_type == "default" else settings.whisper_compute_type
    model = _load(folder, device, compute, settings.whisper_threads)
    hotwords = _fitting(settings.hotwords, model) if notes.hotwords else None
    engine = WhisperEngine(
        model, name=Path(name).name, folder=folder, device=device, compute=compute, notes=notes, hotwords=hotwords
    )
    _log.info("loaded engine=%s device=%s ms=%d", engine.fingerprint, device, (time.monotonic() - began) * 1000)
    return engine


class WhisperEngine:
    """A loaded faster-whisper model with the options of this service."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401  (faster-whisper ships no types)
        *,
        name: str,
        folder: Path,
        device: str,
        compute: str,
        notes: ModelNotes,
        hotwords: str | None,
    ) -> None:
        self._model = model
        self._process = os.getpid()
        self._packs = device == "cpu"
        self._note = notes.note
        self._prompt = hotwords
        self._first_time = int(model.hf_tokenizer.token_to_id("<|notimestamps|>")) + 1
        self._options: dict[str, Any] = {
            "language": LANGUAGE,
            "task": "transcribe",
            "beam_size": notes.beam_size or _DEFAULT_BEAM[device],
            "best_of": 1,
            "temperature": TEMPERATURES,
            "condition_on_previous_text": False,
            "vad_filter": False,
            "word_timestamps": True,
            "without_timestamps": not notes.timestamps,
            "hotwords": hotwords,
        }
        options = {**self._options, "compute": compute, "library": faster_whisper.__version__}
        self._fingerprint = f"whisper:{name}:{_digest(folder)}:{_short(json.dumps(options, sort_keys=True).encode())}"

    @property
    def fingerprint(self) -> str:
        """``whisper:<name>:<digest of the files>:<digest of the options>``."""
        return self._fingerprint

    @property
    def window_ms(self) -> int:
        """30 s, or less where the model's ``preprocessor_config.json`` says so."""
        return int(self._model.feature_extractor.chunk_length) * 1000

    @property
    def packs(self) -> bool:
        """On a CPU, where a window costs the same full or empty."""
        return self._packs

    @property
    def options(self) -> Mapping[str, object]:
        """What the library is called with, clip for clip."""
        return self._options

    @property
    def note(self) -> str | None:
        """The note of the model's own file."""
        return self._note

    @property
    def prompt(self) -> str | None:
        """The hotwords that fit."""
        return self._prompt

    def recognise(self, clip: Samples) -> tuple[Segment, ...]:
        """Transcribe one clip; see ``SpeechEngine``.

        Raises:
            EngineUnavailable: called in a process forked after the load, where the library would hang for ever.
        """
        if os.getpid() != self._process:
            raise EngineUnavailable("语音模型不能在派生出的子进程里使用，请在处理任务的进程里加载。")
        length_ms = len(clip) * 1000 // RATE
        if length_ms < _LEAST_MS:
            return ()
        segments, _ = self._model.transcribe(clip, max_new_tokens=token_limit(length_ms), **self._options)
        heard = _before_tail(segments, length_ms, self._first_time)
        return tuple(_segment(segment, length_ms) for segment in heard)


def _before_tail(segments: Iterable[Any], length_ms: int, first_time: int) -> Iterator[Any]:
    """The segments of windows that have enough left to hear.

    The library listens again from the last word on; in the last second of a clip what it then says is invented. Where a
    segment ends its window such a window is not even begun: it would cost as much as a full one. A segment does that if
    no time closes it; the tokens of times begin with ``first_time``.
    """
    for segment in segments:
        if segment.seek > 0 and length_ms - segment.seek * _SEEK_MS < _TAIL_MS:
            return
        yield segment
        closed = bool(segment.tokens) and segment.tokens[-1] >= first_time
        if not closed and length_ms - segment.end * 1000 < _TAIL_MS:
            return


def _segment(segment: Any, length_ms: int) -> Segment:  # noqa: ANN401
    return Segment(
        words=tuple(_words(segment, length_ms)),
        no_speech=float(segment.no_speech_prob),
        log_prob=float(segment.avg_logprob),
        compression=float(segment.compression_ratio),
        temperature=float(segment.temperature),
    )


def _words(segment: Any, length_ms: int) -> Iterable[Word]:  # noqa: ANN401
    for word in segment.words:
        start = min(max(round(word.start * 1000), 0), length_ms)
        end = min(max(round(word.end * 1000), start), length_ms)
        yield Word(text=word.word, start_ms=start, end_ms=end, probability=float(word.probability))


def _device(wanted: str) -> str:
    found = ctranslate2.get_cuda_device_count() > 0
    if wanted == "cuda" and not found:
        raise EngineUnavailable("设置 QA_WHISPER_DEVICE=cuda，但本机没有可用的 GPU；请改为 auto 或 cpu。")
    return "cuda" if wanted != "cpu" and found else "cpu"


def _folder(name: str) -> Path:
    """The folder of a model given by path or by name; by name only what the hub's cache already holds."""
    path = Path(name)
    if path.is_dir():
        _check_files(path)
        return path
    if name not in available_models():
        raise EngineUnavailable(
            f"找不到语音模型 {name}：它既不是文件夹，也不是已知的模型名。请把 QA_WHISPER_MODEL 设为模型文件夹。"
        )
    try:
        cached = Path(download_model(name, local_files_only=True))
    except OSError as error:  # what the hub client raises for a model that is not in its cache
        raise EngineUnavailable(
            f"本机没有模型 {name}，本服务不会联网下载。请在能上网的机器上下载后，把 QA_WHISPER_MODEL 设为该文件夹。"
        ) from error
    _check_files(cached)
    return cached


def _check_files(folder: Path) -> None:
    missing = [" 或 ".join(names) for names in _FILES if not any((folder / name).is_file() for name in names)]
    if missing:
        raise EngineUnavailable(f"模型文件夹 {folder} 缺少 {'、'.join(missing)}，请补全后重试。")
    for path in sorted(folder.glob("*.json")):
        try:
            json.loads(path.read_bytes())
        except ValueError as error:
            raise EngineUnavailable(f"模型文件 {path} 不是有效的 JSON，请重新获取。") from error


def _notes(folder: Path) -> ModelNotes:
    path = folder / NOTES_FILE
    if not path.exists():
        return ModelNotes()
    try:
        return ModelNotes.model_validate_json(path.read_bytes())
    except ValidationError as error:
        keys = "、".join(sorted({str(item["loc"][0]) if item["loc"] else "文件" for item in error.errors()}))
        raise EngineUnavailable(
            f"模型说明 {path} 有误（{keys}），可用的键：hotwords、beam_size、timestamps、note。"
        ) from error


def _load(folder: Path, device: str, compute: str, threads: int) -> Any:  # noqa: ANN401
    try:
        model = BoundedWhisper(
            str(folder), device=device, compute_type=compute, cpu_threads=threads, local_files_only=True
        )
    except (RuntimeError, ValueError) as error:
        raise EngineUnavailable(f"模型 {folder} 无法在 {device}（{compute}）上加载：{error}。") from error
    if not model.model.is_multilingual:
        raise EngineUnavailable(f"模型 {folder} 只懂英文，会把中文听成英文；请换成多语种模型（名称不带 .en）。")
    if not (folder / _PREPROCESSOR).is_file() and model.model.n_mels != _USUAL_MELS:
        raise EngineUnavailable(f"模型文件夹 {folder} 缺少 {_PREPROCESSOR}，请补全后重试。")
    return model


def _fitting(hotwords: str, model: Any) -> str | None:  # noqa: ANN401
    """As many of the words as leave the engine room to answer."""
    kept: list[str] = []
    for word in hotwords.split():
        if len(model.hf_tokenizer.encode(" ".join([*kept, word]), add_special_tokens=False).ids) > _HOTWORD_TOKENS:
            _log.warning("dropped hotwords kept=%d", len(kept))
            break
        kept.append(word)
    return " ".join(kept) or None


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (*(name for names in _FILES for name in names), _PREPROCESSOR):
        if not (folder / name).is_file():
            continue
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]
