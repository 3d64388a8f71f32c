"""When a third party may be called, and never again after a refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from dialogue import NOON, call_of

from qa_service.call import Call, Callee, Case, DebtorCondition, DialOutcome, Direction, ThirdParty
from qa_service.checks.contact import CONDITION_UNKNOWN, REQUEST_UNSURE, check_contact
from qa_service.past import PastCall, StopRequest
from qa_service.pipeline import Judge, past_call

CONDITION, REFUSAL = "contact.third_party_condition", "privacy.third_party_after_refusal"
KNOWN = Case(debtor_condition=DebtorCondition.ABLE)
CALL = Call(
    call_id="now", started_at=NOON, debtor_id="d-1", number_id="n-9", callee=Callee.THIRD_PARTY, case=KNOWN,
)  # fmt: skip


def tried(days_ago: int, hour: int = 10, **changes: object) -> PastCall:
    """A failed call to the debtor's own number."""
    base = PastCall(
        call_id=f"p-{days_ago}-{hour}",
        started_at=NOON.replace(hour=hour) - timedelta(days=days_ago),
        direction=Direction.OUTBOUND,
        debtor_id="d-1",
        number_id="n-1",
        callee=Callee.DEBTOR,
        connected=False,
        debtor_speech_ms=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def answered(days_ago: int, hour: int = 10) -> PastCall:
    return tried(days_ago, hour, connected=True, debtor_speech_ms=20_000)


def verdict(judge: Judge, call: Call, *history: PastCall) -> dict[str, str | None]:
    """Rule to reason of doubt (None: certain); rules that could not be judged as ``?``."""
    found = check_contact(call, history, 15_000, judge.rulebook)
    assert not any(item.needs_person for item in found.cannot_judge), "nobody can hear what the data lacks"
    return {f.rule: f.because for f in found.findings} | {item.rule: "?" for item in found.cannot_judge}


MET = [
    ("number invalid", [tried(1, outcome=DialOutcome.INVALID_NUMBER)]),
    ("three failed yesterday", [tried(1, 9), tried(1, 10), tried(1, 11)]),
    ("three failed over two days before", [tried(2), tried(1, 9), tried(1, 10)]),
    ("three failed after an answer", [answered(3), tried(2), tried(1, 9), tried(1, 10)]),
    ("three days in a row, today the third", [tried(2), tried(1), tried(0)]),
]
UNMET = [
    ("three failed today", [tried(0, 8), tried(0, 9), tried(0, 10)]),
    ("two failed yesterday, one today", [tried(1, 9), tried(1, 10), tried(0)]),
    ("an answer in between", [tried(1, 9), tried(1, 10), answered(1, 11), tried(1, 12)]),
    ("answered last", [tried(2), tried(1, 9), tried(1, 10), answered(0)]),
    ("days with a gap", [tried(3), tried(1), tried(0)]),
    ("the debtor answered", [answered(1)]),
    ("calls to the third party do not count", [tried(1), *(tried(1, h, callee=Callee.THIRD_PARTY) for h in (13, 14))]),
    ("the debtor's own calls do not count", [tried(1), *(tried(1, h, direction=Direction.INBOUND) for h in (13, 14))]),
    ("later calls do not count", [tried(1), tried(1, 11), tried(0, 13)]),
]


@pytest.mark.parametrize("history", [case[1] for case in MET], ids=[case[0] for case in MET])
def test_a_third_party_may_be_called_once_the_debtor_is_out_of_reach(judge: Judge, history: list[PastCall]) -> None:
    assert CONDITION not in verdict(judge, CALL, *history)


@pytest.mark.parametrize("history", [case[1] for case in UNMET], ids=[case[0] for case in UNMET])
def test_and_not_before(judge: Judge, history: list[PastCall]) -> None:
    assert verdict(judge, CALL, *history) == {CONDITION: None}


UNDECIDED = [
    ("no debtor id", replace(CALL, debtor_id=None), []),
    ("nothing known of earlier calls", CALL, []),
    ("nobody knows whether they were answered", CALL, [tried(1, hour, connected=None) for hour in (9, 10, 11)]),
]


@pytest.mark.parametrize(("call", "history"), [c[1:] for c in UNDECIDED], ids=[c[0] for c in UNDECIDED])
def test_what_the_data_lacks_cannot_be_judged(judge: Judge, call: Call, history: list[PastCall]) -> None:
    assert verdict(judge, call, *history)[CONDITION] == "?"


EXEMPT = [
    ("dead", {"case": Case(debtor_condition=DebtorCondition.DECEASED)}),
    ("incapacitated", {"case": Case(debtor_condition=DebtorCondition.INCAPACITATED)}),
    ("a guarantor", {"case": replace(KNOWN, third_parties=(ThirdParty(debt_related=True),))}),
    ("the debtor's own number", {"callee": Callee.DEBTOR}),
    ("nobody knows whose number", {"callee": Callee.UNKNOWN}),
    ("they called", {"direction": Direction.INBOUND}),
]


@pytest.mark.parametrize("change", [case[1] for case in EXEMPT], ids=[case[0] for case in EXEMPT])
def test_some_calls_need_no_condition(judge: Judge, change: dict[str, object]) -> None:
    assert CONDITION not in verdict(judge, replace(CALL, **change), answered(1))  # type: ignore[arg-type]


def test_without_the_debtors_condition_a_person_must_confirm(judge: Judge) -> None:
    assert verdict(judge, replace(CALL, case=Case()), answered(1)) == {CONDITION: CONDITION_UNKNOWN}


def refused(rule: str = "stop_contact.never_call", doubtful: bool = False, **changes: object) -> PastCall:
    request = StopRequest(rule=rule, words="别再打了", doubtful=doubtful)
    given = {"callee": Callee.THIRD_PARTY, "number_id": "n-9", "connected": True, "stop_requests": (request,)}
    return tried(9, **{**given, **changes})


OUT_OF_REACH = [tried(1, 9), tried(1, 10), tried(1, 11)]
REFUSALS = [
    ("asked never to be called", [refused()], {REFUSAL: None}),
    ("asked, but nobody has confirmed it", [refused(doubtful=True)], {REFUSAL: REQUEST_UNSURE}),
    ("once certain, once not", [refused(doubtful=True), refused(call_id="other")], {REFUSAL: None}),
    ("asked for another hour", [refused("stop_contact.not_at_this_hour")], {}),
    ("another number", [refused(number_id="n-8")], {}),
    ("it was the debtor who asked", [refused(callee=Callee.DEBTOR)], {}),
    ("asked after this call", [refused(started_at=NOON + timedelta(hours=1))], {}),
    ("said nothing of the kind", [refused(stop_requests=())], {}),
]


@pytest.mark.parametrize(("history", "expected"), [c[1:] for c in REFUSALS], ids=[c[0] for c in REFUSALS])
def test_after_a_refusal_no_call(judge: Judge, history: list[PastCall], expected: dict[str, str | None]) -> None:
    assert verdict(judge, CALL, *OUT_OF_REACH, *history) == expected


ON_FILE = [
    ("the only one on file", [ThirdParty(stop=True)], True),
    ("by the number", [ThirdParty(number_id="n-8"), ThirdParty(number_id="n-9", stop=True)], True),
    ("another one refused", [ThirdParty(number_id="n-8", stop=True), ThirdParty(number_id="n-9")], False),
    ("nobody knows which of two", [ThirdParty(stop=True), ThirdParty()], False),
    ("the only one has another number", [ThirdParty(number_id="n-8", stop=True)], False),
]


@pytest.mark.parametrize(("people", "expected"), [c[1:] for c in ON_FILE], ids=[c[0] for c in ON_FILE])
def test_a_refusal_may_be_on_file(judge: Judge, people: list[ThirdParty], expected: bool) -> None:
    call = replace(CALL, case=replace(KNOWN, third_parties=tuple(people)))
    assert (REFUSAL in verdict(judge, call, *OUT_OF_REACH)) is expected


def test_without_a_number_refusals_cannot_be_looked_up(judge: Judge) -> None:
    assert verdict(judge, replace(CALL, number_id=None), *OUT_OF_REACH)[REFUSAL] == "?"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("客户：我跟他没关系，你们别再打电话了。", True),
        ("客户：晚上别打，白天再打。", False),
        ("客户：好的，我转告他。", False),
    ],
    ids=["a refusal", "another hour", "nothing of the kind"],
)
def test_what_was_said_in_one_call_is_known_in_the_next(judge: Judge, words: str, found: bool) -> None:
    first = call_of("坐席：您好，请问张伟在吗？", words, started_at=NOON - timedelta(days=2), callee=Callee.THIRD_PARTY)
    first = replace(first, call_id="first", number_id="n-9")
    past = past_call(first, None, judge.judge(first).analysis)
    assert (REFUSAL in verdict(judge, CALL, *OUT_OF_REACH, past)) is found
