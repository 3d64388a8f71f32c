"""Judging one call: from its turns and call data to analysis, mark and triage. No database, queue, or speech model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from qa_service.call import Call, Transcript
from qa_service.checks.checklist import check_list
from qa_service.checks.contact import check_contact
from qa_service.checks.deadlines import with_earlier_deadlines
from qa_service.checks.debt_facts import check_debt_facts
from qa_service.checks.disclosures import check_disclosures
from qa_service.checks.emotion import spikes_of, surer_by_sound
from qa_service.checks.follow_up import check_follow_up
from qa_service.checks.interest import check_interest
from qa_service.checks.learned import LearnedRules
from qa_service.checks.phrases import PhraseRules
from qa_service.checks.private_channel import check_private_channel
from qa_service.checks.promises import check_promises
from qa_service.checks.purpose import check_purpose
from qa_service.checks.recording import channels, check_recording, unheard
from qa_service.checks.remember import remember
from qa_service.checks.rights import check_rights
from qa_service.checks.stop_requests import check_stop_requests
from qa_service.checks.trust import with_hearing
from qa_service.checks.vulnerable import check_vulnerable
from qa_service.judgement import Analysis, CannotJudge, Finding, Judged
from qa_service.lexicon import Rulebook
from qa_service.lexicon.grounds import Grounds
from qa_service.past import PastCall, PastPayment
from qa_service.reading import Reader, Reading
from qa_service.reading.composure import raised_turns
from qa_service.reading.talk import talk_metrics
from qa_service.reading.voices import NO_ROLES, VoiceRoles, with_roles
from qa_service.review.triage import triage
from qa_service.scoring.marks import score


class ThirdReader(Protocol):
    """One more opinion of a call, from outside of the rules; whoever gives it does what I/O that takes."""

    def read(
        self, reading: Reading, known: Sequence[Finding]
    ) -> tuple[tuple[Finding, ...], tuple[CannotJudge, ...]]: ...


class Judge:
    """Judges calls by one rulebook; building it indexes the rules, so keep it."""

    def __init__(self, rulebook: Rulebook, *, third: ThirdReader | None = None) -> None:
        """Prepare reader and rules; ``third`` is a model server that is asked about every call, too."""
        self.rulebook = rulebook
        self._third = third
        self._reader = Reader(rulebook)
        self._phrases = PhraseRules(rulebook)
        self._learned = LearnedRules(rulebook)
        self._grounds = Grounds(rulebook)

    def judge(
        self,
        call: Call,
        *,
        history: Sequence[PastCall] = (),
        transcript: Transcript | None = None,
        judged_at: datetime | None = None,
        roles: VoiceRoles = NO_ROLES,
        refused: str | None = None,
    ) -> Judged:
        """Judge one call.

        ``history`` holds earlier calls of the same debtor or number. ``transcript`` is what was heard of the
        recording, None for a call that came with its turns. ``judged_at`` is where due times count from (now).
        ``roles`` is a person's word on who speaks, ``refused`` why the recording cannot be heard at all.
        """
        analysis = self._analyse(*with_roles(call, transcript, roles), history, settled=bool(roles), refused=refused)
        return Judged(
            analysis=analysis,
            scorecard=score(analysis.findings, self.rulebook.scheme),
            triage=triage(analysis, judged_at or datetime.now(UTC)),
        )

    def _analyse(
        self,
        call: Call,
        transcript: Transcript | None,
        history: Sequence[PastCall],
        *,
        settled: bool,
        refused: str | None,
    ) -> Analysis:
        reading = self._reader.read(call, transcript, settled=settled)
        said = self._said(reading, history)
        turns = reading.call.turns
        metrics = talk_metrics(turns, transcript)
        raised = raised_turns(turns, self.rulebook.limits)
        disclosed = check_disclosures(reading, self.rulebook)
        contact = check_contact(call, history, metrics.customer.speech_ms if metrics else None, self.rulebook)
        verdicts: tuple[Finding | CannotJudge, ...] = (
            *said,
            *self._opinions(reading, said),
            *self._duties(reading, said, history),
            *disclosed.findings,
            *disclosed.cannot_judge,
            *check_promises(reading, said, self.rulebook),
            *contact.findings,
            *contact.cannot_judge,
            *check_recording(call, transcript, self.rulebook, refused),
            *unheard(call, transcript),
            *channels(reading),
        )
        heard = surer_by_sound(with_hearing(_in_order(verdicts), turns), raised)
        return Analysis(
            call_id=call.call_id,
            disclosures=disclosed.disclosures,
            checklist=check_list(reading),
            findings=self._grounds.stated(heard),
            cannot_judge=tuple(each for each in verdicts if isinstance(each, CannotJudge)),
            emotion=spikes_of(said, turns, raised),
            promises=reading.promises.promises,
            metrics=metrics,
            rulebook=self.rulebook.fingerprint,
            engine=transcript.engine if transcript else None,
            remembered=remember(reading, heard),
        )

    def _said(self, reading: Reading, history: Sequence[PastCall]) -> tuple[Finding, ...]:
        """What the words of the call show, by patterns and by the second reader."""
        second = self._learned.read(reading)
        said = with_earlier_deadlines(reading, second.agreed(self._phrases.check(reading)), history, self.rulebook)
        return (*said, *second.added(said))

    def _opinions(self, reading: Reading, said: Sequence[Finding]) -> tuple[Finding | CannotJudge, ...]:
        """What the house's model server says besides, and what it was not asked."""
        if self._third is None:
            return ()
        opinions, unasked = self._third.read(reading, said)
        return (*opinions, *unasked)

    def _duties(
        self, reading: Reading, said: Sequence[Finding], history: Sequence[PastCall]
    ) -> Iterator[Finding | CannotJudge]:
        """What the agent owes the debtor: true figures, a purpose, a channel, care, and what was agreed before."""
        yield from check_debt_facts(reading, self.rulebook)
        yield from check_interest(reading, self.rulebook)
        yield from check_purpose(reading, self.rulebook)
        yield from check_rights(reading, said, self.rulebook)
        yield from check_vulnerable(reading, said, self.rulebook)
        yield from check_private_channel(reading.call, history, self.rulebook)
        yield from check_stop_requests(reading.call, history, self.rulebook)
        yield from check_follow_up(reading, history, self.rulebook)


