"""A running server as the thing that is measured."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence

from pydantic import TypeAdapter

from verbind_bot.errors import NotReadyError, SettingsError
from verbind_bot.evaluation.run import Ask
from verbind_bot.types import Answer

_TIMEOUT = 60


def over_http(url: str) -> Ask:
    """A way to ask a running server, which keeps each question and its history as one conversation.

    Raises SettingsError for an address that is not http(s), and NotReadyError (when asking) for a
    server that does not answer.
    """
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"{url} is geen webadres. Geef bijvoorbeeld --url http://127.0.0.1:8000")
    endpoint, reader = url.rstrip("/") + "/api/ask", TypeAdapter(Answer)

    def ask(question: str, history: Sequence[str]) -> Answer:
        conversation: str | None = None
        for turn in history:
            conversation = reader.validate_json(_post(endpoint, turn, conversation)).conversation_id
        return reader.validate_json(_post(endpoint, question, conversation))

    return ask


def _post(endpoint: str, question: str, conversation: str | None) -> bytes:
    body = json.dumps({"question": question, "conversation_id": conversation}).encode()
    request = urllib.request.Request(endpoint, body, {"Content-Type": "application/json"})  # noqa: S310  (checked)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace")
        raise NotReadyError(f"De server op {endpoint} weigert een vraag ({error.code}): {said}") from error
    except OSError as error:
        raise NotReadyError(
            f"De server op {endpoint} geeft geen antwoord ({error}). Start hem met 'verbind-bot serve'."
        ) from error
