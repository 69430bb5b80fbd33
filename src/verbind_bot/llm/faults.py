"""What went wrong on the wire -> a reason that somebody can decide on, whether to try again, and words for it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from verbind_bot.errors import LanguageModelError, LanguageModelReason

_WORDS: dict[LanguageModelReason, str] = {
    "timeout": "Het taalmodel antwoordde niet op tijd. Probeer het zo nog eens, of verhoog VERBIND_LLM_TIMEOUT_SECONDS "
    "en VERBIND_LLM_FIRST_TOKEN_SECONDS.",
    "rate_limited": "Het taalmodel krijgt te veel vragen of het tegoed is op. Wacht even, of kijk bij de aanbieder.",
    "refused": "Het taalmodel wilde deze vraag niet beantwoorden. Stel de vraag op een andere manier.",
    "cut_off": "De verbinding met het taalmodel brak af tijdens het antwoord. Probeer het nog eens.",
    "unavailable": "Het taalmodel is nu niet te bereiken. Probeer het straks nog eens, of controleer "
    "VERBIND_LLM_BASE_URL.",
    "too_long": "De vraag met de passages is te lang voor dit taalmodel. Kies een model met een groter contextvenster.",
    "wrong_key": "Het taalmodel neemt de sleutel niet aan. Controleer VERBIND_LLM_API_KEY.",
    "misconfigured": "Het eindpunt van het taalmodel begrijpt ons niet. Controleer VERBIND_LLM_BASE_URL en "
    "VERBIND_LLM_MODEL.",
}
_REFUSALS = ("content_filter", "content_policy", "content management policy", "responsibleaipolicy")
_LENGTHS = ("context_length", "context length", "context size", "context window", "exceed_context", "too long")
_BY_STATUS: dict[int, LanguageModelReason] = {401: "wrong_key", 403: "wrong_key", 413: "too_long"}
_QUOTA = "insufficient_quota"


class WireError(Exception):
    """A fault of one request; what the endpoint wrote stays out of `str()`, for it can repeat a question or a key.

    `retry`: another try may help; `wait`: seconds that the endpoint asks for; `said`: its words in lower case.
    """

    def __init__(
        self,
        reason: LanguageModelReason,
        *,
        status: int | None = None,
        retry: bool = False,
        wait: float | None = None,
        said: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.retry = retry
        self.wait = wait
        self.said = said

    def as_error(self) -> LanguageModelError:
        """The same, as an error for users."""
        return language_model_error(self.reason, self.status)


def language_model_error(reason: LanguageModelReason, status: int | None = None) -> LanguageModelError:
    """An error in our own words."""
    return LanguageModelError(_WORDS[reason] + (f" (HTTP {status})" if status else ""), reason)


def broken() -> WireError:
    """The fault of an answer that is no completion."""
    return WireError("misconfigured")


def judge(status: int | None, body: object, wait: float | None = None) -> WireError:
    """The fault behind an error of the endpoint: its HTTP status (None for an error inside a stream) and its body."""
    said = _said(body)
    if status is None:
        status = _code(body)
    if any(word in said for word in _REFUSALS):
        return WireError("refused", status=status)
    if status in _BY_STATUS:
        return WireError(_BY_STATUS[status], status=status)
    if status == 429 or "rate_limit" in said:
        return WireError("rate_limited", status=status, retry=_QUOTA not in said, wait=wait)
    if any(word in said for word in _LENGTHS):
        return WireError("too_long", status=status)
    if status is None or status in (408, 409) or status >= 500:
        return WireError("unavailable", status=status, retry=True, wait=wait)
    return WireError("misconfigured", status=status, said=said if status in (400, 422) else "")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date."""
    given = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(given))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _said(body: object) -> str:
    if isinstance(body, (dict, list)):
        return json.dumps(body, ensure_ascii=False, default=str)[:4000].lower()
    return str(body or "")[:4000].lower()


def _code(body: object) -> int | None:
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else None
