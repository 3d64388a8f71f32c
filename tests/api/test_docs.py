"""``docs/api.md`` says what the application does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from api.problems import KINDS
from qa_service.access import ALLOWED, Action, Role

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text("utf-8")


def test_every_route_is_in_the_table(house: Any) -> None:
    for path, methods in house.client.get("/openapi.json").json()["paths"].items():
        if path in ("/", "/problems/{kind}"):
            continue
        shown = re.sub(r"\{\w+\}", "{id}", path)
        last = shown.rsplit("/", 1)[1]
        assert f"`{shown}`" in TEXT or f" {shown}`" in TEXT or f"`{last}`" in TEXT, f"{list(methods)} {path}"


def test_every_problem_is_in_the_table_beside_its_status() -> None:
    rows = dict(re.findall(r"^\| (\d{3}) \| (.*) \|$", TEXT, re.MULTILINE))
    for kind, entry in KINDS.items():
        assert f"`{kind}`" in rows[str(entry.status)], kind


def test_the_table_of_rights_is_that_of_the_code() -> None:
    rows = {row[0].strip(): row[1:] for row in (line.split("|")[1:-1] for line in TEXT.splitlines() if line[:1] == "|")}
    meant = {
        "提交通话、重新处理": (Action.CALL_SUBMIT, Action.CALL_RETRY),
        "查看通话、文本、结果、评分、承诺，收听录音": (
            Action.CALL_READ,
            Action.CALL_LISTEN,
            Action.SCORECARD_READ,
            Action.PROMISE_READ,
        ),
        "查看复核队列": (Action.REVIEW_READ,),
        "领取、退回、作结论": (Action.REVIEW_DECIDE,),
        "指定说话人": (Action.CALL_VOICES,),
        "退回他人领取的任务": (Action.REVIEW_ASSIGN,),
        "查看规则": (Action.RULES_READ,),
    }
    assert [cell.strip() for cell in rows["动作"]] == [role.label for role in Role]
    for words, actions in meant.items():
        shown = {role for role, cell in zip(Role, rows[words], strict=True) if cell.strip()}
        assert all(ALLOWED[action] == shown for action in actions), words
    assert set(Action) == {action for actions in meant.values() for action in actions} | {Action.METRICS_READ}
