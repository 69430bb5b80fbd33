"""How a reply goes over the wire: well, or wrong in one way. What it says comes from `honest`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.llm_fake import honest

FOREVER = 600.0


@dataclass(frozen=True)
class Reply:
    """`write` makes the text of the request; the rest says how it is sent. Times are in seconds."""

    write: Callable[[dict], str] = honest.honest
    status: int = 200
    headers: dict = field(default_factory=dict)
    raw: str | None = None  # this body instead of a completion
    content_type: str = "application/json"
    piece: int = 7  # characters per event
    before: float = 0.0  # waits before the status line
    first: float = 0.0  # waits before the first word
    between: float = 0.0
    stop_after: int | None = None  # events, and then:
    then: str = "stall"  # stall | cut | close | error | garble
    lingers: bool = False  # says that it is done, and never ends
    finish: str = "stop"
    refusal: str | None = None
    endless: bool = False
    comments: bool = False  # keeps the connection alive with comments and empty events while it waits
    whole: bool = False  # ignores that a stream was asked for
    usage: bool = True
    refuses: tuple[str, ...] = ()  # parameters, or types of response_format, that give a 400


def says(text):
    """A completion with this text."""
    return Reply(lambda body: text)


def writes(write):
    """A completion with what `write` makes of the request."""
    return Reply(write)


def error(status, message, code=None, **headers):
    """An error in the manner of OpenAI."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}})
    return Reply(status=status, raw=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


FAULTS: dict[str, Reply] = {
    "honest": Reply(),
    "attentive": writes(honest.attentive),
    "whole": Reply(whole=True),
    "slow_first": Reply(first=FOREVER),
    "slow_status": Reply(before=FOREVER),
    "slow_comments": Reply(first=6.0, comments=True),
    "stall": Reply(stop_after=4),
    "drip": Reply(piece=1, between=0.01),
    "limited": error(429, "Too many requests", "rate_limit_exceeded", Retry_After="0.05"),
    "no_credit": error(429, "You exceeded your quota", "insufficient_quota"),
    "failing": error(500, "Internal error"),
    "loading": error(503, "Loading model", "unavailable_error"),
    "cut": Reply(stop_after=4, then="cut"),
    "cut_first": Reply(stop_after=0, then="cut"),
    "lingering": Reply(lingers=True),
    "closed": Reply(stop_after=4, then="close"),
    "error_midway": Reply(stop_after=4, then="error"),
    "garbled": Reply(stop_after=4, then="garble"),
    "broken_json": writes(honest.broken_json),
    "fenced": writes(honest.fenced),
    "wrong_schema": writes(honest.wrong_schema),
    "invented_citation": writes(honest.invented_citation),
    "altered_number": writes(honest.altered_number),
    "misread_number": writes(honest.misread_number),
    "unsupported_claim": writes(honest.unsupported_claim),
    "one_in_two": writes(honest.one_in_two),
    "nothing": writes(honest.nothing),
    "refusing": writes(honest.refusing),
    "refusal": Reply(lambda body: "", refusal="I cannot help with that."),
    "filtered": Reply(finish="content_filter", piece=10**6),
    "filtered_prompt": error(400, "The response was filtered", "content_filter"),
    "length": Reply(honest.broken_json, finish="length"),
    "endless": Reply(endless=True),
    "empty": says(""),
    "huge": Reply(lambda body: "x" * 3_000_000, piece=10**9),
    "no_schema": Reply(refuses=("json_schema",)),
    "no_format": Reply(refuses=("json_schema", "json_object")),
    "newer": Reply(refuses=("max_tokens", "temperature")),
    "older": Reply(refuses=("stream_options",)),
    "too_long": error(400, "This model has a maximum context length of 2048 tokens", "context_length_exceeded"),
    "wrong_key": error(401, "Incorrect API key provided: sk-geheim", "invalid_api_key"),
    "wrong_model": error(404, "The model does not exist", "model_not_found"),
    "elsewhere": Reply(status=307, raw="", headers={"Location": "/elsewhere"}),
    "html": Reply(raw="<!doctype html><html><body>Inloggen</body></html>", content_type="text/html"),
    "html_error": Reply(status=502, raw="<html><h1>Bad Gateway</h1></html>", content_type="text/html"),
}
