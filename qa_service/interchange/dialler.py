"""Rows of call logs become call data: headings to keys, local times to instants, words to the contract's own.

Numbers in clear become pseudonyms. A row that already speaks the contract passes unchanged, but for those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from qa_service.call import Callee, DialOutcome, Direction
from qa_service.documents import CallDocument
from qa_service.errors import InputRefused
from qa_service.interchange.columns import Columns, heading
from qa_service.interchange.moments import read_moment, read_seconds
from qa_service.interchange.pseudonyms import Pseudonyms
from qa_service.labelled import Labelled

_Meaning = TypeVar("_Meaning", bound=Labelled)


def _meaning(rows: Mapping[_Meaning, str]) -> Mapping[str, _Meaning]:
    """What each word means, given those of each meaning in a row."""
    return MappingProxyType({word: meant for meant, row in rows.items() for word in row.split()})


_DIRECTIONS = _meaning(
    {
        Direction.OUTBOUND: "呼出 外呼 去电 拨出 预测外呼 手动外呼 outbound out outgoing",
        Direction.INBOUND: "呼入 来电 接入 inbound in incoming",
    }
)
_OUTCOMES = _meaning(
    {
        DialOutcome.CONNECTED: "接通 已接通 已接 接听 已接听 应答 成功 呼叫成功 是 "
        "connected answered answer success true yes",
        DialOutcome.NO_ANSWER: "未接 未接通 未接听 无人接听 无人应答 无应答 未应答 否 振铃未接 久叫不应 "
        "noanswer missed unanswered false no",
        DialOutcome.BUSY: "忙 忙线 占线 用户忙 通话中 正在通话中 busy userbusy",
        DialOutcome.REJECTED: "拒接 用户拒接 被叫拒接 rejected callrejected declined",
        DialOutcome.UNREACHABLE: "关机 无法接通 不在服务区 停机 暂停服务 呼叫受限 呼叫失败 失败 failed unreachable",
        DialOutcome.INVALID_NUMBER: "空号 号码无效 号码错误 号码不存在 invalidnumber unallocated",
    }
)
_CALLEES = _meaning(
    {
        Callee.DEBTOR: "本人 债务人 债务人本人 借款人 持卡人 客户本人 debtor self",
        Callee.THIRD_PARTY: "第三人 第三方 联系人 紧急联系人 配偶 父母 父亲 母亲 子女 亲属 家属 亲戚 兄弟 姐妹 朋友 "
        "同事 同学 单位 担保人 thirdparty contact",
    }
)
_SPOKEN = frozenset({"turns", "recording", "transcript", "recording.path", "recording.other_side"})
"""What is said, and where files lie: the former is evidence, the latter must still be found."""

_PEOPLE = frozenset({"number_id", "debtor_id"})

_MOMENTS = ("started_at", "answered_at", "ended_at")
_PLAIN = (
    "agent_id",
    "team",
    "case_id",
    "debtor_id",
    "transcript",
    "case.overdue_days",
    "recording.path",
    "recording.line",
)
_PERSONAL = re.compile(
    r"姓名|名字|电话|手机|号码|身份证|证件|地址|住址|邮箱|银行卡|卡号|微信|QQ|name$|phone|mobile|email|address", re.I
)
_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9._:-]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_UNITS = ((re.compile("分钟|min", re.I), 60.0), (re.compile("毫秒|ms|millis", re.I), 0.001))
_MONEY_ORNAMENT = re.compile(r"[,，\s￥¥元]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A row in the contract's keys (nested ones dotted), and what a person should know of it.

    ``withheld`` are headings whose cells were not stored, ``unread`` words of the dialler that say nothing to us.
    """

    document: Mapping[str, Any]
    withheld: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cell:
    heading: str
    text: str
    place: str

    def refused(self, why: str) -> InputRefused:
        return InputRefused(f"{self.place} 的 {self.heading}：“{self.text[:60]}”{why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLog:
    """How rows are read: the columns, the zone of times without one, the pseudonyms of this house."""

    pseudonyms: Pseudonyms
    zone: ZoneInfo
    columns: Columns = field(default_factory=Columns)

    def read(self, row: Mapping[str, Any], place: str) -> LogRow:
        """The row in the contract's keys.

        Raises:
            InputRefused: naming the place, the heading and what was expected there.
        """
        cells, rest = self._sorted(row, place)
        withheld = [name for name in rest if self._is_personal(name, in_log=bool(cells))]
        withheld += [cell.heading for column, cell in cells.items() if column == "withheld"]
        document = {name: value for name, value in rest.items() if name not in withheld}
        unread: list[str] = []
        for told in (self._identity(cells), self._times(cells), self._words(cells, unread), self._plain(cells)):
            document.update(told)
        document.update(self._connection(document, cells))
        document.update(self._number(document, cells, unread))
        return LogRow(document=self.protected(document), withheld=tuple(withheld), unread=tuple(unread))

    def _is_personal(self, name: str, *, in_log: bool) -> bool:
        """Whether a column that nobody knows is about a person; in a row of the contract, English keys are kept."""
        return name not in CallDocument.model_fields and bool(_PERSONAL.search(name)) and (in_log or not name.isascii())

    def protected(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with numbers in clear replaced wherever a key holds text that is nobody's words."""
        plain = {
            name: value if name in _SPOKEN else self.pseudonyms.in_document(value) for name, value in document.items()
        }
        for name in plain.keys() & _PEOPLE:
            plain[name] = self.pseudonyms.of_id(plain[name]) if isinstance(plain[name], str) else plain[name]
        return plain

    def _sorted(self, row: Mapping[str, Any], place: str) -> tuple[dict[str, _Cell], dict[str, Any]]:
        """The cells by column, and the rest by heading; English headings mean columns only outside the contract."""
        contract = {"call_id", "started_at"} <= row.keys()
        cells: dict[str, _Cell] = {}
        rest: dict[str, Any] = {}
        for name, value in row.items():
            column = self.columns.column(name)
            nested = value is None or isinstance(value, (dict, list, bool))
            if column is None or nested or (contract and name.isascii()):
                rest[name] = value
            else:
                cells.setdefault(column, _Cell(name, str(value).strip(), place))
        return cells, rest

    def _identity(self, cells: Mapping[str, _Cell]) -> dict[str, str]:
        told: dict[str, str] = {}
        if (cell := cells.get("call_id")) is not None:
            if _SCIENTIFIC.fullmatch(cell.text):
                raise cell.refused("是表格软件改写成科学计数法的编号，末几位已经丢失；请把该列设为文本后重新导出。")
            told["call_id"] = _UNFIT_FOR_ID.sub("-", self.pseudonyms.without_numbers(cell.text)).strip("-")
        if (cell := cells.get("iddocument")) is not None and "debtor_id" not in cells:
            person = self.pseudonyms.person(cell.text)
            told |= {"debtor_id": person} if person else {}
        return told

    def _plain(self, cells: Mapping[str, _Cell]) -> dict[str, str]:
        told = {name: cells[name].text for name in _PLAIN if name in cells}
        if "case.balance" in cells:
            told["case.balance"] = _MONEY_ORNAMENT.sub("", cells["case.balance"].text)
        return told

    def _times(self, cells: Mapping[str, _Cell]) -> dict[str, str]:
        date = cells["date"].text if "date" in cells else None
        told = {}
        for column in _MOMENTS:
            if (cell := cells.get(column)) is not None:
                moment = read_moment(cell.text, self.zone, date)
                if moment is None:
                    raise cell.refused("不是带时刻的时间，应如 2026-03-12 14:05:00。")
                told[column] = moment.isoformat()
        return told

    def _words(self, cells: Mapping[str, _Cell], unread: list[str]) -> dict[str, str]:
        """Direction, outcome and callee by the house's own words, else the usual ones."""
        told: dict[str, str] = {}
        if (cell := cells.get("direction")) is not None:
            direction = self._meant("direction", cell, _DIRECTIONS)
            if direction is None:
                raise cell.refused("不是认识的呼叫方向，应为 呼出 或 呼入；本机构的写法可用 --columns 对照。")
            told["direction"] = direction
        for column, usual in (("outcome", _OUTCOMES), ("callee", _CALLEES)):
            if (cell := cells.get(column)) is not None:
                meant = self._meant(column, cell, usual)
                told |= {column: meant} if meant else {}
                unread += [] if meant else [f"{cell.heading}“{cell.text[:30]}”"]
        return told

    def _meant(self, column: str, cell: _Cell, usual: Mapping[str, str]) -> str | None:
        own = self.columns.values.get(column, {}).get(cell.text)
        found = own if own is not None else usual.get(heading(cell.text))
        return None if found is None else str(found)

    def _connection(self, document: Mapping[str, Any], cells: Mapping[str, _Cell]) -> dict[str, Any]:
        """Seconds billed; a call that nobody answered has neither them nor the instant it was answered."""
        outcome = document.get("outcome")
        if outcome is not None and outcome != DialOutcome.CONNECTED:
            return {"answered_at": None, "billed_seconds": 0}
        cell = cells.get("billed_seconds") or cells.get("talkseconds")
        if cell is None:
            return {}
        unit = next((size for words, size in _UNITS if words.search(cell.heading)), 1.0)
        seconds = read_seconds(cell.text, unit)
        if seconds is None:
            raise cell.refused("不是时长，应为秒数或 时:分:秒。")
        return {"billed_seconds": seconds}

    def _number(self, document: Mapping[str, Any], cells: Mapping[str, _Cell], unread: list[str]) -> dict[str, str]:
        """The customer's number: the one called, or on an inbound call the one that calls; and the line called from."""
        inbound = document.get("direction") == Direction.INBOUND
        customers = cells.get("number") or cells.get("callernumber" if inbound else "calleenumber")
        own_line = None if inbound else cells.get("callernumber")
        pseudonyms = {
            key: self.pseudonyms.number(cell.text)
            for key, cell in (("number_id", customers), ("caller_id", own_line))
            if cell is not None
        }
        if customers is not None and pseudonyms["number_id"] is None:
            unread.append(f"{customers.heading}（已打码，无法区分号码）")
        return {key: pseudonym for key, pseudonym in pseudonyms.items() if pseudonym is not None}
