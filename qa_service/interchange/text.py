"""Files of other systems as text: whatever encoding, and their rows where they are tables."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping

from qa_service.errors import InputRefused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",\t;|"


def words(row: str) -> frozenset[str]:
    """The words of a row, for lists of names that are read more easily without quotes."""
    return frozenset(row.split())


def decoded(raw: bytes) -> str:
    """The text by its mark (UTF-8, UTF-16), else UTF-8, else GB18030, which Chinese spreadsheets save."""
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def header(text: str) -> list[str]:
    """The names of the columns, if the text is a table; those of its first line."""
    first = text.partition("\n")[0]
    try:
        return [cell.strip() for cell in next(csv.reader([first.rstrip("\r")], delimiter=_delimiter(first)), [])]
    except csv.Error:
        return []


def rows(text: str, where: str) -> Iterator[tuple[str, Mapping[str, str] | None]]:
    """Where each row stands, and its cells that are not empty by column; None where it has more cells than columns.

    Raises:
        InputRefused: this is no table.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text.partition("\n")[0]))
    try:
        for row in reader:
            place = f"{where} 第 {reader.line_num} 行"
            # A trailing delimiter makes cells beyond the header that say nothing.
            beyond = [cell for cell in row.pop(None, None) or () if cell.strip()]
            cells = {name.strip(): cell.strip() for name, cell in row.items() if cell and cell.strip()}
            yield place, None if beyond else cells
    except csv.Error as error:
        raise InputRefused(f"{where} 第 {reader.line_num} 行：不是有效的 CSV（{error}）。") from error


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)
