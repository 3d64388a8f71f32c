"""Who in a conversation is the agent: as the operator says, as the names say, else a guess from what is said.

A guess is marked on every turn and told in a sentence, so that nothing rests on it and a person can settle it: where
the file tells two voices apart, one act on a voice sets the role of all its turns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa_service.call import Span, Speaker, Suspicion, Turn, Voice, mean_sureness
from qa_service.interchange.doubts import doubts
from qa_service.interchange.names import is_system, role_of
from qa_service.interchange.said import Conversation, Utterance
from qa_service.transcription.roles import agent_odds
from qa_service.transcription.turns import Heard, to_turns

BELIEVED = 0.5
"""How far log odds of words are believed when sureness is stated; as for the voices of one channel."""

SUREST = 0.99
"""No guess is surer than this, whatever the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The turns of a conversation, and sentences for the one who imports about what had to be supposed."""

    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The role of one utterance; ``sureness`` (0.5 to 1) is None where it is no guess."""

    speaker: Speaker
    sureness: float | None = None
    voice: Voice | None = None


def cast(conversation: Conversation, given: Mapping[str, Speaker]) -> Cast:
    """Give every utterance its speaker; ``given`` maps labels of the file to speakers and goes before all else."""
    said = conversation.utterances
    labels = list(dict.fromkeys(one.label for one in said if one.label is not None))
    known = {label: _Part(speaker=speaker) for label, speaker in _known_roles(labels, given).items()}
    unknown = [label for label in labels if label not in known]
    # One label for everybody tells nobody apart.
    by_label = known | (_by_words(said, unknown, labels) if len(labels) > 1 else {})
    unlabelled = [one for one in said if one.label not in by_label]
    guesses = iter(_by_course(said) if unlabelled else ())
    parts = []
    for one in said:
        guess = next(guesses, None)
        part = by_label.get(one.label) if one.label is not None else None
        parts.append(part or guess or _Part(speaker=Speaker.CUSTOMER, sureness=0.5))
    guessed = sum(part.sureness is not None for part in parts)
    # The one thing to type is most likely right as it stands.
    unknown.sort(key=lambda label: label not in by_label or by_label[label].speaker is not Speaker.AGENT)
    notes = [_supposed(conversation.where, unknown, guessed)] if guessed else []
    if any(is_system(label) for label in labels):
        notes.append(f"{conversation.where}：系统播报的话算作坐席一方。")
    return Cast(turns=_turns(conversation, parts), notes=tuple(notes))


def _known_roles(labels: Sequence[str], given: Mapping[str, Speaker]) -> dict[str, Speaker]:
    """The roles that are no guess; of two people, the one who is not the agent is the customer, and the reverse."""
    known = {label: given[label] for label in labels if label in given}
    for label in labels:
        role = role_of(label)
        if label not in known and role is not None:
            known[label] = role
    people = [label for label in labels if not is_system(label)]
    named = [label for label in people if label in known]
    if len(people) == 2 and len(named) == 1:
        (other,) = set(people) - set(named)
        known[other] = known[named[0]].other
    return known


def _by_words(said: Sequence[Utterance], unknown: Sequence[str], labels: Sequence[str]) -> dict[str, _Part]:
    """The role of each label that does not say it, by all that is said under it.

    Of two labels one is the agent, whichever way round the words of both speak for more; they are then two voices, the
    first being whoever speaks first.
    """
    odds = {label: sum(agent_odds(one.text) for one in said if one.label == label) for label in unknown}
    voices: dict[str, Voice] = {}
    if len(labels) == len(unknown) == 2:
        first, second = unknown
        voices = {first: Voice.FIRST, second: Voice.SECOND}
        # Where the words tell nothing: whoever is called speaks first.
        difference = odds[first] - odds[second] or -0.001
        odds = {first: difference, second: -difference}
    return {
        label: _Part(
            speaker=Speaker.AGENT if value > 0 else Speaker.CUSTOMER, sureness=_sure(value), voice=voices.get(label)
        )
        for label, value in odds.items()
    }


def _by_course(said: Sequence[Utterance]) -> Iterator[_Part]:
    """The likelier speaker of each utterance by the course of the whole call."""
    # Only here: the module brings the audio libraries with it.
    from qa_service.transcription.speakers import Stretch, guess_speakers

    stretches = [Stretch(span=Span(start_ms=one.start_ms, end_ms=one.end_ms), text=one.text) for one in said]
    return (_Part(speaker=guess.speaker, sureness=guess.confidence) for guess in guess_speakers(stretches, None))


def _sure(odds: float) -> float:
    return round(min(SUREST, 1 / (1 + math.exp(-BELIEVED * abs(odds)))), 3)


def _supposed(where: str, labels: Sequence[str], turns: int) -> str:
    if labels:
        shown = "、".join(labels[:4]) + ("等" if len(labels) > 4 else "")
        return (
            f"{where}：没有写明 {shown} 是坐席还是客户，角色按说话内容推定，{turns} 句标为存疑；"
            f"可用 --speakers {labels[0]}=agent 指明。"
        )
    return f"{where}：{turns} 句没有写明说话人，角色按说话内容推定，标为存疑。"


def _turns(conversation: Conversation, parts: Sequence[_Part]) -> tuple[Turn, ...]:
    """Turns as the service makes them of its own hearing; a file that gives whole turns keeps them as they are."""
    pairs = list(zip(conversation.utterances, parts, strict=True))
    if not conversation.format.fragments:
        return tuple(_turn(one, part) for one, part in pairs)
    # What is doubtful is not joined with what is sure.
    heard = [_heard(one, part, doubts(conversation.format, one.text)) for one, part in pairs]
    runs = groupby(heard, key=lambda one: one.speaker_doubtful)
    return tuple(turn for _, run in runs for turn in to_turns(run))


def _heard(one: Utterance, part: _Part, suspicions: frozenset[Suspicion]) -> Heard:
    return Heard(
        speaker=part.speaker,
        span=Span(start_ms=one.start_ms, end_ms=one.end_ms),
        text=one.text,
        words=one.words,
        voice=part.voice,
        suspicions=suspicions,
        speaker_doubtful=part.sureness is not None or one.carried,
        speaker_confidence=part.sureness,
    )


def _turn(one: Utterance, part: _Part) -> Turn:
    return Turn(
        speaker=part.speaker,
        start_ms=one.start_ms,
        end_ms=one.end_ms,
        text=one.text,
        confidence=mean_sureness(one.words) if one.words else one.confidence,
        speaker_doubtful=part.sureness is not None or one.carried,
        speaker_confidence=part.sureness,
        voice=part.voice,
        words=one.words,
    )
