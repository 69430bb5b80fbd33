"""A file in the layout of CBS "Kerncijfers wijken en buurten" -> numbers for the steps of a flow.

Two layouts are read: the yearly file (kwb-2024: `gwb_code_10`, `regio`, `gm_naam`, `a_inw`, …) and a
download from StatLine (`Codering_3`, `WijkenEnBuurten`, `Gemeentenaam_1`, `AantalInwoners_5`, …).
Values are separated by a semicolon or a comma; "." and an empty cell mean that CBS does not give it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verbind_bot.errors import InputError
from verbind_bot.flows.model import Flow

_CODE = ("gwb_code_10", "gwb_code", "codering", "regiocode")
_NAME = ("regio", "wijkenenbuurten", "naam")
_TOWN = ("gm_naam", "gemeentenaam")
_YEAR = ("jaar", "perioden", "periode")
_MISSING = {"", ".", "-", "x", "nan"}
_SHOWN = 5
MAX_BYTES = 40 * 1024 * 1024
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers for steps from one row; `missing` are steps whose number CBS does not give."""

    area: str
    code: str
    town: str
    year: int
    values: Mapping[str, float]
    missing: tuple[str, ...]

    @property
    def source(self) -> str:
        """Where the numbers come from, as it is shown beside them."""
        place = f"{self.area} ({self.code}), {self.town}" if self.town else f"{self.area} ({self.code})"
        return f"CBS Kerncijfers wijken en buurten {self.year}, {place}"


def read_figures(flow: Flow, data: bytes, area: str, year: int | None = None) -> Figures:
    """The row of an area, found by its code or name ("Overvecht" or "Overvecht, Utrecht").

    Raises InputError when the file is not in this layout, when no area or several areas have that
    name, or when the year is neither in the file nor given, or another than that of the file.
    """
    columns = {step.id: step.figures for step in flow.steps if step.figures}
    if not columns:
        raise InputError("Deze vragenlijst vraagt geen cijfers van het CBS.")
    if not area.strip():
        raise InputError("Noem de naam of de code van de wijk of buurt, bijvoorbeeld 'Overvecht' of WK034403.")
    try:
        head, rows = _rows(data)
        row, known_year = _of_year(_found(rows, area), year)
    except csv.Error as error:
        raise InputError(f"Dit bestand is niet te lezen als CSV ({error}). " + _LAYOUT) from error
    values, missing = {}, []
    for name, wanted in columns.items():
        number = _number(_cell(row, wanted))
        if number is None:
            missing.append(name)
        else:
            values[name] = number
    if not values and not any(_plain(w) in head for wanted in columns.values() for w in wanted):
        raise InputError("In dit bestand staat geen enkele kolom die deze vragenlijst gebruikt. " + _LAYOUT)
    return Figures(
        area=_cell(row, _NAME).strip(),
        code=_cell(row, _CODE).strip(),
        town=_cell(row, _TOWN).strip(),
        year=known_year,
        values=values,
        missing=tuple(missing),
    )


_LAYOUT = (
    "Nodig is een CSV-bestand van CBS 'Kerncijfers wijken en buurten', met een kolom voor de code "
    "(gwb_code_10 of Codering_3) en voor de naam (regio of WijkenEnBuurten). Sla een Excelbestand eerst op als CSV."
)


def _rows(data: bytes) -> tuple[Sequence[str], Iterator[Row]]:
    if len(data) > MAX_BYTES:
        raise InputError(f"Dit bestand is te groot: er past {MAX_BYTES // 1024 // 1024} MB in.")
    if data[:2] == b"PK" or b"\0" in data[:4096]:
        raise InputError("Dit is geen tekstbestand. " + _LAYOUT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # older CBS files
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") >= first.count(",") else ",")
    head = [_plain(name) for name in next(reader, [])]
    if not any(name in head for name in _CODE) or not any(name in head for name in _NAME):
        raise InputError("Dit bestand heeft een andere indeling. " + _LAYOUT)
    return head, (dict(zip(head, line, strict=False)) for line in reader if line)


def _plain(name: str) -> str:
    """A column's name without StatLine's number: 'AantalInwoners_5' and 'AantalInwoners' are the same."""
    return re.sub(r"_\d{1,3}$", "", name.strip().casefold()) if not name.startswith(("a_", "gwb")) else name.casefold()


def _cell(row: Row, wanted: Sequence[str]) -> str:
    return next((row[_plain(name)] for name in wanted if _plain(name) in row), "")


def _found(rows: Iterator[Row], area: str) -> list[Row]:
    """The rows of one area: more than one when the file has several years."""
    wanted, _, town = (part.strip().casefold() for part in area.partition(","))
    by_code, by_name = [], []
    for row in rows:
        if _cell(row, _CODE).strip().casefold() == wanted:
            by_code.append(row)
        if _cell(row, _NAME).strip().casefold() in (wanted, f"wijk {wanted}", f"buurt {wanted}"):
            by_name.append(row)
    if by_code:
        return by_code
    if town:
        by_name = [row for row in by_name if _cell(row, _TOWN).strip().casefold() == town]
    if not by_name:
        raise InputError(f"'{area[:60]}' staat niet in dit bestand. Controleer de naam, of gebruik de code.")
    places = {_cell(r, _CODE).strip(): _cell(r, _TOWN).strip() or "?" for r in by_name}
    if len(places) > 1:
        shown = ", ".join(f"{code} ({place})" for code, place in list(places.items())[:_SHOWN])
        raise InputError(f"'{area[:60]}' komt {len(places)} keer voor. Kies één code: {shown}.")
    return by_name


def _of_year(rows: Sequence[Row], year: int | None) -> tuple[Row, int]:
    """The row of the year and that year; a row that names none is of the year that was given."""
    by_year: dict[int | None, Row] = {}
    for row in rows:
        by_year.setdefault(_year(row), row)
    named = sorted(own for own in by_year if own)
    shown = ", ".join(map(str, named))
    if year is None and not named:
        raise InputError("In dit bestand staat niet van welk jaar de cijfers zijn. Noem het jaar erbij.")
    if year is None and len(named) > 1:
        raise InputError(f"Dit bestand heeft cijfers van meer jaren: {shown}. Noem het jaar erbij.")
    wanted = year or named[0]
    found = by_year.get(wanted, by_year.get(None))
    if found is None:
        raise InputError(f"Dit bestand heeft geen cijfers van {wanted}, wel van: {shown}. Noem een ander jaar.")
    return found, wanted


def _number(cell: str) -> float | None:
    text = cell.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if text.casefold() in _MISSING:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _year(row: Row) -> int | None:
    found = re.search(r"(19|20)\d\d", _cell(row, _YEAR))
    return int(found.group()) if found else None
