"""What is told of an answer and of a verdict on one, whatever the channel: a log line, figures and spans, no text."""

from __future__ import annotations

import logging
from typing import Any

from verbind_bot.channels.telemetry.lines import QUESTIONS, event
from verbind_bot.channels.telemetry.tracing import tracing
from verbind_bot.types import Answer

log = logging.getLogger(__name__)


def answered(answer: Answer, channel: str) -> Answer:
    """Tell of an answer that was just given through `channel`, and return it."""
    from verbind_bot.channels.telemetry.metrics import figures

    asked = answer.question if logging.getLogger(QUESTIONS).isEnabledFor(logging.INFO) else None
    event(
        log,
        "answer",
        channel=channel,
        status=answer.status.value,
        mode=answer.mode,
        citations=len(answer.citations),
        ms=answer.timings_ms,
        question=asked,
        **_writing(answer),
    )
    figures().answer(answer, channel)
    if traced := tracing():
        traced.answer(answer, channel)
    return answer


def judged(verdict: str, channel: str) -> None:
    """Tell of a verdict that was kept."""
    from verbind_bot.channels.telemetry.metrics import figures

    event(log, "feedback", channel=channel, verdict=verdict)
    figures().verdict(verdict, channel)


def _writing(answer: Answer) -> dict[str, Any]:
    """What a language model did for the answer; nothing when there was none."""
    if (writing := answer.writing) is None:
        return {}
    return {
        "model": writing.model,
        "tokens": writing.prompt_tokens + writing.completion_tokens,
        "cost_euro": writing.cost,
        "dropped": len(writing.dropped),
        "fallback": writing.fallback,
    }
