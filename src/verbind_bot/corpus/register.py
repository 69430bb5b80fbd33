"""The register of kept sources: a JSON file in their folder, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from verbind_bot.errors import CorpusError

REGISTER = "register.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """One source in the register. `id` is in the ids of its passages and stays when the file gets another name."""

    name: str
    id: str
    hash: str
    kind: str
    passages: int
    added: str
    origin: str = ""
    reference: str = ""
    note: bool = False


_ROWS = TypeAdapter(list[Kept])


def read_register(folder: Path) -> list[Kept]:
    """What is registered in a folder. Raises CorpusError for a broken register."""
    path = folder / REGISTER
    try:
        return _ROWS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (ValidationError, OSError) as error:
        raise CorpusError(
            "het register van de bronnen is stuk. Verwijder dit bestand; de bronnen zelf blijven bewaard.", str(path)
        ) from error


def write_register(folder: Path, rows: Iterable[Kept]) -> None:
    """Register these sources, and no others."""
    kept = [asdict(row) for row in sorted(rows, key=lambda row: row.name) if row.hash]
    write_whole(folder / REGISTER, json.dumps(kept, ensure_ascii=False, indent=1).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it finds the old content or the new, never a part."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
