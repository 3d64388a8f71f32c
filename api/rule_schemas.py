"""The JSON of rules, and of what a finding stands on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api import examples
from qa_service.call import Speaker
from qa_service.judgement import Category, RuleStatus, Severity


class GroundOut(BaseModel):
    """What a rule stands on."""

    layer: str = Field(description="规则出自哪一层：shipped 随附、house 本机构")
    profiles: list[str] = Field(description="所用限额出自哪几份")
    sources: list[str] = Field(description="依据，编号:条款")


class RuleOut(BaseModel):
    """One rule, as a person reads it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": examples.RULE})

    id: str
    version: int
    status: RuleStatus
    category: Category
    severity: Severity
    speaker: Speaker
    label: str
    why: str
    layer: str = Field(description="规则出自哪一层：shipped 随附、house 本机构")
    sources: list[str]
    verified_sources: list[str] = Field(default=[], description="依据之中，合规人员已核对原文的")
    say_instead: str | None
    blind_spots: list[str]


class RulesOut(BaseModel):
    """Every rule in force and the fingerprint of the whole."""

    rulebook: str = Field(description="规则库的指纹", examples=["cn_default-1f3a"])
    rules: list[RuleOut]
