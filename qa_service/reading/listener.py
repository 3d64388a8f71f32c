"""Who is listening, turn by turn: not yet known, one who says they are the debtor, the debtor confirmed, or another.

A call is cut where the telephone changes hands. Within such a stretch the listener is one person, so what is said of
them later holds for the words before it too: a debt told to somebody who then turns out to be the mother was told to
the mother, and one who first said 他不在 and then admits to being the debtor was the debtor all along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from qa_service.call import Callee, Speaker
from qa_service.labelled import Labelled
from qa_service.lexicon.model import Listener
from qa_service.reading.turns import ReadTurn

_ANSWERED_WITHIN: Final = 3
"""Turns after the question in which an answer to it may come: the other side often asks back once."""

_DIGITS = re.compile(r"[0-9零〇一二两三四五六七八九幺]{2,}")
_GIVEN_NAME = re.compile(r"我(?:就是|是|叫)?([\u4e00-\u9fff]{2})")
# A plain yes of fillers alone, which a view does not show.
_HUM = re.compile(r"\s*[嗯恩昂]+(?:呐|呢|哪)?[，。,.！!\s]*")
_ASKS_BACK = re.compile(r"[？?]")


class _Said(Labelled):
    """What a turn of the customer says of who they are."""

    SOMEBODY_ELSE = "somebody_else", "自称他人"
    NOT_THEY = "not_they", "否认是本人或说本人不在"
    CONFIRMS = "confirms", "经询问确认"
    ADMITS = "admits", "主动承认"
    GOES_ALONG = "goes_along", "默认"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """One such word at turn ``at`` of a stretch and the state that it gives the listener."""

    at: int
    said: _Said
    state: Listener


def listeners_of(turns: Sequence[ReadTurn], callee: Callee) -> tuple[Listener, ...]:
    """The listener at each turn (same length as ``turns``).

    ``VERIFIED`` and ``CLAIMED`` start with the customer's own turn; ``NOT_DEBTOR`` holds for the whole stretch in which
    it comes out; a third party by the dialler's word stays one until the words say otherwise.
    """
    states: list[Listener] = []
    for stretch in _stretches(turns):
        states.extend(_of_stretch(stretch, turns, callee if not states else Callee.UNKNOWN))
    return tuple(states)


# What a customer says who is not the debtor.
_NOT_THE_DEBTOR = ("other_person", "denies_identity", "debtor_absent")


def _stretches(turns: Sequence[ReadTurn]) -> list[list[ReadTurn]]:
    """Cut after each turn in which the telephone is handed over, and before one in which another takes it."""
    stretches: list[list[ReadTurn]] = [[]]
    for turn in turns:
        if turn.fact("takes_over") and any(earlier.fact(*_NOT_THE_DEBTOR) for earlier in stretches[-1]):
            stretches.append([])
        stretches[-1].append(turn)
        if turn.fact("handover", "passes_on"):
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def _of_stretch(stretch: list[ReadTurn], turns: Sequence[ReadTurn], callee: Callee) -> list[Listener]:
    """The states of one stretch: what settles the listener first holds, whatever relatives are talked of later."""
    words = list(_words(stretch, turns))
    settling = next((word for word in words if word.state is not Listener.CLAIMED), None)
    if settling is None:
        if callee is Callee.THIRD_PARTY:
            return [Listener.NOT_DEBTOR] * len(stretch)
        return _rising(words, 0, len(stretch))
    if settling.state is not Listener.NOT_DEBTOR:
        return _rising(words, 0, len(stretch))
    admitted = next((word for word in words if word.at > settling.at and word.said is _Said.ADMITS), None)
    if admitted is None:
        return [Listener.NOT_DEBTOR] * len(stretch)
    # One who gave themselves out for a relative and now is the debtor: another voice; else the same, who had lied.
    before = Listener.NOT_DEBTOR if _speaks_for_another(words, admitted.at) else Listener.UNKNOWN
    return [before] * admitted.at + _rising(words, admitted.at, len(stretch))


def _speaks_for_another(words: Sequence[_Word], until: int) -> bool:
    return any(word.said is _Said.SOMEBODY_ELSE for word in words if word.at < until)


def _rising(words: Sequence[_Word], start: int, end: int) -> list[Listener]:
    """The states from turn ``start`` of a stretch to its ``end``, never falling back from what was confirmed."""
    given = {word.at: word.state for word in reversed(words) if word.state is not Listener.NOT_DEBTOR}
    current, states = Listener.UNKNOWN, []
    for at in range(start, end):
        if current is not Listener.VERIFIED:
            current = given.get(at, current)
        states.append(current)
    return states


def _words(stretch: list[ReadTurn], turns: Sequence[ReadTurn]) -> Iterator[_Word]:
    last = None  # the last question of identity
    for at, turn in enumerate(stretch):
        if turn.speaker is Speaker.CUSTOMER and turn.turn.trusted:
            asked = stretch[last] if last is not None and at - last <= _ANSWERED_WITHIN else None
            found = _said(turn, stretch[at - 1] if at else None, asked, turns)
            if found is not None:
                yield _Word(at=at, said=found[0], state=found[1])
        last = at if _asks(turn) else last


def _said(
    turn: ReadTurn, before: ReadTurn | None, asked: ReadTurn | None, turns: Sequence[ReadTurn]
) -> tuple[_Said, Listener] | None:
    """What ``turn`` says of who speaks; ``asked`` is the question of identity that it may answer."""
    if turn.fact("other_person", "handover"):
        return _Said.SOMEBODY_ELSE, Listener.NOT_DEBTOR
    agrees = turn.fact("affirms") or _hums(turn)
    if agrees and before is not None and before.fact("asks_relation"):
        return _Said.SOMEBODY_ELSE, Listener.NOT_DEBTOR
    if turn.fact("admits_identity", "names_self"):
        return _Said.ADMITS, _confirmed(turn, asked, turns)
    if turn.fact("denies_identity"):
        return _Said.NOT_THEY, Listener.NOT_DEBTOR
    if asked is None or turn.fact("refuses_identity"):
        return None
    if agrees or (asked.fact("asks_number") and _DIGITS.match(turn.view.text)):
        return _Said.CONFIRMS, _confirmed(turn, asked, turns)
    if turn.fact("debtor_absent"):
        return _Said.NOT_THEY, Listener.NOT_DEBTOR
    return (_Said.GOES_ALONG, Listener.CLAIMED) if turn.fact("goes_along") else None


def _confirmed(turn: ReadTurn, asked: ReadTurn | None, turns: Sequence[ReadTurn]) -> Listener:
    """``VERIFIED`` where name or number was asked for; of one who gives a name, where the agent had said that name."""
    if turn.fact("names_self"):
        said = "".join(one.view.text for one in turns[: turn.index] if one.speaker is Speaker.AGENT)
        known = any(given[1] in said for given in _GIVEN_NAME.finditer(turn.view.text))
        return Listener.VERIFIED if known else Listener.CLAIMED
    by_name = asked is not None and not asked.fact("asks_unnamed")
    return Listener.VERIFIED if by_name else Listener.CLAIMED


def _asks(turn: ReadTurn) -> bool:
    return turn.fact("asks_identity", "asks_number", "asks_unnamed") is not None and not turn.fact("asks_relation")


def _hums(turn: ReadTurn) -> bool:
    return _HUM.match(turn.turn.text) is not None and not _ASKS_BACK.search(turn.turn.text[:4])
