"""Rows of call logs as diallers and spreadsheets write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qa_service.documents import parse_call
from qa_service.errors import InputRefused, SettingsInvalid
from qa_service.interchange.columns import SYNONYMS, load_columns
from qa_service.interchange.dialler import CallLog, LogRow
from qa_service.interchange.moments import read_moment, read_seconds
from qa_service.interchange.pseudonyms import KEY_FILE, Pseudonyms, pseudonyms_of, without_clear_numbers
from qa_service.settings import Settings, load_settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUSE = Pseudonyms(b"k" * 32)
LOG = CallLog(pseudonyms=HOUSE, zone=SHANGHAI)
ROW = {"流水号": "LS-1", "呼叫时间": "2026-03-12 14:05:00"}


def read(log: CallLog = LOG, **cells: Any) -> LogRow:
    return log.read({**ROW, **cells}, "t 第 2 行")


def document(**cells: Any) -> dict[str, Any]:
    return dict(read(**cells).document)


def test_a_usual_export_becomes_call_data() -> None:
    assert document(
        **{
            "接通时间": "2026/3/12 14:05:10",
            "结束时间": "2026年3月12日14时8分47秒",
            "计费时长": "217",
            "通话时长": "230",
        },
        **{
            "主叫号码": "02161000000",
            "被叫号码": "138 0013 8000",
            "坐席工号": "A102",
            "班组": "T3",
            "呼叫方向": "外呼",
        },
        **{"接通状态": "接通", "案件编号": "k-88", "客户编号": "d-9", "逾期天数": "46", "欠款金额": "￥10,900.00"},
        **{"联系人关系": "本人", "录音文件": "0007.wav"},
    ) == {
        "call_id": "LS-1",
        "started_at": "2026-03-12T14:05:00+08:00",
        "answered_at": "2026-03-12T14:05:10+08:00",
        "ended_at": "2026-03-12T14:08:47+08:00",
        "billed_seconds": 217,
        "number_id": HOUSE.number("13800138000"),
        "caller_id": HOUSE.number("02161000000"),
        "agent_id": "A102",
        "team": "T3",
        "direction": "outbound",
        "outcome": "connected",
        "case_id": "k-88",
        "debtor_id": "d-9",
        "case.overdue_days": "46",
        "case.balance": "10900.00",
        "callee": "debtor",
        "recording.path": "0007.wav",
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("未接", "no_answer"),
        ("无人接听", "no_answer"),
        ("否", "no_answer"),
        ("NO ANSWER", "no_answer"),
        ("忙", "busy"),
        ("User Busy", "busy"),
        ("拒接", "rejected"),
        ("关机", "unreachable"),
        ("空号", "invalid_number"),
    ],
)
def test_a_call_that_nobody_answered_has_no_answer_and_nothing_billed(status: str, outcome: str) -> None:
    found = document(接通状态=status, 接通时间="2026-03-12 14:05:10", 通话时长="30")
    assert (found["outcome"], found["answered_at"], found["billed_seconds"]) == (outcome, None, 0)


def test_a_word_that_says_nothing_to_us_is_unknown_and_told() -> None:
    found = read(接通状态="转接中", 通话时长="30")
    assert ("outcome" in found.document, found.document["billed_seconds"]) == (False, 30)
    assert found.unread == ("接通状态“转接中”",)


@pytest.mark.parametrize(
    ("direction", "number"), [("呼出", "13900139000"), ("呼入", "13800138000"), (None, "13900139000")]
)
def test_the_number_is_the_customers_whichever_way_the_call_went(direction: str | None, number: str) -> None:
    way = {"呼叫方向": direction} if direction else {}
    assert document(主叫="13800138000", 被叫="13900139000", **way)["number_id"] == HOUSE.number(number)


def test_personal_columns_and_numbers_in_others_are_not_stored() -> None:
    found = read(
        客户姓名="王伟", 备用电话="13700137000", 备注="打13700137000找他", 坐席姓名="李华", 家庭住址="x", 渠道="短信"
    )
    assert found.withheld == ("客户姓名", "备用电话", "坐席姓名", "家庭住址")
    assert found.document["备注"] == f"打{HOUSE.number('13700137000')}找他"
    assert found.document["渠道"] == "短信"
    assert "13700137000" not in repr(found)


def test_an_identity_document_becomes_the_debtor() -> None:
    found = document(身份证号="11010519491231002X")
    assert found["debtor_id"] == HOUSE.person("11010519491231002x")
    assert document(身份证号="11010519491231002X", 客户编号="d-9")["debtor_id"] == "d-9"


@pytest.mark.parametrize("number", ["138****8000", "138XXXX8000"])
def test_a_masked_number_is_nobodys(number: str) -> None:
    found = read(被叫号码=number)
    assert "number_id" not in found.document
    assert "打码" in found.unread[0]


def test_a_row_of_the_contract_passes_but_for_numbers_in_clear() -> None:
    row = {
        "call_id": "c-1",
        "started_at": "2026-03-12T14:05:00",
        "duration": 3,
        "agent": "x",
        "number_id": "13800138000",
    }
    third = {"case": {"third_parties": [{"number_id": "+86 139-0013-9000"}]}, "turns": [{"text": "打13800138000"}]}
    found = LOG.read({**row, **third}, "t").document
    assert found == {
        **row,
        "number_id": HOUSE.number("13800138000"),
        "case": {"third_parties": [{"number_id": HOUSE.number("13900139000")}]},
        "turns": third["turns"],
    }


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"流水号": "1.23457E+17"}, "t 第 2 行 的 流水号：“1.23457E+17”"),
        ({"呼叫时间": "2026-03-12"}, "t 第 2 行 的 呼叫时间：“2026-03-12”不是带时刻"),
        ({"呼叫时间": "12/3/26 14:05"}, "应如 2026-03-12 14:05:00"),
        ({"结束时间": "46093"}, "t 第 2 行 的 结束时间"),
        ({"通话时长": "long"}, "t 第 2 行 的 通话时长：“long”不是时长"),
        ({"呼叫方向": "5"}, "应为 呼出 或 呼入"),
    ],
)
def test_what_cannot_be_read_is_refused_by_row_and_heading(cells: dict[str, str], says: str) -> None:
    with pytest.raises(InputRefused, match=says.replace("+", r"\+").replace("(", r"\(")):
        read(**cells)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-12 14:05:00", "2026-03-12T14:05:00+08:00"),
        ("2026/3/12 9:5", "2026-03-12T09:05:00+08:00"),
        ("2026.03.12 14:05:00.250", "2026-03-12T14:05:00.250000+08:00"),
        ("2026年3月12日 14:05", "2026-03-12T14:05:00+08:00"),
        ("2026年3月12日14时5分", "2026-03-12T14:05:00+08:00"),
        ("2026-03-12T06:05:00Z", "2026-03-12T06:05:00+00:00"),
        ("2026-03-12T14:05:00+09:00", "2026-03-12T14:05:00+09:00"),
        ("20260312140500", "2026-03-12T14:05:00+08:00"),
        ("1773295500", "2026-03-12T06:05:00+00:00"),
        ("1773295500000", "2026-03-12T06:05:00+00:00"),
        ("46093.586805556", "2026-03-12T14:05:00+08:00"),
        ("2026-02-30 14:05:00", None),
        ("2026-03-12", None),
        ("2026-03-12T", None),
        ("46093", None),
        ("20261312140500", None),
        ("14:05:00", None),
        ("", None),
        ("昨天下午", None),
        ("9" * 40, None),
    ],
)
def test_instants_as_they_are_written(text: str, expected: str | None) -> None:
    found = read_moment(text, SHANGHAI)
    assert (found.isoformat() if found else None) == expected


def test_a_time_of_day_takes_the_date_beside_it() -> None:
    found = LOG.read({"流水号": "1", "通话日期": "2026/3/12", "通话时间": "14:05:00"}, "t").document
    assert found["started_at"] == "2026-03-12T14:05:00+08:00"


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("217", 1, 217),
        ("217.0", 1, 217),
        ("00:03:37", 1, 217),
        ("3:37", 1, 217),
        ("3分37秒", 1, 217),
        ("217秒", 1, 217),
        ("1小时2分", 1, 3720),
        ("3.5", 60, 210),
        ("217000", 0.001, 217),
        ("0.0025115740741", 1, 217),
        ("0", 1, 0),
        ("", 1, None),
        ("-3", 1, None),
        ("long", 1, None),
        ("3:37:00:00", 1, None),
        ("9" * 400, 1, None),
        ("9" * 400 + "小时", 1, None),
    ],
)
def test_durations_as_they_are_written(text: str, unit: float, seconds: int | None) -> None:
    assert read_seconds(text, unit) == seconds


def test_a_unit_in_the_heading_counts() -> None:
    assert document(**{"通话时长（分钟）": "3.5"})["billed_seconds"] == 210
    assert document(**{"通话时长(秒)": "217"})["billed_seconds"] == 217


def test_a_houses_own_headings_and_words(tmp_path: Path) -> None:
    path = tmp_path / "columns.toml"
    path.write_text(
        '[columns]\n"外显" = "withheld"\n"业务号" = "call_id"\n"拨打时刻" = "started_at"\n"去来" = "direction"\n'
        '[values.direction]\n"1" = "outbound"\n"2" = "inbound"\n',
        "utf-8",
    )
    log = CallLog(pseudonyms=HOUSE, zone=SHANGHAI, columns=load_columns(path))
    found = log.read(
        {"业务号": "x/1", "拨打时刻": "2026-03-12 14:05", "去来": "2", "外显": "9", "主叫": "13800138000"}, "t"
    )
    assert found.document == {
        "call_id": "x-1",
        "started_at": "2026-03-12T14:05:00+08:00",
        "direction": "inbound",
        "number_id": HOUSE.number("13800138000"),
    }
    assert found.withheld == ("外显",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[columns]\na = 'nothing'\n", "columns.a"),
        ("x", "TOML"),
        ("[column]\n", "column"),
        ("[columns]\na = 3\n", "columns.a"),
    ],
)
def test_a_wrong_file_of_columns_is_refused_by_entry(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "columns.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputRefused, match=says):
        load_columns(path)
    with pytest.raises(InputRefused, match="读不出来"):
        load_columns(tmp_path / "none.toml")


def test_no_heading_means_two_columns() -> None:
    names = [name for headings in SYNONYMS.values() for name in headings]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "spelling",
    ["138 0013 8000", "138-0013-8000", "+8613800138000", "008613800138000", "86 13800138000", "013800138000"],
)
def test_a_number_has_one_pseudonym_however_it_is_written(spelling: str) -> None:
    assert HOUSE.number(spelling) == HOUSE.number("13800138000")


def test_pseudonyms_differ_by_number_and_by_key() -> None:
    number = "13800138000"
    assert len({HOUSE.number(number), HOUSE.number("13800138001"), Pseudonyms(b"z" * 32).number(number)}) == 3
    assert number not in str(HOUSE.number(number))
    assert b"k" * 32 not in repr(HOUSE).encode()


@pytest.mark.parametrize("text", ["20260312140500", "LS20260312000001", "217", "c-1380013800", "2138001380001"])
def test_what_is_no_number_stays(text: str) -> None:
    assert HOUSE.without_numbers(text) == text


def house(folder: Path, **given: str) -> Settings:
    return load_settings({"QA_DATA_DIR": str(folder), **given})


def test_the_houses_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    here = house(tmp_path / "data")
    first = pseudonyms_of(here, keep=True)
    assert pseudonyms_of(here, keep=False) == first
    assert (tmp_path / "data" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == [KEY_FILE]


def test_a_look_without_a_key_writes_none(tmp_path: Path) -> None:
    assert pseudonyms_of(house(tmp_path), keep=False) != pseudonyms_of(house(tmp_path), keep=False)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_given_counts_and_a_short_one_is_refused(tmp_path: Path) -> None:
    assert pseudonyms_of(house(tmp_path, QA_NUMBER_KEY="k" * 32), keep=True) == HOUSE
    with pytest.raises(SettingsInvalid, match="QA_NUMBER_KEY"):
        pseudonyms_of(house(tmp_path, QA_NUMBER_KEY="short"), keep=True)


@pytest.mark.parametrize(
    ("call", "clear"),
    [
        ({"number_id": "13800138000"}, "13800138000"),
        ({"number_id": "010-62345678"}, "62345678"),
        ({"debtor_id": "11010519491231002X"}, "11010519491231002X"),
        ({"case": {"third_parties": [{"number_id": "13800138000"}]}}, "13800138000"),
        ({"memo": ["回拨13800138000"]}, "13800138000"),
        ({"phone": 13800138000}, "13800138000"),
    ],
)
def test_a_call_that_is_sent_in_keeps_no_number_in_clear(call: dict[str, Any], clear: str) -> None:
    sent = parse_call({"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", **call})
    kept = without_clear_numbers(sent, lambda: HOUSE)
    assert clear not in repr(kept)
    assert without_clear_numbers(kept, lambda: HOUSE) == kept


@pytest.mark.parametrize("known_as", ["n-1b2a", "10023456", "2138001380001", "d-9f3c", HOUSE.number("13800138000")])
def test_an_opaque_identifier_asks_for_no_key(known_as: str) -> None:
    def no_key() -> Pseudonyms:
        raise AssertionError

    call = parse_call({"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "number_id": known_as})
    assert without_clear_numbers(call, no_key) is call


def test_a_damaged_key_of_the_house_is_not_used(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"")
    with pytest.raises(SettingsInvalid, match="已损坏"):
        pseudonyms_of(house(tmp_path), keep=True)
