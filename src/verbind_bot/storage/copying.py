"""A SQLite database copied while it is in use, and a copy put in its place."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from verbind_bot.errors import StorageError
from verbind_bot.storage.database import open_database


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for another database, or one in memory."""
    parsed = make_url(url)
    on_disk = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if on_disk else None


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever is writing in it."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def check_database(file: Path) -> None:
    """Bring a database of elsewhere up to date. Raises StorageError when it is not a whole one of ours."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            kinds = {kind for (kind,) in connection.execute("SELECT DISTINCT type FROM sqlite_master")}
            sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.Error as error:
        raise StorageError(f"De database in de kopie is geen SQLite-database ({type(error).__name__}).") from error
    if not sound or kinds - {"table", "index"}:
        raise StorageError("De database in de kopie is beschadigd, of niet van verbind-bot.")
    open_database(f"sqlite:///{file}").dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")


def put_database(file: Path, target: Path) -> None:
    """Put a checked copy in the place of the database at `target`, which nobody may be using."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.part")
    shutil.copyfile(file, beside)  # the copy may lie on another disk, where a rename is refused
    for end in ("-wal", "-shm"):
        target.with_name(target.name + end).unlink(missing_ok=True)
    beside.replace(target)
