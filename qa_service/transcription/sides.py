"""A call recorded as one file per side becomes one recording with a channel for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import numpy as np

from qa_service.call import ChannelLayout, Speaker
from qa_service.errors import RecordingRefused
from qa_service.transcription.channels import Likeness
from qa_service.transcription.samples import RATE, DecodedAudio, Facts, SampleFile, Samples

UNEVEN_SHARE = 0.1
UNEVEN_SECONDS = 2.0
"""How far two sides of one call may differ in length, of the longer one and at least: recorders start each side when
its media begins, so the one who is rung is short by the ringing."""

_BLOCK = 60 * RATE


def join_sides(agent: DecodedAudio, customer: DecodedAudio, sink: BinaryIO, *, beat: Callable[[], None]) -> None:
    """Write both into ``sink``, the agent on channel 0; the shorter one is silent from its end on.

    Raises:
        RecordingRefused: a side has two voices on two channels, or both are the same sound.
    """
    left, right = _voice(agent, Speaker.AGENT), _voice(customer, Speaker.CUSTOMER)
    written, likeness = SampleFile(sink, 2), Likeness(2)
    for start in range(0, max(len(left), len(right)), _BLOCK):
        block = np.zeros((min(_BLOCK, max(len(left), len(right)) - start), 2), dtype=np.int16)
        for channel, side in enumerate((left, right)):
            piece = side[start : start + _BLOCK]
            block[: len(piece), channel] = piece
        likeness.add(block)
        written.write(block)
        beat()
    if likeness.layout is ChannelLayout.DUAL_MONO:
        raise RecordingRefused("坐席与客户两个录音文件是同一段声音，请分别提交两侧的录音，或只提交一个文件。")
    partial = _why_partial(agent, customer, len(left) / RATE, len(right) / RATE)
    written.finish(Facts(layout=ChannelLayout.SEPARATE_FILES, partial=partial, dead=likeness.dead))


def _voice(side: DecodedAudio, speaker: Speaker) -> Samples:
    """The one channel of a side that is to be heard."""
    live = [number for number in range(side.channels) if number not in side.dead_channels]
    if len(live) > 1:
        raise RecordingRefused(
            f"{speaker.label}一侧的录音文件有两个不同的声道；这样的录音请作为一个文件提交，不要填写 other_side。"
        )
    channel: Samples = side.samples[live[0] if live else 0]
    return channel


def _why_partial(
    agent: DecodedAudio, customer: DecodedAudio, agent_seconds: float, customer_seconds: float
) -> str | None:
    for side, speaker in ((agent, Speaker.AGENT), (customer, Speaker.CUSTOMER)):
        if side.partial:
            return f"{speaker.label}一侧：{side.partial}"
    longer, shorter = max(agent_seconds, customer_seconds), min(agent_seconds, customer_seconds)
    if longer - shorter > max(UNEVEN_SECONDS, UNEVEN_SHARE * longer):
        return f"坐席一侧 {agent_seconds:.0f} 秒，客户一侧 {customer_seconds:.0f} 秒，长度不一致，录音不完整。"
    return None
