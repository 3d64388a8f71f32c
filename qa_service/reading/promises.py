"""Promises to pay: a small state over the turns of a call.

At any moment there is at most one *proposal* (what the agent last put forward or asked) and one *agreement* (what the
debtor last agreed to). A debtor's own figures, an answer to a question, or a yes to a proposal make or change the
agreement; a retraction takes it back; what stands at the end is the promise. The agent's repetition is followed beside
it: an instalment counts as read back once its sum and its day were said after they were last agreed, and a repetition
with another sum or day than agreed, which nobody mends, is kept as misread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from qa_service.call import Speaker, Turn
from qa_service.judgement import Promise
from qa_service.reading.agreement import Agreement, day_of
from qa_service.reading.date_grammar import DateKind
from qa_service.reading.instalments import Instalment
from qa_service.reading.promise_cues import DEBT, Act
from qa_service.reading.promise_talk import Utterance, pieces, read_utterance
from qa_service.reading.proposals import Proposal, among, laid_over, on_top

_PATIENCE: Final = 2  # agent turns about something else after which a proposal is off the table


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseReading:
    """What was promised in a call.

    ``promises`` stand at the end of the call. ``recap`` is whether the agent read every sum and day back after the
    debtor promised, None where no promise stands. ``misread`` are the agent's turns that repeat a promise with another
    sum or day than agreed, and that nobody put right; ``asked`` those that ask for a sum or a day after it.
    """

    promises: tuple[Promise, ...] = ()
    recap: bool | None = None
    misread: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()


def find_promises(turns: Sequence[Turn], on: date, balance: Decimal | None = None) -> PromiseReading:
    """The promises that stand at the end of a call, and whether they were read back.

    Suspect turns promise nothing; where one of the agent's follows a promise, nobody can say that it was not read back.
    ``on`` is the local day of the call; ``balance`` the debt in yuan from the call data, for calls that name none.
    """
    talk = _Dialogue(balance)
    for index, turn in enumerate(turns):
        if not turn.trusted:
            continue
        talk.hear(turn.text)
        for text in pieces(turn):
            committed = talk.agreement is not None
            said = read_utterance(index, turn.speaker, text, on, talk.balance, committed=committed, idle=talk.idle)
            if turn.speaker is Speaker.AGENT:
                talk.agent(said)
            else:
                talk.debtor(said)
    found = talk.result()
    if found.recap is False and _agent_unheard(turns[found.promises[0].turns[-1] + 1 :]):
        return replace(found, recap=None)
    return found


def _agent_unheard(turns: Sequence[Turn]) -> bool:
    return any(turn.speaker is Speaker.AGENT and not turn.trusted for turn in turns)


class _Dialogue:
    """The state of the talk between two turns."""

    def __init__(self, known_balance: Decimal | None) -> None:
        self.agreement: Agreement | None = None
        self._proposal: Proposal | None = None
        self._known_balance = known_balance
        self._owed: Decimal | None = None  # a sum that the agent named as the debt
        self._first_sum: Decimal | None = None  # the first sum that the agent named at all
        self._minimum: Decimal | None = None  # what the agent named as the least to be paid
        self._voiced: list[tuple[int, Instalment]] = []  # what the debtor named in which turn, promised or not
        self._named: set[Decimal | date | None] = set()  # every sum and day that the debtor named for whatever purpose
        self._differing: list[tuple[int, Instalment]] = []  # what the agent repeated otherwise than agreed
        self._asked: list[int] = []  # agent turns that ask for what is still open
        self._of_debt = False  # whether anybody has spoken of a debt
        self._wavers = False  # whether either has just doubted what was agreed

    @property
    def balance(self) -> Decimal | None:
        """The debt as said in the call, else as the call data has it."""
        return self._owed or self._first_sum or self._known_balance

    @property
    def idle(self) -> bool:
        """Whether nothing has been proposed, asked or agreed."""
        return self.agreement is None and self._proposal is None

    def hear(self, text: str) -> None:
        """Note whether a debt is spoken of: without one, a day is an appointment and a sum a price."""
        self._of_debt = self._of_debt or DEBT.search(text) is not None

    # -- the agent -----------------------------------------------------------------------------------------------------

    def agent(self, said: Utterance) -> None:
        """An agent's turn: reads back, rejects, proposes, asks, or talks of something else."""
        self._wavers = said.does(Act.REJECTS)
        self._owed = said.owed or self._owed
        news = self._news(said)
        self._first_sum = self._first_sum or said.first_sum
        self._minimum = said.minimum or self._minimum
        if self._reads_back(said):
            self._take_as_read_back(said)
            news = ()
        elif self.agreement is not None:
            self._repeats(said, self.agreement)
        asks = said.does(Act.ASKS_AMOUNT, Act.ASKS_DATE)
        if self.agreement is not None and (asks or said.does(Act.ASKS_REST)):
            self._asked.append(said.index)
        if said.does(Act.ASKS_ELSEWHERE):
            self._proposal = Proposal(turn=said.index, elsewhere=True)
        elif news:
            self._propose(said, news, asks=asks)
        elif self.agreement is not None and said.does(Act.ASKS_REST):
            rest = next((each for each in said.instalments if each.rest), Instalment(rest=True, adds=True))
            self._proposal = Proposal(turn=said.index, instalments=(rest,), asks=True)
        elif asks:
            held = self._proposal.instalments if self._proposal else ()
            self._proposal = Proposal(turn=said.index, instalments=held, asks=True)
        else:
            self._fade(said)

    def _repeats(self, said: Utterance, agreement: Agreement) -> None:
        """What is agreed, said again: rightly, wrongly, or turned down."""
        agreement.adopt(said.instalments)
        days = [*said.dates, *(each.due for each in said.instalments if each.due is not None)]
        agreement.read_back(said.amounts, days, self.balance)
        if said.does(Act.REJECTS) and agreement.tentative:
            agreement.rejected = True
        if agreement.complete and said.does(Act.NOTES) and not said.does(Act.ASKS_REST, Act.REJECTS):
            wrong = [each for each in said.instalments if agreement.contradicts(each, self.balance)]
            self._differing += [(said.index, each) for each in wrong]

    def _reads_back(self, said: Utterance) -> bool:
        """Whether the agent repeats, as whole instalments, what the debtor named but the agreement does not hold so.

        A single one that is agreed otherwise is a counter-proposal, unless it has what the debtor said last.
        """
        agreement = self.agreement
        told = [each for each in said.instalments if not each.rest or day_of(each.due) is not None]
        if not told or not all(each.amount is not None and day_of(each.due) is not None for each in told):
            return False
        if said.does(Act.PROPOSES) or not self._voiced_all(told):
            return False
        if agreement is None:
            return said.does(Act.NOTES)
        if all(agreement.holds(each, self.balance) for each in told):
            return False
        return len(told) > 1 or not agreement.complete or self._voiced_last(told[0])

    def _voiced_all(self, told: Sequence[Instalment]) -> bool:
        """Whether the debtor named every day and every sum, or the sums are the whole balance."""
        sums = {each.amount.value for _, each in self._voiced if each.amount is not None}
        days = {day_of(each.due) for _, each in self._voiced}
        return all(day_of(each.due) in days for each in told) and (
            self._makes_whole(told) or all(each.amount is None or each.amount.value in sums for each in told)
        )

    def _named_all(self, told: Sequence[Instalment]) -> bool:
        """The same of every figure that the debtor named, if only of wages or a loan."""
        days = all(each.due is None or day_of(each.due) in self._named for each in told)
        sums = all(each.amount is None or each.rest or each.amount.value in self._named for each in told)
        return days and (sums or self._makes_whole(told))

    def _makes_whole(self, told: Sequence[Instalment]) -> bool:
        values = [each.amount.value or Decimal(0) for each in told if each.amount is not None]
        return self.balance is not None and sum(values, Decimal(0)) == self.balance

    def _voiced_last(self, told: Instalment) -> bool:
        """Whether sum and day are the last that the debtor named."""
        sums = [each.amount.value for _, each in self._voiced if each.amount is not None]
        days = [day_of(each.due) for _, each in self._voiced if day_of(each.due) is not None]
        value = told.amount.value if told.amount is not None else None
        return sums[-1:] == [value] and days[-1:] == [day_of(told.due)]

    def _take_as_read_back(self, said: Utterance) -> None:
        agreement = self.agreement or Agreement(turns={turn for turn, _ in self._voiced})
        agreement.settle(said.instalments, said.index)
        self.agreement, self._proposal = agreement, None

    def _news(self, said: Utterance) -> tuple[Instalment, ...]:
        """The figures that an agent puts forward: not what is agreed, not the debt, not a day without paying."""
        paying = said.does(Act.PAYS)
        agreement = None if self.agreement is None or self.agreement.rejected else self.agreement
        news = []
        for each in said.instalments:
            value = each.amount.value if each.amount is not None else None
            whole = each.complete and said.does(Act.PROPOSES) and not said.does(Act.IDENTIFIES)
            names_debt = value is not None and self._first_sum is None and not paying and not whole
            names_rest = each.rest and each.amount is None and each.due is None and not said.does(Act.ASKS_REST)
            repeats = agreement is not None and agreement.holds(each, self.balance)
            unfinished = agreement is not None and not agreement.complete
            put = each.has_sum or paying or unfinished or self._continues(each)
            if put and not names_debt and not names_rest:
                news.append((each, repeats))
        if all(repeats for _, repeats in news):
            return ()
        return tuple(each for each, repeats in news if not repeats or len(news) > 1)

    def _continues(self, said: Instalment) -> bool:
        """Whether a bare day answers or repeats the proposal on the table (那是几号？ 8月7号)."""
        held = self._proposal.instalments if self._proposal else ()
        return any(each.due is None or day_of(each.due) == day_of(said.due) for each in held)

    def _propose(self, said: Utterance, news: tuple[Instalment, ...], *, asks: bool) -> None:
        if not (said.does(Act.QUESTIONS, Act.SUGGESTS, Act.PAYS, Act.ASKS_REST) or self.agreement or self._proposal):
            return
        held = self._proposal.instalments if self._proposal else ()
        if len(news) == 1 and len(held) == 1:
            news = (laid_over(held[0], news[0]),)
        rest = self.agreement is not None and said.does(Act.ASKS_REST)
        if rest and len(news) == 1:
            news = (replace(news[0], adds=True),)
        asked = (said.does(Act.QUESTIONS) and not said.does(Act.IDENTIFIES)) or self.agreement is not None
        open_to_yes = asked or (said.does(Act.SUGGESTS) and not said.does(Act.OBLIGES, Act.IDENTIFIES))
        self._proposal = Proposal(
            turn=said.index,
            instalments=news,
            times=said.times,
            asks=asks or rest,
            open_to_yes=open_to_yes,
            restates=self.agreement is not None and not said.does(Act.PROPOSES, Act.REJECTS),
        )

    def _fade(self, said: Utterance) -> None:
        """A turn without figures: 可以吗 asks again, anything else lets the matter fade."""
        proposal = self._proposal
        if proposal is None:
            return
        if said.does(Act.QUESTIONS) and proposal.instalments:
            self._proposal = replace(proposal, open_to_yes=True, age=0)
        else:
            self._proposal = replace(proposal, age=proposal.age + 1) if proposal.age + 1 < _PATIENCE else None

    # -- the debtor ----------------------------------------------------------------------------------------------------

    def debtor(self, said: Utterance) -> None:
        """A debtor's turn: promises, answers, accepts, refuses, takes back, or talks of something else."""
        if self._minimum is not None:
            said = replace(said, instalments=tuple(each.with_minimum(self._minimum) for each in said.instalments))
        self._voiced += [(said.index, each) for each in said.instalments]
        self._named |= {amount.value for amount in said.amounts} | {day_of(due) for due in said.dates if not due.past}
        if said.does(Act.RETRACTS):
            self.agreement = self._proposal = None
        elif said.instalments and self._commits(said):
            self._commit(said)
        elif self._agrees(said):
            self._accept(said)
        elif said.does(Act.REFUSES) and not said.does(Act.ACCEPTS):
            self._refuse()

    def _commits(self, said: Utterance) -> bool:
        """Whether figures in a debtor's turn are a promise or an answer, not a question or a remark."""
        pays, proposal = said.does(Act.PAYS), self._proposal
        own_words = said.does(Act.OFFERS) or (pays and said.does(Act.TAGS))
        if self._echoes(said):
            return True
        if said.does(Act.WONDERS) or (said.does(Act.QUESTIONS) and not own_words):
            return False
        if proposal is not None and proposal.elsewhere:
            return pays
        first = said.instalments[0]
        if not any(each.has_sum for each in said.instalments) and not (proposal is not None and proposal.asks):
            pays = said.does(Act.REPAYS)
        if pays or (self.agreement is not None and first.rest):
            return True
        open_day = first.due is not None and first.due.kind in (DateKind.TIME, DateKind.NOW, DateKind.VAGUE)
        if (
            not said.does(Act.ANSWERS)
            or (open_day and not first.has_sum)
            or (said.does(Act.DEFERS) and not first.complete)
        ):
            return False
        exact = first.has_sum and first.due is not None and first.due.kind is DateKind.DAY
        if exact or (proposal is not None and (proposal.asks or proposal.open_to_yes)):
            return True
        return self.agreement is not None and (self._wavers or said.does(Act.ACCEPTS, Act.CORRECTS))

    def _echoes(self, said: Utterance) -> bool:
        """Whether a yes repeats nothing but figures of the proposal: 八百二……行吧; 两千二百五，对."""
        proposal = self._proposal
        if proposal is None or not said.does(Act.ACCEPTS) or said.does(Act.REFUSES):
            return False
        return all(among(each, proposal.instalments) for each in said.instalments)

    def _commit(self, said: Utterance) -> None:
        proposal = self._proposal
        proposed = proposal.instalments if proposal else ()
        news = said.instalments
        agreement = self.agreement
        asked = next((each for each in proposed if each.adds), None)
        if agreement is not None and asked is not None and not agreement.rejected and not self._echoes(said):
            if not any(agreement.names_day(each.due) or agreement.awaits_day(each) for each in news):
                news = on_top(asked, news)
        elif agreement is None or agreement.rejected:
            agreement = agreement or Agreement()
            open_day = news[0].due is not None and news[0].due.kind is DateKind.VAGUE and not news[0].has_sum
            if len(news) == 1 and not news[0].adds and not open_day:  # 有钱就还 takes up no figure
                agreement.merge(proposed, said.index)
            agreement.times = max(agreement.times, proposal.times if proposal else 1)
        elif said.does(Act.ACCEPTS) and not said.does(Act.REFUSES):
            agreement.merge(proposed, said.index)
        agreement.merge([each for each in news if each.has_sum or not agreement.names_day(each.due)], said.index)
        agreement.times = max(agreement.times, said.times)
        if proposal is not None and proposal.restates:
            agreement.count_as_read_back(each for each in news if among(each, proposed))
        self._settle(agreement, said, tentative=said.does(Act.OFFERS) and said.does(Act.QUESTIONS))

    def _agrees(self, said: Utterance) -> bool:
        """Whether a turn without figures of its own says yes to the proposal on the table."""
        proposal = self._proposal
        if proposal is None or not proposal.open_to_yes or said.does(Act.DEFERS, Act.REFUSES):
            return False
        if said.does(Act.QUESTIONS) and not said.does(Act.AGREES):
            return False
        named = any(each.amount is not None for each in proposal.instalments)
        dated = self.balance is not None and any(each.due is not None for each in proposal.instalments)
        return (named or dated) and said.does(Act.ACCEPTS, Act.CONFIRMS)

    def _accept(self, said: Utterance) -> None:
        proposal = self._proposal
        if proposal is None:
            return
        agreement = self.agreement or Agreement()
        agreement.merge(proposal.instalments, said.index)
        agreement.times = max(agreement.times, proposal.times)
        agreement.turns.add(proposal.turn)
        if proposal.restates or (self.agreement is not None and self._named_all(proposal.instalments)):
            agreement.count_as_read_back(proposal.instalments)
        self._settle(agreement, said, tentative=False)

    def _settle(self, agreement: Agreement, said: Utterance, *, tentative: bool) -> None:
        agreement.turns.add(said.index)
        agreement.tentative, agreement.rejected = tentative, False
        self.agreement, self._proposal = agreement, None

    def _refuse(self) -> None:
        """A plain no takes the proposal off the table; an own offer that was turned down goes with it."""
        self._proposal = None
        self._wavers = True
        if self.agreement is not None and self.agreement.rejected:
            self.agreement = None

    # -- the end -------------------------------------------------------------------------------------------------------

    def result(self) -> PromiseReading:
        """What stands now."""
        agreement = self.agreement
        if agreement is None or agreement.rejected or agreement.empty or not (self._of_debt or agreement.has_whole):
            return PromiseReading()
        agreement.drop_leftovers()
        wrong = {turn for turn, each in self._differing if agreement.contradicts(each, self.balance)}
        misread = () if agreement.was_read_back else tuple(sorted(wrong))
        return PromiseReading(
            promises=agreement.promises(self.balance),
            recap=agreement.was_read_back,
            misread=misread,
            asked=tuple(self._asked),
        )
