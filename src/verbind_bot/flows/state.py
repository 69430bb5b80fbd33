"""How far one person is in a flow: frozen, and readable back from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from verbind_bot.flows.model import Value


@dataclass(frozen=True, slots=True)
class State:
    """Every answer that was given, also to steps that are hidden now, so that none is ever lost.

    `answers` maps steps to values, None for "weet ik nog niet". `at` is the step that the user went
    back to; without it the first open step is asked. `origins` says where a value came from that
    the user did not type. `earlier` holds what was given before a restart or a skip.
    """

    flow: str
    flow_version: str
    answers: Mapping[str, Value | None] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    at: str | None = None
    paused: bool = False
    origins: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, Value | None] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The state as plain data (JSON makes lists of tuples)."""
        return {
            "flow": self.flow,
            "flow_version": self.flow_version,
            "answers": dict(self.answers),
            "skipped": sorted(self.skipped),
            "at": self.at,
            "paused": self.paused,
            "origins": dict(self.origins),
            "earlier": dict(self.earlier),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        """The state that `to_json` gave."""
        known = {name: _values(data[name]) for name in ("answers", "earlier")}
        return cls(**{**data, **known, "skipped": frozenset(data["skipped"])})


def _values(data: Mapping[str, Any]) -> dict[str, Value | None]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
