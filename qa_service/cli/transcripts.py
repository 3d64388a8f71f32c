"""Transcripts of other systems put into calls: whose words they are, and what the importer should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qa_service.call import Call, Speaker
from qa_service.errors import InputRefused
from qa_service.interchange.names import role_of
from qa_service.interchange.read import read_transcript
from qa_service.interchange.roles import cast
from qa_service.interchange.said import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A call with its turns, sentences about what had to be supposed, and keys that the published format lacks."""

    call: Call
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def spoken(call: Call, conversation: Conversation, speakers: Mapping[str, Speaker]) -> Spoken:
    """The call with the conversation for its text.

    Raises:
        InputRefused: the call has text of its own.
    """
    if call.turns:
        raise InputRefused(f"{conversation.where}：通话 {call.call_id} 的数据里已有 turns，与转写文件只能留一样。")
    given = cast(conversation, speakers)
    return Spoken(call=replace(call, turns=given.turns), notes=given.notes, unknown=conversation.unknown)


def only_conversation(text: str, where: str, speakers: Mapping[str, Speaker]) -> Conversation:
    """The one conversation of a transcript that a manifest names.

    Raises:
        InputRefused: it is no transcript, holds several calls, or is wrong.
    """
    found = read_transcript(text, where, speakers)
    if found is None:
        raise InputRefused(f"{where}：不是认识的转写格式，认识的见 docs/importing.md。")
    if len(found) != 1:
        raise InputRefused(f"{where}：里面有 {len(found)} 通，清单的一行只能对应一通；请拆开，或直接导入这个文件。")
    (only,) = found
    if isinstance(only, InputRefused):
        raise only
    return only


def speakers_of(value: object, where: str) -> dict[str, Speaker]:
    """Whom labels stand for, of an object like ``{"SPEAKER_00": "agent"}``; Chinese names of the roles do as well.

    Raises:
        InputRefused: it is no such object.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputRefused(f"{where} 的 speakers：应为 {{说话人: agent 或 customer}}。")
    found: dict[str, Speaker] = {}
    for label, role in value.items():
        speaker = role_of(str(role))
        if speaker is None:
            raise InputRefused(f"{where} 的 speakers.{label}：“{role}”应为 agent（坐席）或 customer（客户）。")
        found[str(label)] = speaker
    return found


def parse_speakers(pairs: Sequence[str]) -> dict[str, Speaker]:
    """Whom labels stand for, of words of the command line like ``SPEAKER_00=agent``.

    Raises:
        InputRefused: one of them is no such pair.
    """
    split = [pair.partition("=") for pair in pairs]
    if any(not label or not role for label, _, role in split):
        raise InputRefused("--speakers 应写成 说话人=角色，例如 SPEAKER_00=agent。")
    return speakers_of({label.strip(): role.strip() for label, _, role in split}, "--speakers")
