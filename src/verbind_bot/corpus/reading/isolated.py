"""Reading a file in a process of its own, bounded in time and memory: a hostile file takes down nothing but that.

Run as a module this is that process: arguments are the format and the limits, the file comes on standard input, and
one JSON object goes to standard output, `{"document": …}` or `{"error": …}`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from verbind_bot.corpus.reading.document import Document, Limits
from verbind_bot.corpus.reading.formats import READERS
from verbind_bot.corpus.reading.kinds import Kind
from verbind_bot.errors import CorpusError

_BYTES_PER_CHARACTER = 8
_SOURCE = Path(__file__).resolve().parents[3]
_TOO_MUCH = "dit bestand vraagt te veel geheugen. Deel het op, of sla het op als tekst."


def read_isolated(content: bytes, kind: Kind, limits: Limits) -> Document:
    """Read a file in another process. Raises CorpusError when it fails, takes too long or takes too much memory."""
    asked = [str(n) for n in (limits.bytes, limits.seconds, limits.characters, limits.memory)]
    command = [sys.executable, "-P", "-m", __name__, kind.name, *asked]
    # Nothing of our environment: it holds keys, and the file is a stranger's.
    environment = {"PYTHONPATH": os.pathsep.join([str(_SOURCE), *filter(None, sys.path)]), "PYTHONUTF8": "1"}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL, env=environment
        )
        try:
            process.communicate(content, timeout=limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise CorpusError(
                f"het lezen duurt langer dan {limits.seconds} seconden. Deel het bestand op, sla het opnieuw op, of "
                "verhoog VERBIND_SOURCE_SECONDS."
            ) from error
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        return _result(out.read().decode("utf-8", "replace"), process.returncode)


def _result(output: str, code: int) -> Document:
    try:
        data = json.loads(output)
        error, text = data["error"], data["document"]
    except (ValueError, KeyError, TypeError, RecursionError) as failure:
        raise CorpusError(f"het lezen is afgebroken (code {code}): {_TOO_MUCH}") from failure
    if error:
        raise CorpusError(str(error))
    try:
        return Document.from_json(text)
    except ValueError as failure:
        raise CorpusError("dit bestand kan niet gelezen worden. Sla het opnieuw op.") from failure


def _bound(limits: Limits) -> None:
    """Limits that the system keeps, where it has them; the time limit of the caller holds everywhere."""
    try:
        import resource
    except ImportError:
        return
    written = limits.characters * _BYTES_PER_CHARACTER + 2**20
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _main(arguments: list[str]) -> None:
    kind = Kind[arguments[0]]
    limits = Limits(*(int(value) for value in arguments[1:5]))
    content = sys.stdin.buffer.read(limits.bytes + 1)
    _bound(limits)
    document, problem = "", ""
    try:
        document = READERS[kind](content, limits).to_json()
    except CorpusError as error:
        problem = str(error)
    except (MemoryError, RecursionError):
        problem = _TOO_MUCH
    except Exception:  # whatever a library raises on a broken file, its maintainer wants one sentence
        problem = "dit bestand is stuk en kan niet gelezen worden. Open het en sla het opnieuw op."
    sys.stdout.write(json.dumps({"document": document, "error": problem}))


if __name__ == "__main__":
    _main(sys.argv[1:])
