"""Whole or partial: what was heard against what the file itself, the packets and the dialler say.

A decoder plays a truncated file to its end without a word. So the length that came out is compared with the container's
own promise and with the seconds that were billed; a recording that fell short is heard, but nothing may be called clean
or missing on it.
"""

from __future__ import annotations

BILLED_SHARE = 0.9
"""Below this share of the billed seconds a recording counts as cut off: billing counts ringing, and rounds up."""

ANNOUNCED_SHARE = 0.995
ANNOUNCED_SECONDS = 0.3
"""The container's own word is held tighter: short by more than 0.5 % and by more than 0.3 s. Of the healthy
files measured, the one furthest from its word was 0.17 s short of it (MP3, the delay of its encoder)."""


def why_partial(
    *, heard: float, announced: float | None, billed: float | None, damaged: int, broken_off: bool
) -> str | None:
    """The sentence why a recording is incomplete, None where nothing says so.

    ``heard`` are the seconds that were decoded, ``announced`` those of the container and ``broken_off`` whether it ends
    inside a part of itself (``containers.Promise``), ``billed`` the seconds of the dialler; ``damaged`` counts packets
    that could not be decoded.
    """
    if billed is not None and heard < BILLED_SHARE * billed:
        return f"录音只有 {heard:.0f} 秒，计费时长为 {billed:.0f} 秒，录音不完整。"
    if announced is not None and announced - heard > max(ANNOUNCED_SECONDS, (1 - ANNOUNCED_SHARE) * announced):
        return f"录音只能解出 {heard:.1f} 秒，文件标明 {announced:.1f} 秒，录音被截断。"
    if broken_off:
        return f"录音文件的结构不完整，只能解出 {heard:.1f} 秒，录音可能被截断。"
    if damaged:
        return f"录音有 {damaged} 处损坏，无法解码，录音不完整。"
    return None
