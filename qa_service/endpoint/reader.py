"""The third reader: asks the server about a call, keeps what its quotes prove, and never decides alone.

Its findings always need a person: they deduct nothing and are no ground for a veto. A server that fails is left alone
for a while, so that a dead one costs one time-out and not one a call; what was not asked is shown as coverage.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence

from qa_service.endpoint.answers import read_answer
from qa_service.endpoint.client import Endpoint
from qa_service.endpoint.rubric import asked, question, rubric
from qa_service.errors import EndpointUnavailable
from qa_service.judgement import By, CannotJudge, Category, Finding, Quote
from qa_service.lexicon.findings import finding_of
from qa_service.lexicon.model import Listener, Rule, Rulebook
from qa_service.reading import Reading
from qa_service.settings import Settings

CONFIDENCE = 0.5
"""A model's own word on how sure it is says little; a person decides each."""

FAILURES_IN_A_ROW = 3
PAUSE_SECONDS = 300
"""How long a server is left alone after that many failures."""

HOUR_SECONDS = 3600
RULE = "endpoint"

_BECAUSE = "只有外接模型 {} 这样认为，请人工确认。"
_SPENT = "外接模型本小时的次数已用完，本通没有问它。"
_RESTING = "外接模型连续没有应答，暂停询问，本通没有问它。"


class EndpointReader:
    """Reads calls with one rulebook and one server; safe to share between threads."""

    def __init__(self, endpoint: Endpoint, rulebook: Rulebook, *, calls_per_hour: int = 0) -> None:
        """Prepare the rubric; ``calls_per_hour`` is the budget, 0 for none."""
        self._endpoint = endpoint
        self._rules = {rule.id: rule for rule in asked(rulebook)}
        self._rubric = rubric(rulebook)
        self._calls_per_hour = calls_per_hour
        self._lock = threading.Lock()
        self._asked: deque[float] = deque()
        self._failures = 0
        self._resting_until = 0.0

    def read(self, reading: Reading, known: Sequence[Finding]) -> tuple[tuple[Finding, ...], tuple[CannotJudge, ...]]:
        """What the server finds beyond the ``known`` findings, and why nothing where it could not be asked."""
        if not any(turn.turn.trusted for turn in reading.turns):
            return (), ()
        try:
            self._spend()
            answer = self._endpoint.ask(self._rubric, question(reading))
            claims = read_answer(answer, reading, self._rules)
        except EndpointUnavailable as error:
            self._note(failed=not isinstance(error, _NotAsked))
            return (), (CannotJudge(rule=RULE, because=str(error), needs_person=False),)
        self._note(failed=False)
        told = {(finding.category, finding.turn) for finding in known}
        kept = [claim for claim in claims if (claim[0].category, claim[1].turn) not in told and _fits(*claim, reading)]
        return tuple(_once_a_turn([self._finding(rule, quote) for rule, quote in kept])), ()

    def _spend(self) -> None:
        now = time.monotonic()
        with self._lock:
            if now < self._resting_until:
                raise _NotAsked(_RESTING)
            while self._asked and now - self._asked[0] > HOUR_SECONDS:
                self._asked.popleft()
            if self._calls_per_hour and len(self._asked) >= self._calls_per_hour:
                raise _NotAsked(_SPENT)
            self._asked.append(now)

    def _note(self, *, failed: bool) -> None:
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= FAILURES_IN_A_ROW:
                self._failures, self._resting_until = 0, time.monotonic() + PAUSE_SECONDS

    def _finding(self, rule: Rule, quote: Quote) -> Finding:
        because = _BECAUSE.format(self._endpoint.model)
        return finding_of(rule, quote, by=By.ENDPOINT, confidence=CONFIDENCE, because=because)


class _NotAsked(EndpointUnavailable):
    """The server was not asked: it is resting, or the budget is spent."""


def _fits(rule: Rule, quote: Quote, reading: Reading) -> bool:
    """Whether who listens, the legal stage and a waiver leave the rule open, as they must for its patterns."""
    case = reading.call.case
    listener: Listener = reading.listener(quote.turn)
    lawful = case.legal_stage is not None and case.legal_stage in rule.lawful_stages
    waived = rule.waiver_lawful and case.waiver_id is not None
    return not lawful and not waived and (not rule.listeners or listener in rule.listeners)


def _once_a_turn(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each category and turn."""
    kept: dict[tuple[Category, int | None], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.category, finding.turn), finding)
    return list(kept.values())


def endpoint_reader(settings: Settings, rulebook: Rulebook) -> EndpointReader | None:
    """The reader that the settings ask for, None where there is none.

    Raises:
        SettingsInvalid: the address cannot be one, or no model is named.
    """
    if settings.endpoint_url is None:
        return None
    key = settings.endpoint_key.get_secret_value() if settings.endpoint_key else None
    endpoint = Endpoint(
        url=settings.endpoint_url, model=settings.endpoint_model, key=key, seconds=settings.endpoint_seconds
    )
    return EndpointReader(endpoint, rulebook, calls_per_hour=settings.endpoint_calls_per_hour)
