"""What must be said before the debt is: the agent's name, their house, the creditor, the recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.call import OrgKind, Speaker
from qa_service.judgement import (
    CannotJudge,
    Disclosure,
    Disclosures,
    DisclosureStatus,
    Finding,
    Quote,
)
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Listener, Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading
from qa_service.reading.introductions import Mention

OPENING_UNHEARD = "开场没有听清，不能断言没有说。"
ONLY_SUSPECT = "只在识别存疑的话里听到，请收听确认。"
UNCONFIRMED = "问过是否本人，但没有听到明确的确认，请收听。"
CLAIMED_ONLY = "对方自称或默认是本人，但没有按姓名、证件尾号问过并得到确认，请收听。"
_BAD = (DisclosureStatus.MISSING, DisclosureStatus.LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureVerdict:
    """The four duties, what is wrong with them as findings, and what could not be decided."""

    disclosures: Disclosures
    findings: tuple[Finding, ...]
    cannot_judge: tuple[CannotJudge, ...]


def check_disclosures(reading: Reading, rulebook: Rulebook) -> DisclosureVerdict:
    """Judge the opening of a call."""
    said = reading.introductions
    hints = reading.hints
    recording = _recording_notice(reading)
    hinted = any(turn.hint("recording_notice") for turn in reading.by(Speaker.AGENT))
    disclosures = Disclosures(
        agent=_status(reading, said.agent, hinted=hints.agent is not None),
        company=_status(reading, said.company, hinted=hints.company is not None),
        principal=_status(reading, said.principal, hinted=hints.principal is not None),
        recording=(
            Disclosure(status=DisclosureStatus.OK, because="呼入前的语音提示已告知录音。")
            if reading.call.ivr_recording_notice
            else _status(reading, recording, hinted=hinted)
        ),
    )
    return DisclosureVerdict(
        disclosures=disclosures,
        findings=tuple(_findings(reading, disclosures, rulebook)),
        cannot_judge=tuple(_undecided(reading, disclosures)),
    )


def _recording_notice(reading: Reading) -> Mention | None:
    for turn in reading.by(Speaker.AGENT):
        hit = turn.fact("recording_notice")
        if hit is not None:
            return Mention(turn=turn.index, start=hit.start, end=hit.end)
    return None


def _status(reading: Reading, mention: Mention | None, *, hinted: bool) -> Disclosure:
    """``ok`` up to the turn of the first debt, ``late`` after it.

    Never *missing* from an opening not heard well, nor where suspect text says it (``hinted``).
    """
    if reading.swapped is not None:
        return Disclosure(status=DisclosureStatus.CANNOT_JUDGE, because=reading.swapped)
    if mention is not None:
        in_time = reading.first_debt is None or mention.turn <= reading.first_debt[0]
        quote = reading.turns[mention.turn].quote(mention.start, mention.end)
        return Disclosure(status=DisclosureStatus.OK if in_time else DisclosureStatus.LATE, quote=quote)
    if reading.agent_unread is not None:
        return Disclosure(status=DisclosureStatus.CANNOT_JUDGE, because=reading.agent_unread)
    if reading.opening_unheard:
        return Disclosure(status=DisclosureStatus.CANNOT_JUDGE, because=reading.partial or OPENING_UNHEARD)
    if hinted:
        return Disclosure(status=DisclosureStatus.CANNOT_JUDGE, because=ONLY_SUSPECT)
    return Disclosure(status=DisclosureStatus.MISSING)


def _findings(reading: Reading, disclosures: Disclosures, rulebook: Rulebook) -> Iterator[Finding]:
    if reading.first_debt is None:
        return
    turn, _ = reading.first_debt
    where = _whole_turn(reading, turn)
    doubt = GUESSED_SPEAKER if reading.opening_guessed else None
    if DisclosureStatus.MISSING in (disclosures.agent.status, disclosures.company.status):
        yield from found(rulebook, "disclosure.identity_missing", where, because=doubt)
    in_house = reading.call.org.kind is OrgKind.IN_HOUSE
    if disclosures.principal.status is DisclosureStatus.MISSING and not in_house:
        yield from found(rulebook, "disclosure.principal_missing", where, because=doubt)
    if disclosures.recording.status in _BAD:
        evidence = disclosures.recording.quote or where
        yield from found(rulebook, "disclosure.recording_missing", evidence, because=doubt)
    yield from _party_not_verified(reading, turn, where, doubt, rulebook)
    yield from _posing_as_creditor(reading, rulebook, doubt)


def _party_not_verified(
    reading: Reading, turn: int, where: Quote, doubt: str | None, rulebook: Rulebook
) -> Iterator[Finding]:
    """The debt told to somebody who was never asked who they are; somebody else hearing it is a privacy leak."""
    listener = _unverified_listener(reading)
    if listener is None or reading.opening_unheard:
        return
    unclear = UNCONFIRMED if reading.verification_asked else None
    because = CLAIMED_ONLY if listener is Listener.CLAIMED else unclear
    yield from found(rulebook, "disclosure.party_not_verified", where, because=doubt or because)


def _unverified_listener(reading: Reading) -> Listener | None:
    """Who first hears of the debt where that is nobody known: unknown or only claiming; None where it is."""
    listener = reading.listener(reading.first_debt[0]) if reading.first_debt else None
    return listener if listener in (Listener.UNKNOWN, Listener.CLAIMED) else None


def _posing_as_creditor(reading: Reading, rulebook: Rulebook, doubt: str | None) -> Iterator[Finding]:
    """An agency that presents the creditor as its own house, and has not named its own by then."""
    posing, own = reading.introductions.as_creditor, reading.introductions.own_house
    if reading.call.org.kind is not OrgKind.AGENCY or not reading.call.principal_names or posing is None:
        return
    if own is None or own.turn > posing.turn:
        quote = reading.turns[posing.turn].quote(posing.start, posing.end)
        unheard = OPENING_UNHEARD if own is None and reading.opening_unheard else None
        yield from found(rulebook, "authority.impersonate_creditor", quote, because=doubt or unheard)


def _whole_turn(reading: Reading, index: int) -> Quote:
    text = reading.turns[index].turn.text
    return Quote(turn=index, start=0, end=len(text), text=text)


def _undecided(reading: Reading, disclosures: Disclosures) -> Iterator[CannotJudge]:
    nothing_came = not reading.turns and reading.sound is None
    if reading.swapped is not None or nothing_came:
        # Said once for the whole call, by the check of the recording.
        return
    for key in ("agent", "company", "principal", "recording"):
        disclosure: Disclosure = getattr(disclosures, key)
        if disclosure.status is DisclosureStatus.CANNOT_JUDGE:
            yield CannotJudge(rule=f"disclosure.{key}", because=disclosure.because or OPENING_UNHEARD)
    if _unverified_listener(reading) is not None and reading.opening_unheard:
        yield CannotJudge(rule="disclosure.party_not_verified", because=reading.partial or OPENING_UNHEARD)
