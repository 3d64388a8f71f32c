"""The columns of call logs: what diallers and spreadsheets call the facts of a call, and a house's own names for them.

A heading is compared without spaces, underscores, letter case and bracketed units. Columns beyond the contract's keys:
``callernumber`` and ``calleenumber`` (numbers in clear), ``number`` (the customer's, whichever way the call went),
``iddocument``, ``date`` (of a time given without one), ``talkseconds`` (stands in for billed ones) and ``withheld``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_service.documents import CallDocument, describe
from qa_service.errors import InputRefused, in_words
from qa_service.interchange.text import words

_ORNAMENT = re.compile(r"[\s_\-:：]|[（(\[【].{0,30}?[)）\]】]")


def heading(name: str) -> str:
    """A heading as it is compared."""
    return _ORNAMENT.sub("", name).casefold()


CALL_ID = words(
    "callid 通话id 通话编号 通话流水号 呼叫流水号 呼叫id 流水号 话单号 话单编号 会话id 会话编号 "
    "录音流水号 录音编号 录音id 记录id uuid calluuid sessionid uniqueid"
)

SYNONYMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "call_id": CALL_ID,
        "started_at": words(
            "开始时间 通话开始时间 呼叫时间 呼叫开始时间 拨打时间 拨号时间 外呼时间 起呼时间 通话时间 calltime "
            "starttime startedat dialtime begintime"
        ),
        "answered_at": words("接通时间 应答时间 接听时间 answertime answeredat connecttime"),
        "ended_at": words("结束时间 通话结束时间 挂断时间 挂机时间 释放时间 endtime hanguptime endedat"),
        "billed_seconds": words("计费时长 计费秒数 billsec billedseconds billseconds"),
        "talkseconds": words("通话时长 通话秒数 接通时长 时长 talktime duration talkduration"),
        "direction": words("方向 呼叫方向 通话方向 呼叫类型 通话类型 calltype calldirection"),
        "agent_id": words(
            "坐席工号 座席工号 工号 坐席id 座席id 坐席编号 座席编号 坐席号 座席号 员工号 员工工号 催收员工号 "
            "agentid agent agentno"
        ),
        "team": words("班组 组别 小组 团队 部门 技能组 坐席组 skillgroup group teamname"),
        "outcome": words(
            "接通状态 通话状态 呼叫状态 呼叫结果 拨打结果 外呼结果 接通情况 是否接通 通话结果 disposition "
            "callstatus callresult hangupcause"
        ),
        "callee": words("联系人关系 与客户关系 被叫关系 通话对象 对象关系 关系 relation"),
        "callernumber": words("主叫 主叫号码 主叫号 callernumber caller callerid ani"),
        "calleenumber": words("被叫 被叫号码 被叫号 calleenumber dnis dialednumber"),
        "number": words(
            "客户号码 客户电话 客户手机 客户手机号 手机号 手机号码 联系电话 电话 电话号码 债务人电话 phone "
            "phonenumber mobile customernumber"
        ),
        "case_id": words("案件编号 案件号 案件id 委案编号 借据号 合同号 合同编号 账单号 caseno"),
        "debtor_id": words("客户编号 客户号 客户id 债务人编号 债务人id customerid debtorno"),
        "iddocument": words("身份证 身份证号 身份证号码 证件号 证件号码 idcard idnumber"),
        "recording.path": words("录音 录音文件 录音文件名 录音路径 recordingfile recordfile wavfile"),
        "recording.line": words("线路 中继 中继名称 trunk linename"),
        "transcript": words("转写文件 文本文件 字幕文件 transcriptfile"),
        "case.overdue_days": words("逾期天数 overduedays"),
        "case.balance": words("欠款金额 剩余欠款 逾期金额 委案金额 欠款余额"),
        "date": words("日期 通话日期 呼叫日期 拨打日期 calldate"),
    }
)
"""What each column is called by the usual exports; where two headings mean one column, the first in the row counts."""

TARGETS = frozenset({*SYNONYMS, "withheld", *CallDocument.model_fields})


class _File(BaseModel):
    """A house's own file: ``[columns]`` heading = column, ``[values.<column>]`` its word = the contract's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Headings (as compared) by column, and the house's own words for values by column."""

    by_heading: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({name: key for key, names in SYNONYMS.items() for name in names})
    )
    values: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def column(self, name: str) -> str | None:
        """The column that a heading means, None where nobody knows; a key of the contract means itself."""
        return None if name in CallDocument.model_fields or "." in name else self.by_heading.get(heading(name))


def load_columns(path: Path | None) -> Columns:
    """The usual headings, and those of a house's own TOML file before them.

    Raises:
        InputRefused: naming the file and the entry that is wrong.
    """
    usual = Columns()
    if path is None:
        return usual
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise InputRefused(f"{path}：列名对照表读不出来（{in_words(error)}），请检查路径。") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputRefused(f"{path}：列名对照表不是有效的 TOML（{error}）。") from error
    except ValidationError as error:
        raise InputRefused(f"{path}：列名对照表{describe(error)}") from error
    for name, target in file.columns.items():
        if target not in TARGETS and not target.startswith(("case.", "recording.", "org.", "principal.")):
            raise InputRefused(f"{path}：columns.{name} 指向没有的列 {target}；可用的有 {'、'.join(sorted(TARGETS))}。")
    own = {heading(name): target for name, target in file.columns.items()}
    return Columns(by_heading={**usual.by_heading, **own}, values=file.values)
