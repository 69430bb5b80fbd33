"""A running server as the thing that is measured."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from pydantic import TypeAdapter

from verbind_bot.errors import NotReadyError, SettingsError
from verbind_bot.evaluation.run import Ask
from verbind_bot.llm.faults import retry_after
from verbind_bot.types import Answer

_TRIES = 5
_LONGEST_WAIT = 120.0  # seconds before another try


def over_http(url: str, key: str | None = None, seconds: float = 60.0) -> Ask:
    """A way to ask a running server, which keeps each question and its history as one conversation.

    `key` opens its API and `seconds` bounds an answer; a server that is asked too much gets the time it asks for.
    Raises SettingsError for an address that is not http(s), and NotReadyError (when asking) for a
    server that does not answer.
    """
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"{url} is geen webadres. Geef bijvoorbeeld --url http://127.0.0.1:8000")
    endpoint, reader = url.rstrip("/") + "/api/ask", TypeAdapter(Answer)

    def put(question: str, conversation: str | None) -> Answer:
        return reader.validate_json(_post(_request(endpoint, key, question, conversation), seconds))

    def ask(question: str, history: Sequence[str]) -> Answer:
        conversation: str | None = None
        for turn in history:
            conversation = put(turn, conversation).conversation_id
        return put(question, conversation)

    return ask


def _request(endpoint: str, key: str | None, question: str, conversation: str | None) -> urllib.request.Request:
    body = json.dumps({"question": question, "conversation_id": conversation}).encode()
    request = urllib.request.Request(endpoint, body, {"Content-Type": "application/json"})  # noqa: S310  (checked)
    if key:
        request.add_unredirected_header("X-API-Key", key)  # to this address alone
    return request


def _post(request: urllib.request.Request, seconds: float, tried: int = 1) -> bytes:
    """The server's reply, after the time that it asks for when it is asked too much."""
    try:
        with urllib.request.urlopen(request, timeout=seconds) as response:  # noqa: S310
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        wait = retry_after({"retry-after": error.headers.get("Retry-After", "")}) if error.code == 429 else None
        if wait is None or wait > _LONGEST_WAIT or tried == _TRIES:
            said = error.read().decode(errors="replace")
            raise NotReadyError(f"De server op {request.full_url} weigert een vraag ({error.code}): {said}") from error
    except OSError as error:
        raise NotReadyError(
            f"De server op {request.full_url} geeft geen antwoord ({error}). Start hem met 'verbind-bot serve'."
        ) from error
    time.sleep(wait)
    return _post(request, seconds, tried + 1)
