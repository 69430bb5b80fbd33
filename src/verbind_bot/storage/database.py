"""The database: opened once, brought to the newest schema, SQLite in WAL mode."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from verbind_bot.errors import StorageError

_LOCK = 7_224_501  # any number of our own: every process of ours takes the same lock


def open_database(url: str) -> Engine:
    """An engine for `url` with every migration applied.

    Raises StorageError when the database cannot be reached or written.
    """
    try:
        parsed = make_url(url)
        is_sqlite = parsed.get_backend_name() == "sqlite"
        if is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=True)
        if is_sqlite:
            event.listen(engine, "connect", _tune_sqlite)
        _migrate(engine)
        return engine
    except (SQLAlchemyError, OSError) as error:
        raise StorageError(
            f"De database {_without_password(url)} kan niet geopend worden ({error}). Controleer "
            "VERBIND_DATABASE_URL of VERBIND_DATA_DIR, of je er mag schrijven en of er ruimte is op de schijf."
        ) from error


def _tune_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _migrate(engine: Engine) -> None:
    """Bring the schema up to date; of processes that start at once, one does it and the others wait."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    with _one_at_a_time(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _one_at_a_time(engine: Engine) -> AbstractContextManager[object]:
    file = engine.url.database
    on_disk = engine.dialect.name == "sqlite" and file not in (None, ":memory:")
    return FileLock(f"{file}.lock") if on_disk else nullcontext()


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "(onleesbare URL)"
