"""Who a voice is, as typed on the command line, and what is shown of the voices and the sound of a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from qa_service.actions.views import TranscriptView
from qa_service.call import Call, Speaker, Transcript, Voice
from qa_service.errors import InputRefused
from qa_service.reading.voices import NO_ROLES, VoiceRoles, roles_from, voices_of

VoiceOption = Annotated[
    str | None,
    typer.Option(
        "--voice",
        help="听过之后指定一个声音（或声道）是谁，另一个随之确定，如 voice_1=agent、left=customer；对全部文件有效。",
    ),
]


def parse_voice(text: str) -> tuple[Voice, Speaker]:
    """The voice and the speaker of words like ``voice_1=agent``.

    Raises:
        InputRefused: they name no voice, or nobody.
    """
    voice, _, speaker = text.partition("=")
    try:
        return Voice.of(voice.strip()), Speaker.of(speaker.strip())
    except ValueError as error:
        voices, speakers = "、".join(Voice), "、".join(Speaker)
        raise InputRefused(f"{text!r} 应写成 声音=角色；声音：{voices}；角色：{speakers}。") from error


def roles_for(call: Call, transcript: Transcript | None, given: VoiceRoles) -> VoiceRoles:
    """The roles given, for a call that has those voices.

    Raises:
        InputRefused: it has others, or none.
    """
    known = voices_of(call, transcript)
    if given and given.keys() != known.keys():
        names = "、".join(known) or "无"
        raise InputRefused(f"通话 {call.call_id} 没有声音 {'、'.join(given)}；可以指定的：{names}。")
    return given


def parse_roles(text: str | None) -> VoiceRoles:
    """The roles that ``--voice`` gives, none where it was not given."""
    return NO_ROLES if text is None else roles_from(*parse_voice(text))


def sound_lines(view: TranscriptView) -> Iterator[str]:
    """What to know of a recording before its words are believed: layout, quality, and who said who speaks."""
    if view.heard is not None and view.heard.layout is not None:
        graded = (
            f"{channel.voice.label} {channel.grade.label}" + (f"（{channel.because}）" if channel.because else "")
            for channel in view.heard.quality
        )
        yield "  录音 " + "；".join((view.heard.layout.label, *graded))
    if view.word is not None:
        named = "，".join(f"{voice.label}是{speaker.label}" for voice, speaker in view.voices.items())
        yield f"  说话人由 {view.word.actor} 指定：{named}"
