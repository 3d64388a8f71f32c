"""A person's word on who speaks, applied to a call as it is read; what was heard stays stored as it was.

A recording with two channels has the voices ``left`` and ``right``, one with both speakers in a channel ``voice_1`` and
``voice_2``. Turns that name no voice (imported ones) are taken as those of the channel their speaker belongs on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from qa_service.call import Call, ChannelLayout, Speaker, Transcript, Turn, Voice

SURE_VOICE = 0.8
"""How sure a turn's voice must be (0 to 1) for a person's word on the voice to settle the turn too; a house number.

``Turn.speaker_confidence`` is calibrated: of turns at this level at least four in five are the voice's own. Below it
the turn takes the role, and its doubt stays.
"""

Value = TypeVar("Value")

VoiceRoles = Mapping[Voice, Speaker]
"""Who each voice is; holds both voices of a pair, or nothing where no person has said anything."""

NO_ROLES: VoiceRoles = MappingProxyType({})
_ONE_CHANNEL = frozenset({ChannelLayout.MONO, ChannelLayout.DUAL_MONO})


def roles_from(voice: Voice, speaker: Speaker) -> VoiceRoles:
    """One voice is this speaker, so the other one is the other."""
    return MappingProxyType({voice: speaker, voice.other: speaker.other})


def voices_of(call: Call, transcript: Transcript | None) -> VoiceRoles:
    """The voices that can be given a role, each with the speaker it was taken for; empty where none were told apart.

    A voice whose turns were given to both speakers is shown as the one who has more of its words.
    """
    turns = call.turns if transcript is None else transcript.turns
    named = {turn.voice for turn in turns if turn.voice is not None}
    if not named:
        one_channel = transcript is not None and transcript.layout in _ONE_CHANNEL
        return NO_ROLES if one_channel or not turns or turns[0].speaker_doubtful else _channels(call)
    voice = min(named, key=list(Voice).index)
    return roles_from(voice, _mostly(turns, voice))


def with_roles(call: Call, transcript: Transcript | None, roles: VoiceRoles) -> tuple[Call, Transcript | None]:
    """The call and its transcript with speakers as a person has said; both as they were where nobody has."""
    heard_as = voices_of(call, transcript)
    if not roles or roles.keys() != heard_as.keys():
        return call, transcript
    turns = tuple(_settled(turn, roles, heard_as) for turn in (call if transcript is None else transcript).turns)
    if transcript is None:
        return replace(call, turns=turns), None
    exchanged = roles != heard_as
    return call, replace(
        transcript,
        turns=turns,
        activity=_by_speaker(transcript.activity, exchanged),
        leak_db=_by_speaker(transcript.leak_db, exchanged),
    )


def _settled(turn: Turn, roles: VoiceRoles, heard_as: VoiceRoles) -> Turn:
    voice = turn.voice or next(voice for voice, speaker in heard_as.items() if speaker is turn.speaker)
    unsure = turn.speaker_confidence is not None and turn.speaker_confidence < SURE_VOICE
    return replace(turn, speaker=roles[voice], voice=voice, speaker_doubtful=turn.speaker_doubtful and unsure)


def _channels(call: Call) -> VoiceRoles:
    given = call.recording.channels if call.recording is not None else {}
    if "right" in given and "left" not in given:
        return roles_from(Voice.RIGHT, given["right"])
    return roles_from(Voice.LEFT, given.get("left", Speaker.AGENT))


def _mostly(turns: tuple[Turn, ...], voice: Voice) -> Speaker:
    said = dict.fromkeys(Speaker, 0)
    for turn in turns:
        if turn.voice is not None:
            said[turn.speaker if turn.voice is voice else turn.speaker.other] += len(turn.text)
    return max(said, key=said.__getitem__)


def _by_speaker(of: Mapping[Speaker, Value], exchanged: bool) -> Mapping[Speaker, Value]:
    return MappingProxyType({speaker.other: value for speaker, value in of.items()}) if exchanged else of
