"""Who the agent says they are: own name or staff number, own house, and the creditor the call is made for.

With the names in the call data, those are looked for; without them (and beside them) the frames of
``agent_name`` and ``institutions`` decide. A lender introduced as the agent's own house counts as house and creditor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa_service.call import Call, OrgKind, Speaker
from qa_service.lexicon.model import Rulebook
from qa_service.lexicon.text import view_of
from qa_service.reading.agent_name import AgentNameReader
from qa_service.reading.institutions import House, InstitutionReader
from qa_service.reading.passages import Passage
from qa_service.reading.spoken import Spoken, spoken
from qa_service.reading.turns import ReadTurn

# A name without its ending is meant where this follows: 蓝杉那六千九, 青芒的, 恒岳这边.
_AFTER_A_STEM = r"(?=的|嘅|[那这]|委托|授权|托我|平台|上的|给|[，。,.！!？?、；]|$)"
# A caller who acts for somebody else is not the creditor, however bare the name: 鼎川的, 受银行委托.
_ACTING = re.compile(
    r"(?:受|接受|替|代表|给)[^，。]{0,10}(?:委托|授权|外包|打的|做催收)|委托我|托我们|合作方|外包|授权"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something said of the caller's identity, at characters ``[start, end)`` of the view of a turn."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Introductions:
    """The first place each part of the caller's identity is said; None where it never is.

    ``as_creditor`` is where an agent presents the creditor as their own house, ``own_house`` where they name one that
    is not the creditor.
    """

    agent: Mention | None
    company: Mention | None
    principal: Mention | None
    as_creditor: Mention | None
    own_house: Mention | None


NOBODY = Introductions(agent=None, company=None, principal=None, as_creditor=None, own_house=None)
"""Where nobody says who they are."""


class IntroductionReader:
    """Finds introductions with the institution words of one rulebook; built once per rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Prepare the readers of names and of institutions."""
        self._names = AgentNameReader(rulebook.word_sets["caller_title"])
        self._institutions = InstitutionReader(rulebook.word_sets)

    def read(self, turns: Sequence[ReadTurn], call: Call, passages: Sequence[Passage] = ()) -> Introductions:
        """The introductions of a call, from the agent's turns; ``passages`` are its broken sentences."""
        everything = sorted(spoken(turns, passages), key=lambda text: text.ends)
        said = [text for text in everything if text.turn.speaker is Speaker.AGENT]
        principal = self._principal(said, everything, call)
        houses = self._houses(said, principal, call)
        named_own = _first_of(said, self._names_of(call.org.names))
        own = named_own or _earliest(mention for mention, _, _ in houses)
        lending = [(mention, self._may_be_creditor(house, text, call)) for mention, house, text in houses]
        as_creditor = _earliest(mention for mention, may in lending if may)
        if call.org.kind is OrgKind.IN_HOUSE:
            principal = principal or own
        return Introductions(
            agent=_earliest((self._own_name(said), *self._names_behind(houses))),
            company=_earliest((own, as_creditor)),
            principal=_earliest((principal, as_creditor)),
            as_creditor=as_creditor,
            own_house=named_own or _earliest(mention for mention, may in lending if not may),
        )

    def _principal(self, said: Sequence[Spoken], everything: Sequence[Spoken], call: Call) -> Mention | None:
        """Where the creditor is named: by its name in the call data, by a frame, or by a name that either side says."""
        known = _first_of(said, self._names_of(call.principal_names))
        if known is not None:
            return known
        heard = [name for text in everything for name in self._institutions.lenders(text.text)]
        return _earliest((self._creditor(said), _first_of(said, self._stems_of(heard))))

    def _houses(
        self, said: Sequence[Spoken], principal: Mention | None, call: Call
    ) -> list[tuple[Mention, House, Spoken]]:
        """The caller's own houses as far as they matter: beyond the creditor's name only until there is one.

        Of an agency all are wanted, for it may pose as the creditor at any time.
        """
        found: list[tuple[Mention, House, Spoken]] = []
        for text in said:
            enough = principal is not None and text.turn.index > principal.turn and found
            if enough and call.org.kind is not OrgKind.AGENCY:
                break
            houses = self._institutions.own_houses(text.text)
            found += [(_mention(text, house.start, house.end), house, text) for house in houses]
        return found

    def _names_of(self, names: Iterable[str]) -> re.Pattern[str] | None:
        """The names of the call data, whole or without their endings (蓝杉那笔); None where there are none."""
        whole = sorted({view_of(name).text for name in names} - {""}, key=len, reverse=True)
        stems = self._stems_of(whole)
        parts = [*map(re.escape, whole), *([stems.pattern] if stems else ())]
        return re.compile("|".join(parts)) if parts else None

    def _stems_of(self, names: Iterable[str]) -> re.Pattern[str] | None:
        """What is left of names without their endings, where it stands for the house; None where nothing telling is."""
        stems = sorted({stem for name in names if (stem := self._institutions.stem(name))}, key=len, reverse=True)
        return re.compile(rf"(?:{'|'.join(map(re.escape, stems))}){_AFTER_A_STEM}") if stems else None

    def _may_be_creditor(self, house: House, text: Spoken, call: Call) -> bool:
        names = [view_of(name).text for name in call.principal_names]
        if names:
            return any(known in house.name for known in names)
        return self._institutions.may_lend(house, acting=_ACTING.search(text.text) is not None)

    def _own_name(self, said: Sequence[Spoken]) -> Mention | None:
        for text in said:
            place = self._names.find(text.text, heard=text.turn.turn.confidence is not None)
            if place is not None:
                return _mention(text, *place)
        return None

    def _names_behind(self, houses: Iterable[tuple[Mention, House, Spoken]]) -> Iterator[Mention]:
        for _, house, text in houses:
            place = self._names.behind(text.text, house.end)
            if place is not None:
                yield _mention(text, *place)

    def _creditor(self, said: Sequence[Spoken]) -> Mention | None:
        """The first place at which a frame names a creditor."""
        for text in said:
            named = _earliest(_mention(text, start, end) for start, end in self._institutions.creditors(text.text))
            if named is not None:
                return named
        return None


def _mention(text: Spoken, start: int, end: int) -> Mention:
    turn, first, last = text.place(start, end)
    return Mention(turn=turn, start=first, end=last)


def _first_of(said: Sequence[Spoken], names: re.Pattern[str] | None) -> Mention | None:
    """The first place one of the given names is said."""
    found = ((text, match) for text in said if names is not None and (match := names.search(text.text)))
    return next((_mention(text, *match.span()) for text, match in found), None)


def _earliest(mentions: Iterable[Mention | None]) -> Mention | None:
    found = [mention for mention in mentions if mention is not None]
    return min(found, key=lambda mention: (mention.turn, mention.start), default=None)
