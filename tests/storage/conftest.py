"""Databases to test on: SQLite always, and a real PostgreSQL where Debian's package is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

MISSING = "PostgreSQL is not installed here (Debian: apt-get install postgresql); the tests on it are skipped"


def _programs() -> Path | None:
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The URL of a server of our own on a free port, stopped afterwards."""
    initdb = _programs()
    if initdb is None:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("postgres")
    for parent in [folder, *folder.parents][:3]:
        parent.chmod(0o755)
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    run = {"check": True, "capture_output": True, "cwd": "/"}
    subprocess.run([*as_user, str(initdb), "-D", str(data), "-U", "verbind", "-A", "trust", "--no-sync"], **run)
    control = [*as_user, str(initdb.with_name("pg_ctl")), "-D", str(data)]
    options = f"-p {port} -k {folder} -h 127.0.0.1"
    subprocess.run([*control, "-w", "-l", str(folder / "log"), "-o", options, "start"], **run)
    yield f"postgresql+psycopg://verbind@127.0.0.1:{port}"
    subprocess.run([*control, "-m", "immediate", "stop"], **run)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/verbind.db"
        return
    server = request.getfixturevalue("postgres")
    name = f"test_{abs(hash(request.node.name))}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    yield f"{server}/{name}"
