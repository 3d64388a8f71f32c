"""What an agent puts to the debtor, and how it is laid together with what is said next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa_service.reading.agreement import day_of
from qa_service.reading.instalments import Instalment
from qa_service.reading.money import AmountKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the agent last put to the debtor: figures, a question for figures, or both.

    ``open_to_yes`` is whether a bare yes accepts it; ``elsewhere`` marks a question about wages or anything but paying;
    ``restates`` a version of what the debtor has promised that is said for confirmation, not as another offer.
    """

    turn: int
    instalments: tuple[Instalment, ...] = ()
    times: int = 1
    asks: bool = False
    open_to_yes: bool = False
    elsewhere: bool = False
    restates: bool = False
    age: int = 0


def among(said: Instalment, proposed: Sequence[Instalment]) -> bool:
    """Whether the parts of ``said`` are all among the sums and days of a proposal."""
    sums = {each.amount.value for each in proposed if each.amount is not None}
    days = {day_of(each.due) for each in proposed}
    return (said.amount is None or said.amount.value in sums) and (said.due is None or day_of(said.due) in days)


def laid_over(held: Instalment, said: Instalment) -> Instalment:
    """A proposal made more precise: what is said anew counts, the rest of it stays."""
    return Instalment(
        amount=said.amount or held.amount,
        due=said.due or held.due,
        rest=said.rest or held.rest,
        adds=said.adds or held.adds,
    )


def on_top(asked: Instalment, said: tuple[Instalment, ...]) -> tuple[Instalment, ...]:
    """The answer to 剩下的呢: its instalments come on top of what is agreed, the sum may be the one asked about."""
    if len(said) > 1:
        return tuple(replace(each, adds=True) for each in said)
    only = said[0]
    named = None if only.amount is not None and only.amount.kind is AmountKind.WHOLE else only.amount
    amount = named or asked.amount  # 都还清 is the rest here
    return (replace(only, amount=amount, rest=only.rest or asked.rest or named is None, adds=True),)
