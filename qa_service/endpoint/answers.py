"""What a model server answers, taken strictly: one JSON object, known rules, and quotes that stand in the turn."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_service.errors import EndpointUnavailable
from qa_service.judgement import Quote
from qa_service.lexicon.model import Rule
from qa_service.reading import Reading

SHORTEST_QUOTE = 2
MOST_FINDINGS = 30
"""More in one call is a model that lists everything."""


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    rule: str
    turn: int = Field(ge=0)
    quote: str = Field(min_length=SHORTEST_QUOTE)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    findings: list[_Claim] = Field(max_length=MOST_FINDINGS)


def read_answer(text: str, reading: Reading, rules: Mapping[str, Rule]) -> tuple[tuple[Rule, Quote], ...]:
    """The claims of an answer that hold: a known rule, its speaker's turn, and words that are really said there.

    A claim that does not hold is left out; an answer of another shape is none at all.

    Raises:
        EndpointUnavailable: the answer is not the JSON object that was asked for.
    """
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError as error:
        raise EndpointUnavailable("外接模型没有按要求的 JSON 作答，本次未采用。") from error
    claims = (_verified(claim, reading, rules) for claim in answer.findings)
    return tuple(claim for claim in claims if claim is not None)


def _verified(claim: _Claim, reading: Reading, rules: Mapping[str, Rule]) -> tuple[Rule, Quote] | None:
    rule = rules.get(claim.rule)
    if rule is None or claim.turn >= len(reading.turns):
        return None
    turn = reading.turns[claim.turn]
    start = turn.turn.text.find(claim.quote)
    if start < 0 or turn.speaker is not rule.speaker or not turn.turn.trusted:
        return None
    return rule, Quote(turn=claim.turn, start=start, end=start + len(claim.quote), text=claim.quote)
