"""Log lines of one shape for everything in the process, as JSON or as text; the only importer of pythonjsonlogger.

A line never holds what a user wrote. Our own events are made of fields. Of other libraries' messages only
what is constant is kept, and of an error in a request only its kind and where it was raised: the rest may quote a user.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from verbind_bot.channels.telemetry.origin import request_id
from verbind_bot.errors import VerbindError
from verbind_bot.settings import Settings

OWN = "verbind_bot"
QUESTIONS = f"{OWN}.questions"  # enabled only when masked questions may be logged
_SERVER = "uvicorn.error"
_FRAMES = 15  # the innermost
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:{}+*<>")


def event(log: logging.Logger, name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event with its fields; a field that is None is left out."""
    log.log(level, name, extra={"fields": {key: value for key, value in fields.items() if value is not None}})


def start_logging(settings: Settings, quiet: bool = False, stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (standard error).

    `quiet` is for commands that end by themselves: unless a level was set, they tell of warnings only.
    """
    level = "warning" if quiet and "log_level" not in settings.model_fields_set else settings.log_level
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # what libraries say below that may hold whole requests
    for name in (OWN, _SERVER):
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger(_SERVER).filters[:] = [_is_news]
    logging.getLogger(QUESTIONS).setLevel(logging.INFO if settings.log_questions else logging.CRITICAL + 1)


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says of a record."""
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    line: dict[str, Any] = {
        "time": moment.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": _event_of(record),
        "request_id": request_id() or None,
        **getattr(record, "fields", {}),
    }
    if not hasattr(record, "fields"):
        line |= {"logger": record.name, "place": f"{record.filename}:{record.lineno}"}
    if record.exc_info and record.exc_info[1]:
        line |= _error_of(record.exc_info[1], quoting=_is_own(record) and not request_id())
    return {key: value for key, value in line.items() if value is not None}


class JsonLines(JsonFormatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        return self.jsonify_log_record(line_of(record))


class TextLines(logging.Formatter):
    """One line to read: time, level, event, and the rest as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, without line breaks."""
        line = line_of(record)
        start = f"{line.pop('time')} {line.pop('level').upper():<7} {json.dumps(line.pop('event'))[1:-1]}"
        return " ".join([start, *(f"{key}={_text(value)}" for key, value in line.items())])


def _is_news(record: logging.LogRecord) -> bool:
    """Whether the server says something else than that a request failed, of which we have told ourselves."""
    return not (record.exc_info and request_id())


def _is_own(record: logging.LogRecord) -> bool:
    return record.name.split(".")[0] == OWN


def _event_of(record: logging.LogRecord) -> str:
    """The event of our own records; of others' the message, or its constant part where it could quote a user."""
    if _is_own(record) or (record.name == _SERVER and not request_id()):
        return record.getMessage().strip()
    return str(record.msg).strip() if record.args else "library message"


def _error_of(error: BaseException, quoting: bool) -> dict[str, Any]:
    chain = [error]
    while (cause := chain[-1].__cause__) and cause not in chain:
        chain.append(cause)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told = str(error) if quoting or (isinstance(error, VerbindError) and not request_id()) else None
    return {
        "error": " < ".join(type(each).__name__ for each in chain),
        "detail": told,
        "trace": [f"{'/'.join(Path(f.filename).parts[-3:])}:{f.lineno} {f.name}" for f in frames],
    }


def _text(value: object) -> str:
    plain = str(value)
    return plain if plain and set(plain) <= _PLAIN else json.dumps(value, ensure_ascii=False, default=str)