def _in_order(verdicts: Iterable[Finding | CannotJudge]) -> list[Finding]:
    """The findings in the order of the call, those of the call data last."""
    findings = (each for each in verdicts if isinstance(each, Finding))
    return sorted(findings, key=lambda finding: (finding.turn is None, finding.turn or 0))


def judge(
    call: Call,
    *,
    rulebook: Rulebook,
    history: Sequence[PastCall] = (),
    transcript: Transcript | None = None,
    judged_at: datetime | None = None,
) -> Judged:
    """Judge one call with a rulebook used once; keep a ``Judge`` for many."""
    return Judge(rulebook).judge(call, history=history, transcript=transcript, judged_at=judged_at)


def past_call(call: Call, transcript: Transcript | None, analysis: Analysis | None = None) -> PastCall:
    """What later calls of the same debtor or number need to know of this one, as far as it is judged."""
    metrics = talk_metrics(call.turns if transcript is None else transcript.turns, transcript)
    return PastCall(
        call_id=call.call_id,
        started_at=call.started_at,
        direction=call.direction,
        debtor_id=call.debtor_id,
        number_id=call.number_id,
        callee=call.callee,
        connected=call.connected,
        debtor_speech_ms=metrics.customer.speech_ms if metrics else None,
        outcome=call.outcome,
        billed_seconds=call.billed_seconds,
        caller_id=call.caller_id,
        stop_requests=analysis.remembered.stop_requests if analysis is not None else (),
        deadlines=analysis.remembered.deadlines if analysis is not None else (),
        promises=tuple(_standing(analysis)) if analysis is not None else (),
    )


def _standing(analysis: Analysis) -> Iterator[PastPayment]:
    for promise in analysis.promises:
        if promise.standing:
            yield from (PastPayment(amount=each.amount, due=each.due) for each in promise.payments)
