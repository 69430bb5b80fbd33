"""Text that goes through the browser and must come back unchanged; the only importer of itsdangerous."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer


def sealed(key: str, purpose: str, text: str) -> str:
    """The text, signed for one purpose."""
    return str(URLSafeTimedSerializer(key, salt=purpose).dumps(text))


def opened(key: str, purpose: str, seal: str, seconds: int | None = None) -> str | None:
    """The text, when the seal is genuine and at most `seconds` old; otherwise None."""
    try:
        return str(URLSafeTimedSerializer(key, salt=purpose).loads(seal, max_age=seconds))
    except BadSignature:
        return None
