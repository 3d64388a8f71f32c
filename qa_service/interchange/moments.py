"""Times and durations as spreadsheets and diallers write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*T?\s*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2})(?:[.,](\d{1,6}))?秒?)?分?"
)
_PACKED = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)[T ]?(\d\d)(\d\d)(\d\d)?")
_NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,20})?")
_CLOCK = re.compile(r"\d{1,2}:\d{1,2}(?::\d{1,2})?")
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a local time; its zone is put on afterwards
_EXCEL_DAYS = (32874, 73051)  # 1990 to 2100, the years that the contract knows
_DURATION = re.compile(
    r"(?:(\d{1,9})\s*(?:小时|时|h))?\s*(?:(\d{1,9})\s*(?:分钟|分|min|m))?\s*"
    r"(?:(\d{1,9}(?:\.\d{1,9})?)\s*(?:秒钟|秒|s))?",
    re.IGNORECASE,
)


def read_moment(text: str, zone: ZoneInfo, date: str | None = None) -> datetime | None:
    """The instant, in ``zone`` where the text names none; None where it is no date with a time of day.

    Read are ISO 8601, ``2026/3/12 14:05``, ``2026年3月12日14时5分``, ``20260312140500``, seconds and milliseconds since
    1970, and the day numbers of Excel. A time of day alone takes ``date``.
    """
    text = text.strip()
    if date is not None and _CLOCK.fullmatch(text):
        text = f"{date.strip().split(' ')[0]} {text}"
    if _NUMBER.fullmatch(text):
        return _numbered(text, zone)
    found = _WRITTEN.fullmatch(text)
    try:
        if found is not None:
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
            micro = int((found.group(7) or "0").ljust(6, "0"))
            return datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)
        if not re.search(r"\d[T ]\d", text):
            return None
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo is not None else read.replace(tzinfo=zone)


def _numbered(text: str, zone: ZoneInfo) -> datetime | None:
    packed = _PACKED.fullmatch(text)
    try:
        if packed is not None and len(text) >= 12:
            year, month, day, hour, minute, second = (int(part or 0) for part in packed.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    if text.isdecimal() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    days = float(text)
    if "." in text and _EXCEL_DAYS[0] <= days < _EXCEL_DAYS[1]:
        return (_EXCEL_ZERO + timedelta(seconds=round(days * 86400))).replace(tzinfo=zone)
    return None


def read_seconds(text: str, unit: float = 1) -> int | None:
    """The duration in whole seconds, None where this is none; a bare number counts ``unit`` seconds each.

    Read are numbers, ``hh:mm:ss``, ``mm:ss``, ``3分37秒``, and the fraction of a day that Excel makes of a time.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return round(number * 86400) if 0 < number < 1 and unit == 1 else round(number * unit)
    if re.fullmatch(r"\d{1,3}(?::\d{1,2}){1,2}(?:\.\d+)?", text):
        seconds = 0.0
        for part in text.split(":"):
            seconds = seconds * 60 + float(part)
        return round(seconds)
    found = _DURATION.fullmatch(text)
    if not text or found is None or not any(found.groups()):
        return None
    hours, minutes, rest = (float(part or 0) for part in found.groups())
    return round((hours * 60 + minutes) * 60 + rest)
