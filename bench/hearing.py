"""A stereo call through decode, detector, features and engine, against bare faster-whisper on the same clips.

Both are given the same options (words to expect, word times, width), so that what is compared is our own work alone;
what two of the options cost is measured beside it, and what a loop costs that never ends.

The model has Whisper small's shape and no training: it costs what small costs and says a fixed sentence for every clip.
Each clip goes through both ways one after the other, in changing order, so that a busy machine is unfair to neither.
"""

from __future__ import annotations

import itertools
import tempfile
import wave
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from bench.figures import Figure, Stopwatch
from qa_service.call import Speaker
from qa_service.settings import Settings
from qa_service.testing.scripted_whisper import SMALL, TINY, Shape, Variant, build_scripted_whisper
from qa_service.transcription.audio import RATE, decode
from qa_service.transcription.engine import Segment, SpeechEngine, WhisperEngine, load_engine
from qa_service.transcription.transcribe import CHANNELS, transcribe
from qa_service.transcription.vad import frame_probabilities

CALLS = Path(__file__).parents[1] / "samples" / "calls"
TEXT = (
    "您好这里是东江银行信用卡中心委托方诚达资产工号幺零二本次通话将被录音请问是王先生本人吗您名下尾号三零七二的账户"
    "已经逾期四十六天欠款一万零九百元您看这个月能不能先还三千五剩下的我帮您申请分期以审批结果为准谢谢您再见"
)
"""About as many characters as are spoken in a full window."""

LOOPED = "请您尽快处理"
HOTWORDS = Settings().hotwords


