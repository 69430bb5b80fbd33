"""Errors as RFC 9457 problem details, in Dutch, without anything that the user sent."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from verbind_bot.errors import InputError, NotReadyError, QuestionError, UnknownIntakeError, VerbindError

log = logging.getLogger(__name__)
_TITLES = {
    400: "Ongeldig verzoek",
    404: "Niet gevonden",
    405: "Deze methode kan hier niet",
    409: "Intussen veranderd",
    413: "Te groot",
    415: "Verkeerd soort inhoud",
    422: "Ongeldige invoer",
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
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Turn every error of the API into problem details."""

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = [_fault(dict(e)) for e in error.errors()]
        return problem(422, "De invoer klopt niet: " + "; ".join(faults) + ". Op /docs staat hoe het moet.")

    for kind, status in _STATUS.items():
        app.add_exception_handler(kind, _expected(status))

    @app.exception_handler(NotReadyError)
    async def _not_ready(_: Request, error: NotReadyError) -> JSONResponse:
        return problem(503, str(error), {"Retry-After": "5"})

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        given = (
            error.detail
            if error.status_code not in _DETAILS or error.detail not in ("Not Found", "Method Not Allowed")
            else ""
        )
        detail = str(given or _DETAILS.get(error.status_code, "Er ging iets mis."))
        return problem(error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(VerbindError)
    async def _known(_: Request, error: VerbindError) -> JSONResponse:
        return _failure(error)

    @app.exception_handler(Exception)
    async def _unknown(_: Request, error: Exception) -> JSONResponse:
        return _failure(error)


def _expected(status: int) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    """A handler for errors whose message says what the user can do."""

    async def handle(_: Request, error: Exception) -> JSONResponse:
        return problem(status, str(error))

    return handle


def _failure(error: Exception) -> JSONResponse:
    number = uuid.uuid4().hex[:8]
    log.error("request failed, id %s", number, exc_info=error)
    detail = (
        f"Er ging iets mis in de server. Probeer het opnieuw. Blijft het zo, noem dan nummer {number} aan de beheerder."
    )
    return problem(500, detail, id=number)


def _fault(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"] if part != "body" and not isinstance(part, int))
    return f"{place or 'de inhoud'} {_FAULTS.get(error['type'], 'heeft een waarde die niet kan')}"
