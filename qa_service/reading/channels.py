"""Whether the two channels are the wrong way round: the "agent" never does what callers must, and the other side does.

Counted are the kinds of things that only who calls about a debt has to say: their name, their house or whom they call
for, the recording, the question who is there. A customer says one of them at times (你是诚达资产的吧, 我在录音), so one
is never enough; two more kinds than on the side marked as the agent's are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from qa_service.call import Direction, Speaker
from qa_service.reading.introductions import Introductions
from qa_service.reading.turns import ReadTurn

ENOUGH = 2
"""By how many kinds the other side must be ahead: of 75 calls the right way round none was further than even."""

_LABELS: Mapping[str, str] = MappingProxyType(
    {"name": "自报姓名工号", "house": "自报机构", "recording_notice": "告知录音", "asks_identity": "核实身份"}
)
_CALLERS_ALONE = frozenset({"recording_notice", "asks_identity"})
"""What only an agent says even where the customer called, and so gave a name and a house first."""


def may_be_swapped(turns: Sequence[ReadTurn], said: Introductions) -> bool:
    """Whether the side marked as the agent's says so little that a closer look is worth it."""
    return len(_duties(turns, said)) <= len(_LABELS) - ENOUGH


def swapped_because(
    turns: Sequence[ReadTurn],
    said: Introductions,
    other: Sequence[ReadTurn],
    said_by_other: Introductions,
    direction: Direction,
) -> str | None:
    """Why the channels may be the wrong way round, None where nothing says so.

    ``other`` and ``said_by_other`` are the same turns read with their speakers exchanged; suspect text says nothing.
    """
    mine, theirs = _duties(turns, said), _duties(other, said_by_other)
    if direction is Direction.INBOUND:
        mine, theirs = mine & _CALLERS_ALONE, theirs & _CALLERS_ALONE
    silent = not mine and not _speaks_of_debt(turns) and _speaks_of_debt(other)
    if len(theirs) - len(mine) < ENOUGH - (silent and direction is Direction.OUTBOUND):
        return None
    heard = "、".join(label for key, label in _LABELS.items() if key in theirs)
    return f"声道可能接反：应有的告知不在坐席一侧，而在客户一侧（{heard}）；请收听确认，并可一键指定声道角色。"


def _duties(turns: Sequence[ReadTurn], said: Introductions) -> set[str]:
    found = {hit.name for turn in _agents(turns) for hit in turn.facts if hit.name in _LABELS}
    if said.agent is not None:
        found.add("name")
    if said.company is not None or said.principal is not None:
        found.add("house")
    return found


def _speaks_of_debt(turns: Sequence[ReadTurn]) -> bool:
    return any(turn.fact("debt_mention") for turn in _agents(turns))


def _agents(turns: Sequence[ReadTurn]) -> list[ReadTurn]:
    return [turn for turn in turns if turn.speaker is Speaker.AGENT and turn.turn.trusted]
