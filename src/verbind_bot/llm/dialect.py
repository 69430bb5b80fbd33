"""Which parameters an endpoint takes: asked for in full first, and less of them after it objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

_FORMAT = ("response_format", "json_schema", "json_object", "structured output", "grammar", "guided")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The parameters that an endpoint is known, or still thought, to take."""

    format: Literal["json_schema", "json_object", "none"] = "json_schema"
    tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True
    usage: bool = True

    def parameters(self, schema: Mapping[str, Any] | None, max_tokens: int) -> dict[str, Any]:
        """The parameters of a request besides its model and messages."""
        found: dict[str, Any] = {"stream": True, self.tokens: max_tokens}
        if self.temperature:
            found["temperature"] = 0
        if self.usage:
            found["stream_options"] = {"include_usage": True}
        if schema is not None and self.format == "json_schema":
            wanted = {"name": "answer", "strict": True, "schema": dict(schema)}
            found["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif schema is not None and self.format == "json_object":
            found["response_format"] = {"type": "json_object"}
        return found

    def without(self, objection: str) -> Dialect | None:
        """A smaller dialect for an endpoint that objects in these words, or None when there is nothing to leave out."""
        said = objection.lower()
        if self.format != "none" and any(word in said for word in _FORMAT):
            return replace(self, format="json_object" if self.format == "json_schema" else "none")
        if self.tokens == "max_tokens" and "max_completion_tokens" in said:
            return replace(self, tokens="max_completion_tokens")
        if self.usage and ("stream_options" in said or "include_usage" in said):
            return replace(self, usage=False)
        if self.temperature and "temperature" in said:
            return replace(self, temperature=False)
        return None
