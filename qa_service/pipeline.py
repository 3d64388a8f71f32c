"""Judging one call: from its turns and call data to analysis, mark and triage. No database, queue, or speech model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from qa_service.call import Call, Speaker, Transcript
from qa_service.checks.checklist import check_list
from qa_service.checks.contact import check_contact
from qa_service.checks.disclosures import check_disclosures
from qa_service.checks.emotion import spikes_of, surer_by_sound
from qa_service.checks.phrases import PhraseRules
from qa_service.checks.promises import check_promises
from qa_service.checks.recording import channels, check_recording, unheard
from qa_service.checks.trust import with_hearing
from qa_service.judgement import Analysis, Category, Judged
from qa_service.lexicon import Rulebook
from qa_service.past import PastCall, StopRequest
from qa_service.reading import Reader
from qa_service.reading.composure import raised_turns
from qa_service.reading.talk import talk_metrics
from qa_service.reading.voices import NO_ROLES, VoiceRoles, with_roles
from qa_service.review.triage import triage
from qa_service.scoring.marks import score


class Judge:
    """Judges calls by one rulebook; building it indexes the rules, so keep it."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Prepare reader and rules."""
        self.rulebook = rulebook
        self._reader = Reader(rulebook)
        self._phrases = PhraseRules(rulebook)

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
        said = self._phrases.check(reading)
        disclosed = check_disclosures(reading, self.rulebook)
        turns = reading.call.turns
        metrics = talk_metrics(turns, transcript)
        raised = raised_turns(turns, self.rulebook.limits)
        contact = check_contact(call, history, metrics.customer.speech_ms if metrics else None, self.rulebook)
        findings = (
            *said,
            *disclosed.findings,
            *check_promises(reading, said, self.rulebook),
            *contact.findings,
            *check_recording(call, transcript, self.rulebook, refused),
        )
        return Analysis(
            call_id=call.call_id,
            disclosures=disclosed.disclosures,
            checklist=check_list(reading),
            findings=surer_by_sound(
                with_hearing(sorted(findings, key=lambda f: (f.turn is None, f.turn or 0)), turns), raised
            ),
            cannot_judge=(
                *disclosed.cannot_judge,
                *contact.cannot_judge,
                *unheard(call, transcript),
                *channels(reading),
            ),
            emotion=spikes_of(said, turns, raised),
            promises=reading.promises.promises,
            metrics=metrics,
            rulebook=self.rulebook.fingerprint,
            engine=transcript.engine if transcript else None,
        )


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
        stop_requests=tuple(_stop_requests(analysis)) if analysis is not None else (),
    )


def _stop_requests(analysis: Analysis) -> Iterator[StopRequest]:
    for finding in analysis.findings:
        if finding.category is Category.STOP_CONTACT and finding.speaker is Speaker.CUSTOMER:
            words = finding.quotes[0].text if finding.quotes else ""
            yield StopRequest(rule=finding.rule, words=words, doubtful=finding.needs_confirmation)
