"""Which process may write the local index: a server keeps that right for as long as it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from verbind_bot.errors import HeldError, IndexingError

_WAIT_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has the right to write, and since when (ISO 8601, UTC)."""

    pid: int
    since: str

    @property
    def here(self) -> bool:
        """Whether that is this very process."""
        return self.pid == os.getpid()

    @property
    def shown(self) -> str:
        """The process and its start, for a reader."""
        try:
            moment = datetime.fromisoformat(self.since).astimezone()
        except ValueError:
            return f"proces {self.pid}"
        return f"proces {self.pid}, sinds {moment:%d-%m-%Y %H:%M}"


class Hold:
    """The right to write, kept until `release` or the end of the process."""

    def __init__(self, lock: FileLock, note: Path) -> None:
        self._lock, self._note = lock, note

    def release(self) -> None:
        """Give the right back; twice is once."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()


def hold(folder: Path) -> Hold | None:
    """Take the right to write the index in `folder`; None when another server has it.

    Raises IndexingError when the folder cannot be written.
    """
    lock = _lock(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=1)  # whoever looks who has it, takes it for a moment
    except Timeout:
        return None
    except OSError as error:
        raise _unwritable(folder, error) from error
    note = _note(folder)
    part = note.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(asdict(Holder(os.getpid(), datetime.now(UTC).isoformat(timespec="seconds")))))
    part.replace(note)
    return Hold(lock, note)


def holder(folder: Path) -> Holder | None:
    """The server that has the right to write the index in `folder`; None when nobody has."""
    if not (folder / "server.lock").exists():
        return None
    lock = _lock(folder)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _read(folder)
    except OSError:  # a folder that may only be read: nobody here can write it
        return None
    lock.release()
    return None


@contextmanager
def writing(folder: Path, wait: float = _WAIT_SECONDS) -> Iterator[None]:
    """One builder at a time. Raises HeldError when another one takes longer than `wait` seconds."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "write.lock", timeout=wait)
        lock.acquire()
    except Timeout as error:
        raise HeldError(
            f"Een ander proces werkt al langer dan {wait / 60:.0f} minuten aan de index in {folder}. "
            "Wacht tot het klaar is, of stop het."
        ) from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def refuse_when_held(folder: Path) -> None:
    """Raise HeldError, saying who has the index and what to do, when another process serves it."""
    found = holder(folder)
    if found and not found.here:
        raise HeldError(
            f"De index in {folder} is in gebruik bij een server ({found.shown}), en maar één proces mag erin "
            "schrijven. Stop die server, doe dit opnieuw en start hem weer. Moeten er meer processen schrijven? "
            "Zet de index op een Chroma-server met VERBIND_CHROMA_URL."
        )


def _lock(folder: Path) -> FileLock:
    return FileLock(folder / "server.lock", thread_local=False)


def _note(folder: Path) -> Path:
    return folder / "server.json"


def _read(folder: Path) -> Holder:
    try:
        read = json.loads(_note(folder).read_text(encoding="utf-8"))
        return Holder(int(read["pid"]), str(read["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(0, "")  # it has the lock and has not said who it is yet


def _unwritable(folder: Path, error: OSError) -> IndexingError:
    return IndexingError(
        f"De map {folder} van de index kan niet beschreven worden ({error}). Controleer of je er mag schrijven en of "
        "er ruimte is op de schijf, of kies met VERBIND_DATA_DIR een andere map."
    )
