"""The description of the interface: complete, in Chinese, with examples that are true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api import examples, rule_schemas, schemas, transcript_schemas
from qa_service.documents import parse_call

OPEN = {"/", "/healthz", "/readyz", "/metrics", "/problems/{kind}"}


@pytest.fixture(scope="module")
def described(house: Any) -> dict[str, Any]:
    body: dict[str, Any] = house.client.get("/openapi.json").json()
    return body


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def is_chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


def test_every_route_says_in_chinese_what_it_is(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        assert is_chinese(operation["summary"]), name
        assert is_chinese(operation["description"]), name


def test_every_route_shows_an_example_of_its_answer(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert any(has_example(described, content) for a in answers for content in a["content"].items()), name


def has_example(described: dict[str, Any], content: tuple[str, dict[str, Any]]) -> bool:
    media_type, body = content
    if "example" in body or media_type.startswith("text/plain"):
        return True
    return "example" in json.dumps(resolved(described, body["schema"], depth=3))


def resolved(described: dict[str, Any], schema: Any, depth: int) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema and depth:
            name = schema["$ref"].rsplit("/", 1)[1]
            return resolved(described, described["components"]["schemas"][name], depth - 1)
        return {key: resolved(described, value, depth) for key, value in schema.items()}
    return [resolved(described, value, depth) for value in schema] if isinstance(schema, list) else schema


def test_every_route_with_a_body_shows_an_example_of_it(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        for content in operation.get("requestBody", {}).get("content", {}).items():
            assert has_example(described, content), name


def test_every_guarded_route_declares_the_errors_it_answers_with(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        path = name.split()[1]
        if path in OPEN:
            continue
        declared = set(operation["responses"])
        assert {"401", "403", "429", "503"} <= declared, name
        assert operation["security"], name
        if "{" in path:
            assert "404" in declared, name
        if operation.get("parameters") or "requestBody" in operation:
            assert "422" in declared, name


def test_declared_errors_are_problems(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")) and not name.endswith("/readyz"):
                assert "application/problem+json" in answer["content"], f"{name} {status}"


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    known = described["components"]["schemas"]
    text = json.dumps(described)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(known)


def test_nothing_is_loaded_from_elsewhere(described: dict[str, Any], house: Any) -> None:
    assert "http://" not in json.dumps(described)
    assert "https://" not in json.dumps(described)
    assert house.client.get("/redoc").status_code == 404


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (schemas.CallOut, examples.SUMMARY),
        (schemas.CallDetailOut, examples.DETAIL),
        (transcript_schemas.TranscriptOut, examples.TRANSCRIPT),
        (schemas.AnalysisOut, examples.ANALYSIS),
        (schemas.ScorecardOut, examples.SCORECARDS),
        (schemas.ReviewItemOut, examples.REVIEW_ITEM),
        (schemas.PromiseOut, examples.PROMISE),
        (rule_schemas.RuleOut, examples.RULE),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_examples_fit_their_shapes(model: Any, example: dict[str, Any]) -> None:
    model.model_validate(example)
    assert set(example) == set(model.model_fields)


def test_the_example_of_a_call_is_one() -> None:
    assert parse_call(examples.CALL).call_id == "c-20260312-0007"
