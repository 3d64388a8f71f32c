"""The names that transcripts give the two sides of a call."""

from __future__ import annotations

import re

from qa_service.call import Speaker
from qa_service.interchange.text import words

_AGENT = words(
    "坐席 座席 坐席员 客服 客服人员 催收员 催收 催收人员 业务员 经办 经办人 员工 工作人员 话务员 专员 客服专员 "
    "机器人 智能客服 agent staff operator service csr employee "
    "representative rep advisor collector callcenter seat robot "
    "bot"
)
_CUSTOMER = words(
    "客户 债务人 用户 借款人 欠款人 持卡人 对方 本人 第三人 家属 联系人 被催收人 customer client "
    "user debtor borrower callee consumer enduser cardholder"
)
_SYSTEM = words("系统 系统播报 语音播报 播报 system ivr announcement")
LONGEST_NAME = 100
"""Characters of a label that are looked at and kept; no format's own are longer than twenty."""

_ORNAMENT = re.compile(r"[\s_\-.·:：\[\]【】()（）<>]|\d+$|(?<=[一-鿿])[A-Za-z0-9]+$")


def role_of(name: str) -> Speaker | None:
    """The side that this name says of itself to be (坐席1, Agent, 客户), None where it does not.

    The voice of the house's system speaks for the house.
    """
    plain = _plain(name)
    if plain in _AGENT or plain in _SYSTEM:
        return Speaker.AGENT
    return Speaker.CUSTOMER if plain in _CUSTOMER else None


def is_system(name: str) -> bool:
    """Whether this is the house's announcement rather than a person."""
    return _plain(name) in _SYSTEM


def _plain(name: str) -> str:
    return _ORNAMENT.sub("", name.strip()[:LONGEST_NAME]).casefold()
