"""Who in a conversation is the agent: as the operator says, as the names say, else a guess from what is said.

A guess is marked on every turn and told in a sentence, so that nothing rests on it and a person can settle it: where
the file tells two voices apart, one act on a voice sets the role of all its turns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from qa_service.call import Span, Speaker, Turn, Voice
from qa_service.interchange.names import is_system, role_of
from qa_service.interchange.said import Conversation, Utterance
from qa_service.transcription.roles import guess_speakers
from qa_service.transcription.turns import Heard, to_turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The turns of a conversation, and sentences for the one who imports about what had to be supposed."""

    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The role of one utterance; ``sureness`` (0 to 1) is None where it is no guess."""

    speaker: Speaker
    sureness: float | None = None
    voice: Voice | None = None


def cast(conversation: Conversation, given: Mapping[str, Speaker]) -> Cast:
    """Give every utterance its speaker; ``given`` maps labels of the file to speakers and goes before all else."""
    said = conversation.utterances
    labels = list(dict.fromkeys(one.label for one in said if one.label is not None))
    known = _known_roles(labels, given)
    unknown = [label for label in labels if label not in known]
    parts = [_Part(speaker=known[one.label]) if one.label in known else None for one in said]
    notes: list[str] = []
    if None in parts:
        guesses = guess_speakers([(Span(start_ms=one.start_ms, end_ms=one.end_ms), one.text) for one in said])
        voices = _voices(labels) if unknown and len(labels) == 2 else {}
        by_label = _voted(said, guesses, unknown)
        parts = [
            part or _guessed(one, guess, by_label, voices)
            for one, guess, part in zip(said, guesses, parts, strict=True)
        ]
        notes.append(_supposed(conversation.where, unknown, sum(part.sureness is not None for part in parts if part)))
    if any(is_system(label) for label in labels):
        notes.append(f"{conversation.where}：系统播报的话算作坐席一方。")
    turns = _turns(conversation, [part for part in parts if part is not None])
    return Cast(turns=turns, notes=tuple(notes))


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


def _voices(labels: Sequence[str]) -> dict[str, Voice]:
    """Two labels as two voices, the first being whoever speaks first."""
    return dict(zip(labels, (Voice.FIRST, Voice.SECOND), strict=True))


def _voted(
    said: Sequence[Utterance], guesses: Sequence[Speaker], labels: Sequence[str]
) -> Mapping[str, tuple[Speaker, float]]:
    """The role of each label by the guesses of its utterances, weighted by length, and the share that agrees.

    Two labels are given different roles, whichever way round agrees better.
    """
    votes: dict[str, Counter[Speaker]] = {label: Counter() for label in labels}
    for one, guess in zip(said, guesses, strict=True):
        if one.label in votes:
            votes[one.label][guess] += len(one.text)
    agents = {label: _share(votes[label], Speaker.AGENT) for label in labels}
    if len(labels) == 2:
        first, second = labels
        agent = first if agents[first] >= agents[second] else second
        roles = {label: Speaker.AGENT if label == agent else Speaker.CUSTOMER for label in labels}
    else:
        roles = {label: Speaker.AGENT if agents[label] > 0.5 else Speaker.CUSTOMER for label in labels}
    return {label: (role, _share(votes[label], role)) for label, role in roles.items()}


def _share(votes: Counter[Speaker], speaker: Speaker) -> float:
    return votes[speaker] / votes.total() if votes.total() else 0.5


def _guessed(
    one: Utterance,
    guess: Speaker,
    by_label: Mapping[str, tuple[Speaker, float]],
    voices: Mapping[str, Voice],
) -> _Part:
    if one.label is None:
        return _Part(speaker=guess, sureness=0.5)
    speaker, share = by_label[one.label]
    return _Part(speaker=speaker, sureness=round(share, 2), voice=voices.get(one.label))


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
    return to_turns(
        Heard(
            speaker=part.speaker,
            span=Span(start_ms=one.start_ms, end_ms=one.end_ms),
            text=one.text,
            words=one.words,
            voice=part.voice,
            speaker_doubtful=part.sureness is not None or one.carried,
            speaker_confidence=part.sureness,
        )
        for one, part in pairs
    )


def _turn(one: Utterance, part: _Part) -> Turn:
    return Turn(
        speaker=part.speaker,
        start_ms=one.start_ms,
        end_ms=one.end_ms,
        text=one.text,
        confidence=round(fmean(word.probability for word in one.words), 3) if one.words else one.confidence,
        speaker_doubtful=part.sureness is not None or one.carried,
        speaker_confidence=part.sureness,
        voice=part.voice,
        words=one.words,
    )
