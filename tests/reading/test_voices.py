"""A person's word on who speaks, applied to what was heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qa_service.call import Call, ChannelLayout, Recording, Span, Speaker, Transcript, Turn, Voice
from qa_service.reading.voices import NO_ROLES, SURE_VOICE, roles_from, voices_of, with_roles

A, C = Speaker.AGENT, Speaker.CUSTOMER
CALL = Call(call_id="c-1", started_at=datetime(2026, 3, 12, 4, 0, tzinfo=UTC))


def turn(speaker: Speaker, voice: Voice | None, text: str = "您好", sure: float | None = None) -> Turn:
    """A turn; with ``sure`` its speaker is a guess of that confidence."""
    bare = Turn(speaker=speaker, start_ms=0, end_ms=900, text=text, voice=voice)
    return bare if sure is None else replace(bare, speaker_doubtful=True, speaker_confidence=sure)


def heard(*turns: Turn, layout: ChannelLayout = ChannelLayout.STEREO) -> Transcript:
    return Transcript(
        turns=turns,
        duration_ms=2000,
        engine="e",
        layout=layout,
        activity={A: (Span(start_ms=0, end_ms=900),), C: ()},
        leak_db={A: -40.0},
    )


STEREO = heard(turn(A, Voice.LEFT), turn(C, Voice.RIGHT))
MONO = heard(turn(A, Voice.FIRST, sure=0.9), turn(C, Voice.SECOND, sure=0.95), layout=ChannelLayout.MONO)


@pytest.mark.parametrize(
    ("transcript", "voice", "speaker", "speakers"),
    [
        (STEREO, Voice.LEFT, C, [C, A]),
        (STEREO, Voice.RIGHT, A, [C, A]),
        (STEREO, Voice.LEFT, A, [A, C]),
        (MONO, Voice.FIRST, C, [C, A]),
        (MONO, Voice.SECOND, C, [A, C]),
    ],
    ids=["left is customer", "right is agent", "as it was", "first is customer", "second is customer"],
)
def test_one_voice_given_settles_both(
    transcript: Transcript, voice: Voice, speaker: Speaker, speakers: list[Speaker]
) -> None:
    _, effective = with_roles(CALL, transcript, roles_from(voice, speaker))
    assert effective is not None
    assert [each.speaker for each in effective.turns] == speakers
    assert not any(each.speaker_doubtful for each in effective.turns), "a person said so"


def test_what_is_kept_by_speaker_goes_with_the_channel() -> None:
    _, effective = with_roles(CALL, STEREO, roles_from(Voice.LEFT, C))
    assert effective is not None
    assert (effective.activity[C], effective.activity[A]) == (STEREO.activity[A], STEREO.activity[C])
    assert dict(effective.leak_db) == {C: -40.0}
    _, same = with_roles(CALL, STEREO, roles_from(Voice.LEFT, A))
    assert same is not None
    assert same.activity == STEREO.activity


@pytest.mark.parametrize(
    ("sure", "doubtful"), [(SURE_VOICE - 0.01, True), (SURE_VOICE, False), (0.99, False)], ids=["weak", "limit", "sure"]
)
def test_a_turn_whose_own_voice_is_weak_keeps_its_doubt_and_takes_the_role(sure: float, doubtful: bool) -> None:
    transcript = heard(turn(A, Voice.FIRST, sure=sure), turn(C, Voice.SECOND, sure=0.9), layout=ChannelLayout.MONO)
    _, effective = with_roles(CALL, transcript, roles_from(Voice.FIRST, C))
    assert effective is not None
    assert (effective.turns[0].speaker, effective.turns[0].speaker_doubtful) == (C, doubtful)


IMPORTED = replace(CALL, turns=(turn(A, None), turn(C, None)))
RIGHT_IS_AGENT = replace(IMPORTED, recording=Recording(path="a.wav", channels={"right": A}))


@pytest.mark.parametrize(
    ("call", "left"), [(IMPORTED, A), (RIGHT_IS_AGENT, C)], ids=["usual map", "the call's own map"]
)
def test_imported_turns_have_the_voice_of_their_speakers_channel(call: Call, left: Speaker) -> None:
    assert voices_of(call, None) == {Voice.LEFT: left, Voice.RIGHT: left.other}
    exchanged, _ = with_roles(call, None, roles_from(Voice.LEFT, left.other))
    assert [each.speaker for each in exchanged.turns] == [C, A]


@pytest.mark.parametrize(
    ("call", "transcript"),
    [
        (CALL, None),
        (replace(CALL, turns=(replace(turn(A, None), speaker_doubtful=True),)), None),
        (CALL, heard(turn(A, None), layout=ChannelLayout.MONO)),
    ],
    ids=["nothing said", "imported guess", "one channel, voices not told apart"],
)
def test_some_calls_have_no_voices_to_give_roles_to(call: Call, transcript: Transcript | None) -> None:
    assert voices_of(call, transcript) == NO_ROLES


def test_a_word_on_other_voices_than_the_calls_changes_nothing() -> None:
    assert with_roles(CALL, STEREO, roles_from(Voice.FIRST, C)) == (CALL, STEREO)
    assert with_roles(CALL, STEREO, NO_ROLES) == (CALL, STEREO)


def test_a_voice_heard_as_both_speakers_is_shown_as_the_one_with_more_words() -> None:
    transcript = heard(
        turn(C, Voice.FIRST, text="喂", sure=0.5),
        turn(A, Voice.FIRST, text="请问是张伟先生吗", sure=0.9),
        turn(C, Voice.SECOND, text="是我", sure=0.9),
        layout=ChannelLayout.MONO,
    )
    assert voices_of(CALL, transcript) == {Voice.FIRST: A, Voice.SECOND: C}