@dataclass(slots=True)
class _Compared:
    """An engine that also hands each clip to the bare library."""

    ours: SpeechEngine
    bare: WhisperModel
    options: Mapping[str, object]
    our_time: Stopwatch = field(default_factory=Stopwatch)
    bare_time: Stopwatch = field(default_factory=Stopwatch)
    clips: int = 0
    seconds: float = 0.0

    @property
    def fingerprint(self) -> str:
        return self.ours.fingerprint

    @property
    def window_ms(self) -> int:
        return self.ours.window_ms

    @property
    def packs(self) -> bool:
        return self.ours.packs

    @property
    def note(self) -> str | None:
        return self.ours.note

    @property
    def prompt(self) -> str | None:
        return self.ours.prompt

    def recognise(self, clip: NDArray[np.float32]) -> tuple[Segment, ...]:
        """Both ways; the answer is ours.

        The script is as long on every clip, so a short one is filled up: a window costs the same full or empty.
        """
        self.clips += 1
        self.seconds += len(clip) / RATE
        clip = np.pad(clip, (0, self.window_ms * RATE // 1000 - len(clip)))
        if self.clips % 2:
            self._bare(clip)
        with self.our_time.running():
            answer = self.ours.recognise(clip)
        if not self.clips % 2:
            self._bare(clip)
        return answer

    def warm_up(self) -> None:
        """Let both make what they make only once."""
        silence = np.zeros(RATE, dtype=np.float32)
        self.ours.recognise(silence)
        _read(self.bare, silence, self.options)

    def _bare(self, clip: NDArray[np.float32]) -> None:
        with self.bare_time.running():
            _read(self.bare, clip, self.options)


def _read(model: WhisperModel, clip: NDArray[np.float32], options: Mapping[str, object]) -> None:
    for _ in model.transcribe(clip, **options)[0]:  # it works only while it is read
        pass


def stereo_call(path: Path, seconds: int, folder: Path) -> None:
    """Write a telephone call of that length (8 kHz, 16 bit, stereo WAV): the demo calls one after the other."""
    pieces: list[NDArray[np.int16]] = []
    wanted = seconds * RATE
    for number, source in enumerate(itertools.cycle(sorted(CALLS.glob("*.opus")))):
        audio = decode(source, folder / f"{number}.npy")
        if audio.channels == 2:
            pieces.append(np.asarray(audio.samples))
        if sum(piece.shape[1] for piece in pieces) >= wanted:
            break
    joined = np.concatenate(pieces, axis=1)[:, :wanted:2]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE // 2)
        file.writeframes(np.ascontiguousarray(joined.T).tobytes())


def measure(*, seconds: int = 300, shape: Shape = SMALL) -> Iterable[Figure]:
    """CPU seconds of each step for a stereo call of that length; about 4 minutes with ``SMALL`` on two idle cores."""
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        folder = Path(name)
        stereo_call(folder / "call.wav", seconds, folder)
        engine, bare = _models(folder / "model", shape, Variant.SAYS)
        yield from _call(folder, seconds, engine, bare)
        yield from _options(engine, bare, folder / "untold", shape)
        looping, _ = _models(folder / "looping", shape, Variant.LOOP, text=LOOPED)
        yield from _loop(engine, looping)


def _models(
    folder: Path, shape: Shape, variant: Variant, *, text: str = TEXT, hotwords: str | None = HOTWORDS
) -> tuple[WhisperEngine, WhisperModel]:
    """Our engine and the bare library over the same weights, with words to expect as it is shipped."""
    build_scripted_whisper(folder, text, variant=variant, shape=shape, hotwords=hotwords)
    engine = load_engine(Settings(whisper_model=str(folder), whisper_device="cpu", whisper_threads=2))
    assert isinstance(engine, WhisperEngine)  # noqa: S101
    return engine, WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)


def _call(folder: Path, seconds: int, ours: WhisperEngine, bare: WhisperModel) -> Iterable[Figure]:
    """The whole path over one call."""
    engine = _Compared(ours=ours, bare=bare, options=ours.options)
    engine.warm_up()
    decoding, detecting, hearing = Stopwatch(), Stopwatch(), Stopwatch()
    with decoding.running():
        audio = decode(folder / "call.wav", folder / "call.npy")
    with detecting.running():
        for channel in audio.samples:
            frame_probabilities(channel)
    with hearing.running():
        transcribe(audio, {speaker: engine for speaker in Speaker}, channels=CHANNELS)
    around = hearing.cpu - engine.our_time.cpu - engine.bare_time.cpu
    against = f"bare faster-whisper, same {engine.clips} clips ({engine.seconds:.0f} s of speech) and options"
    call = f"{seconds} s stereo call"
    yield Figure(what=f"{call}: decode, in its process", value=decoding.cpu, unit="CPU s")
    yield Figure(what=f"{call}: detector, both channels", value=detecting.cpu, unit="CPU s")
    yield Figure(what=f"{call}: features, noises, turns", value=around - detecting.cpu, unit="CPU s")
    yield Figure(
        what=f"{call}: engine", value=engine.our_time.cpu, unit="CPU s",
        against=against, reference=engine.bare_time.cpu,
    )  # fmt: skip
    yield Figure(
        what=f"{call}: bare engine and decode, detector, features", unit="CPU s",
        value=engine.bare_time.cpu + decoding.cpu + around, against=against, reference=engine.bare_time.cpu,
    )  # fmt: skip
    yield Figure(
        what=f"{call}: whole path", value=decoding.cpu + around + engine.our_time.cpu, unit="CPU s",
        against=against, reference=engine.bare_time.cpu,
    )  # fmt: skip


def _options(engine: WhisperEngine, bare: WhisperModel, folder: Path, shape: Shape) -> Iterable[Figure]:
    """What the words to expect and the word times cost, on one full clip."""
    clip = np.zeros(engine.window_ms * RATE // 1000, dtype=np.float32)
    full = _cpu_of(lambda: _read(bare, clip, engine.options))
    untold, listening = _models(folder, shape, Variant.SAYS, hotwords=None)
    spared = {
        "words to expect": _cpu_of(lambda: _read(listening, clip, untold.options)),
        "word times": _cpu_of(lambda: _read(bare, clip, {**engine.options, "word_timestamps": False})),
    }
    for what, without in spared.items():
        yield Figure(
            what="one full clip, bare faster-whisper", value=full, unit="CPU s",
            against=f"the same without {what}", reference=without,
        )  # fmt: skip


def _loop(engine: WhisperEngine, looping: WhisperEngine) -> Iterable[Figure]:
    """A clip on which the engine never stops, against one with as much text as is spoken."""
    clip = np.zeros(engine.window_ms * RATE // 1000, dtype=np.float32)
    ordinary = _cpu_of(lambda: engine.recognise(clip))
    yield Figure(
        what="one full clip, an endless loop", value=_cpu_of(lambda: looping.recognise(clip)), unit="CPU s",
        against="the same with ordinary text", reference=ordinary,
    )  # fmt: skip


def _cpu_of(work: Callable[[], object], *, times: int = 2) -> float:
    """The least of some runs: what else the machine does only ever adds."""
    watches = [Stopwatch() for _ in range(times)]
    for watch in watches:
        with watch.running():
            work()
    return min(watch.cpu for watch in watches)


def quick() -> Iterable[Figure]:
    """The same in seconds, with a tiny model: shows that it runs, measures nothing worth quoting."""
    return measure(seconds=30, shape=TINY)
