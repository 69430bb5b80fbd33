"""Which request the work at hand belongs to: an id that follows it into tasks and threads."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_VALID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request at hand, or an empty string outside of one."""
    return _current.get()


def begin(given: str | None = None) -> str:
    """Start a request in this context, with the given id when it is a proper one; returns its id."""
    made = given if given and _VALID.fullmatch(given) else secrets.token_hex(8)
    _current.set(made)
    return made


@contextmanager
def request() -> Iterator[str]:
    """A request for the work within; work that belongs to a request already goes on in that one."""
    if running := _current.get():
        yield running
        return
    token = _current.set(secrets.token_hex(8))
    try:
        yield _current.get()
    finally:
        _current.reset(token)
