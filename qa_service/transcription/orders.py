"""What passes between the service and the process that decodes for it: an order, and facts or a refusal back.

The decoding process learns no name and no path, and writes no sentence: it answers with one of these keys and numbers.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from qa_service.labelled import Labelled
from qa_service.transcription.confine import Fence


class Refusal(Labelled):
    """Why a recording is not taken; the label is the sentence for the person who sent it."""

    NOT_AUDIO = (
        "not_audio",
        "无法解码 {name}：不是受支持的录音格式或文件已损坏，请导出为 WAV、MP3、AMR、Opus 或 M4A 后重新提交。",
    )
    NO_AUDIO = "no_audio", "文件 {name} 里没有音轨，请提交音频文件。"
    SEVERAL = "several", "文件 {name} 里有 {number:g} 条音轨，无法判断取哪一条，请只导出通话的一条。"
    CODEC = "codec", "录音文件 {name} 的音频编码不受支持，请导出为 WAV、MP3、AMR、Opus 或 M4A 后重新提交。"
    CHANNELS = (
        "channels",
        "录音文件 {name} 有 {number:g} 个声道，只支持单声道或双声道（坐席、客户各一），请重新导出。",
    )
    RATE = "rate", "录音文件 {name} 的采样率是 {number:g} Hz，只支持 6 至 96 kHz，请重新导出。"
    NO_SAMPLES = "no_samples", "录音文件 {name} 里没有声音数据，请重新导出。"
    TOO_LONG = "too_long", "录音文件 {name} 长于 {number:g} 小时上限，请拆分后提交。"
    EXPANDS = (
        "expands",
        "录音文件 {name} 解码后远远大于文件本身，疑似异常文件，已停止解码；若通话确有这么长，"
        "请在通话数据里填写计费时长 billed_seconds 后重新提交。",
    )
    MEMORY = "memory", "解码 {name} 所需内存超出上限，文件可能已损坏，请重新导出为 WAV 后提交。"
    TIME = "time", "解码 {name} 用时超出上限，文件可能已损坏，请重新导出为 WAV 后提交。"
    CRASH = "crash", "解码 {name} 时解码器异常退出，文件可能已损坏，请重新导出为 WAV 后提交。"

    def sentence(self, name: str, number: float = 0.0) -> str:
        """The sentence on the file of this name, with the number it speaks of."""
        return self.label.format(name=name, number=number)


class Refused(Exception):
    """Raised while decoding, with the number that the sentence speaks of."""

    def __init__(self, refusal: Refusal, number: float = 0.0) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.number = number


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be decoded: ``encoding`` is the key of a headerless file's encoding, None where the file says it.

    ``rate`` (samples a second) and ``channels`` belong to that encoding.
    """

    max_seconds: float
    billed_seconds: float | None = None
    encoding: str | None = None
    rate: int = 8000
    channels: int = 1

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @staticmethod
    def load(text: str) -> Order:
        """What ``dump`` wrote."""
        return Order(**json.loads(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How it went: no refusal means the samples are written. ``missing`` are the fences this system lacks."""

    refusal: Refusal | None = None
    number: float = 0.0
    missing: frozenset[Fence] = frozenset()

    def dump(self) -> str:
        """As one line of JSON."""
        return json.dumps({"refusal": self.refusal, "number": self.number, "missing": sorted(self.missing)})

    @staticmethod
    def load(line: bytes) -> Report:
        """What ``dump`` wrote.

        Raises:
            ValueError, TypeError, KeyError: the line is nothing of the kind.
        """
        document = json.loads(line)
        return Report(
            refusal=Refusal.of(document["refusal"]) if document["refusal"] is not None else None,
            number=float(document["number"]),
            missing=frozenset(map(Fence.of, document["missing"])),
        )
