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
from qa_service.reading.turns import ReadTurn


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

    def read(self, turns: Sequence[ReadTurn], call: Call) -> Introductions:
        """The introductions of a call, from the agent's turns."""
        said = [turn for turn in turns if turn.speaker is Speaker.AGENT]
        houses = [
            (Mention(turn=turn.index, start=house.start, end=house.end), house)
            for turn in said
            for house in self._institutions.own_houses(turn.view.text)
        ]
        own = _named(said, call.org.names) or _earliest(mention for mention, _ in houses)
        as_creditor = _earliest(mention for mention, house in houses if self._may_be_creditor(house, call))
        principal = _named(said, call.principal_names) or _earliest(self._creditors(said))
        if call.org.kind is OrgKind.IN_HOUSE:
            principal = principal or own
        return Introductions(
            agent=_earliest(self._own_names(said)),
            company=_earliest((own, as_creditor)),
            principal=_earliest((principal, as_creditor)),
            as_creditor=as_creditor,
            own_house=_named(said, call.org.names)
            or _earliest(mention for mention, house in houses if not self._may_be_creditor(house, call)),
        )

    def _may_be_creditor(self, house: House, call: Call) -> bool:
        names = [view_of(name).text for name in call.principal_names]
        return any(known in house.name for known in names) if names else self._institutions.may_lend(house)

    def _own_names(self, said: Sequence[ReadTurn]) -> Iterator[Mention]:
        for turn in said:
            place = self._names.find(turn.view.text, heard=turn.turn.confidence is not None)
            if place is not None:
                yield Mention(turn=turn.index, start=place[0], end=place[1])

    def _creditors(self, said: Sequence[ReadTurn]) -> Iterator[Mention]:
        for turn in said:
            for start, end in self._institutions.creditors(turn.view.text):
                yield Mention(turn=turn.index, start=start, end=end)


def _named(said: Sequence[ReadTurn], names: Sequence[str]) -> Mention | None:
    """The first place one of the given names is said."""
    wanted = [re.escape(name) for name in (view_of(name).text for name in names) if name]
    if not wanted:
        return None
    expression = re.compile("|".join(sorted(wanted, key=len, reverse=True)))
    found = ((turn.index, match) for turn in said if (match := expression.search(turn.view.text)))
    return next((Mention(turn=turn, start=match.start(), end=match.end()) for turn, match in found), None)


def _earliest(mentions: Iterable[Mention | None]) -> Mention | None:
    found = [mention for mention in mentions if mention is not None]
    return min(found, key=lambda mention: (mention.turn, mention.start), default=None)
