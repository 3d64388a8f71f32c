"""How surely the words behind a finding were heard, and when they can be played: the last look at every finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from qa_service.call import HeardWord, Turn
from qa_service.judgement import Evidence, Finding, Quote
from qa_service.reading import GUESSED_SPEAKER

WEAK = 0.6
"""Mean word probability under a quote below which a person must listen first; see ``docs/decisions/transcription.md``
for how seldom right words fall below it."""

WEAKLY_HEARD = "该处识别把握不足，请收听确认。"


def with_hearing(findings: Iterable[Finding], turns: Sequence[Turn]) -> tuple[Finding, ...]:
    """The findings with the probability of the words they quote and the time at which these are said.

    A finding that stands on weakly recognised words, or on those of a guessed speaker, needs a person's confirmation.
    Text that came without probabilities is trusted; of a turn that has one for the whole, but none for its words, that
    one counts.
    """
    return tuple(_heard(_by_whom(finding, turns), turns) for finding in findings)


def _by_whom(finding: Finding, turns: Sequence[Turn]) -> Finding:
    if not any(turns[quote.turn].speaker_doubtful for quote in finding.quotes):
        return finding
    return replace(finding, needs_confirmation=True, because=finding.because or GUESSED_SPEAKER)


def _timed(quote: Quote, turns: Sequence[Turn]) -> Quote:
    """The quote with the time at which its words are said, where that is known."""
    words = _words_under(quote, turns)
    return replace(quote, start_ms=words[0].start_ms, end_ms=words[-1].end_ms) if words else quote


def _heard(finding: Finding, turns: Sequence[Turn]) -> Finding:
    sure = [each for quote in finding.quotes if (each := _probabilities(quote, turns))]
    if not sure and not any(turns[quote.turn].words for quote in finding.quotes):
        return finding  # imported text: neither probabilities nor times of words
    evidence: tuple[Evidence, ...] = tuple(
        _timed(item, turns) if isinstance(item, Quote) else item for item in finding.evidence
    )
    if not sure:
        return replace(finding, evidence=evidence)
    heard = round(fmean(probability for quote in sure for probability in quote), 3)
    weak = any(fmean(quote) < WEAK for quote in sure)
    return replace(
        finding,
        evidence=evidence,
        confidence=min(finding.confidence, heard),
        heard=heard,
        heard_least=min(map(min, sure)),
        needs_confirmation=finding.needs_confirmation or weak,
        because=finding.because or (WEAKLY_HEARD if weak else None),
    )


def _probabilities(quote: Quote, turns: Sequence[Turn]) -> list[float]:
    words = _words_under(quote, turns)
    whole = turns[quote.turn].confidence
    known = [word.probability for word in words if word.probability is not None]
    return known or ([] if whole is None else [whole])


def _words_under(quote: Quote, turns: Sequence[Turn]) -> list[HeardWord]:
    return [word for word in turns[quote.turn].words if word.start < quote.end and quote.start < word.end]
