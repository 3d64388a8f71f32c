"""What every number of a call means: its key, its name, its unit and its definition, printed wherever it is shown.

The limits that the definitions speak of stand here too, beside the sentence that states them. What is stored are the
events (``TalkMetrics``) and the second-by-second sound of turns; with another limit the numbers are counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

PAUSE_MS = 300
"""Shorter pauses belong to speaking (house value)."""

INTO_MS = 300
"""So long the other must have been speaking, and go on, for a start to be an interruption (house value)."""

BREATH_MS = 2000
"""Pauses up to this do not end a monologue (house value)."""

REPLY_MS = 1000
"""Shorter sounds of the other side (嗯, 哦) do not end a monologue (house value)."""

LEAK_LIMIT_DB = -15.0
"""A channel that repeats the other one louder than this tells nothing about who speaks at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number: the key it has in JSON, what people call it, its unit ("" for a plain count), what it means."""

    key: str
    label: str
    unit: str
    definition: str


def _by_key(measures: Iterable[Measure]) -> Mapping[str, Measure]:
    return MappingProxyType({measure.key: measure for measure in measures})


TALK = _by_key(
    (
        Measure(
            key="duration", label="通话时长", unit="秒", definition="录音从头到尾的长度；没有录音的，到最后一句结束"
        ),
        Measure(
            key="silence",
            label="静默合计",
            unit="秒",
            definition=f"双方都不说话、每段不短于 {PAUSE_MS / 1000:g} 秒的时间之和；接通前的回铃、等待音乐和信号音不算",
        ),
        Measure(key="longest_silence", label="最长静默", unit="秒", definition="最长的一段静默"),
        Measure(key="overlap", label="同时说话", unit="秒", definition="双方同时在说话的时间之和"),
        Measure(key="ring_back", label="回铃", unit="秒", definition="听到回铃音的时间，含两声之间的间隔"),
        Measure(
            key="hold",
            label="等待音乐",
            unit="秒",
            definition="放着音乐、人声不到一半的各段时间之和（彩铃的纯音乐也算）",
        ),
        Measure(key="waiting_share", label="等待占比", unit="%", definition="回铃与等待音乐占通话时长的比例"),
    )
)
"""The numbers of a whole call, keys as in the ``metrics`` of a prediction line."""

SIDE = _by_key(
    (
        Measure(
            key="speech", label="说话时间", unit="秒", definition="这一方声道有人声的时间之和；没有录音的，各句时长之和"
        ),
        Measure(key="talk_share", label="说话占比", unit="%", definition="这一方说话时间占双方说话时间之和的比例"),
        Measure(key="chars_per_minute", label="语速", unit="字/分", definition="这一方的字数（不计标点）除以说话时间"),
        Measure(
            key="interruptions",
            label="打断对方",
            unit="次",
            definition=f"对方说满 {INTO_MS / 1000:g} 秒后这一方开口，而对方又接着说了 {INTO_MS / 1000:g} 秒以上的次数",
        ),
        Measure(
            key="monologue",
            label="最长独白",
            unit="秒",
            definition=(
                f"这一方连续说话最长的一段：中间停顿不超过 {BREATH_MS / 1000:g} 秒，"
                f"对方没有插入 {REPLY_MS / 1000:g} 秒以上的话"
            ),
        ),
        Measure(
            key="response",
            label="应答间隔",
            unit="秒",
            definition="对方说完到这一方开口的间隔，取中位数；抢在对方说完之前开口的、隔着等待音乐的不算",
        ),
    )
)
"""The numbers of one side, keys as under ``metrics.agent`` and ``metrics.customer``."""

QUALITY = _by_key(
    (
        Measure(key="level_db", label="说话电平", unit="dBFS", definition="说话部分的平均功率，以满刻度为 0"),
        Measure(key="clipped", label="削波", unit="%", definition="说话样本中顶到上限、波峰被削平的比例"),
        Measure(
            key="noise_db",
            label="信噪比",
            unit="dB",
            definition="说话电平高出停顿处电平多少；停顿处是数字静音的线路量不出",
        ),
        Measure(key="bandwidth_hz", label="带宽", unit="Hz", definition="还载有语音的最高频率"),
        Measure(
            key="dropouts",
            label="断续",
            unit="次",
            definition="说话当中突然变成数字静音、又突然恢复的次数（不短于 15 毫秒）",
        ),
    )
)
"""The numbers of a channel's quality, keys as in ``ChannelQuality``."""

SOUND = _by_key(
    (
        Measure(key="level_db", label="音量", unit="dBFS", definition="这一句说话部分的平均功率，以满刻度为 0"),
        Measure(key="pitch_hz", label="音高", unit="Hz", definition="这一句浊音部分基频的中位数"),
        Measure(key="chars_per_second", label="语速", unit="字/秒", definition="这一句的字数（不计标点）除以说话时间"),
        Measure(key="speech", label="说话时间", unit="秒", definition="这一句里有人声的时间，停顿不算"),
    )
)
"""The numbers of a turn, keys as under ``sound`` of a turn in JSON."""
