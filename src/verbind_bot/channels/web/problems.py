"""Errors in Dutch, without anything that the user sent: RFC 9457 problem details, or a page for a browser."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from verbind_bot.channels.telemetry.origin import begin, request_id
from verbind_bot.channels.web.interface import templates
from verbind_bot.errors import (
    InputError,
    NotReadyError,
    QuestionError,
    UnavailableError,
    UnknownIntakeError,
    VerbindError,
)

log = logging.getLogger(__name__)
_TITLES = {
    400: "Ongeldig verzoek",
    403: "Mag niet",
    401: "Sleutel nodig",
    404: "Niet gevonden",
    405: "Deze methode kan hier niet",
    409: "Intussen veranderd",
    411: "Grootte ontbreekt",
    413: "Te groot",
    415: "Verkeerd soort inhoud",
    422: "Ongeldige invoer",
    429: "Te veel vragen",
    500: "Fout in de server",
    503: "Nog niet klaar",
}
_DETAILS = {
    404: "Wat je zoekt, is er niet. Controleer het adres.",
    405: "Gebruik een andere HTTP-methode; op /docs staat welke.",
}
_FAULTS = {
    "missing": "ontbreekt",
    "extra_forbidden": "bestaat niet",
    "string_type": "moet tekst zijn",
    "json_invalid": "is geen geldige JSON",
    "string_too_short": "is te kort",
    "string_too_long": "is te lang",
    "model_attributes_type": "moet een JSON-object zijn",
    "dict_type": "moet een JSON-object zijn",
}


_STATUS: dict[type[VerbindError], int] = {QuestionError: 422, InputError: 422, UnknownIntakeError: 404}


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **extra: Any) -> JSONResponse:
    """A problem-details response."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Fout"), "status": status, "detail": detail, **extra}
    if number := request_id():
        body["request_id"] = number
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def shown(request: Request, status: int, detail: str, headers: dict[str, str] | None = None, **extra: Any) -> Response:
    """The problem as a page when a browser asked for one, otherwise as problem details."""
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return problem(status, detail, headers, **extra)
    values = {"kop": _TITLES.get(status, "Fout"), "status": status, "detail": detail}
    return templates.TemplateResponse(request, "fout.html", values, status, headers)


def install(app: FastAPI) -> None:
    """Turn every error into a problem."""

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [_fault(dict(e)) for e in error.errors()]
        hint = " Op /docs staat hoe het moet." if request.url.path.startswith("/api/") else ""
        return shown(request, 422, "De invoer klopt niet: " + "; ".join(faults) + "." + hint)

    for kind, status in _STATUS.items():
        app.add_exception_handler(kind, _expected(status))

    @app.exception_handler(UnavailableError)
    @app.exception_handler(NotReadyError)
    async def _not_ready(request: Request, error: VerbindError) -> Response:
        return shown(request, 503, str(error), {"Retry-After": "5"})

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        standard = error.detail in ("Not Found", "Method Not Allowed")
        detail = _DETAILS.get(error.status_code, "Er ging iets mis.") if standard else str(error.detail)
        return shown(request, error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(VerbindError)
    async def _known(request: Request, error: VerbindError) -> Response:
        return failure(request, error)

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> Response:
        return failure(request, error)


def _expected(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A handler for errors whose message says what the user can do."""

    async def handle(request: Request, error: Exception) -> Response:
        return shown(request, status, str(error))

    return handle


def failure(request: Request, error: Exception) -> Response:
    """A problem with a number that is in the log too, and nothing of the error itself."""
    number = request_id() or begin()
    log.error("request failed", exc_info=error)
    detail = (
        f"Er ging iets mis in de server. Probeer het opnieuw. Blijft het zo, noem dan nummer {number} aan de beheerder."
    )
    return shown(request, 500, detail, id=number)


def _fault(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"] if part != "body" and not isinstance(part, int))
    return f"{place or 'de inhoud'} {_FAULTS.get(error['type'], 'heeft een waarde die niet kan')}"
