"""The page of an intake: everything that it shows, from the intake and the form as it was sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi.responses import HTMLResponse
from markupsafe import Markup

from verbind_bot.channels.rendering import source_line
from verbind_bot.channels.web.intake_forms import Filled, before, elsewhere
from verbind_bot.channels.web.interface import site_of
from verbind_bot.channels.web.turns import citation_link
from verbind_bot.channels.web.visits import Visit
from verbind_bot.flows.sources import Citations
from verbind_bot.intakes import Intake, Said
from verbind_bot.types import Citation


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of an intake shows besides the intake itself."""

    typed: Filled | None = None
    error: Markup | str = ""
    changed: tuple[str, ...] | None = None
    said: Said | None = None
    extra: dict[str, Any] = field(default_factory=dict)


async def intake_page(visit: Visit, intake_id: str, shown: Shown, status: int = 200) -> HTMLResponse:
    """The open step with what was filled in, or the end. Raises UnknownIntakeError."""
    intake = await visit.intake(intake_id)
    step, typed = intake.view.step, shown.typed
    here = bool(step and typed and typed.step == step.id)
    values: dict[str, Any] = {
        "intake": intake,
        "stap": step,
        "ingevuld": typed if here and typed else before(intake),
        "elders": elsewhere(intake, typed) if typed and not here and shown.changed is not None else None,
        "ingestuurd": typed,
        "vraag": typed.vraag if typed else "",
        "fout": shown.error,
        "veranderd": shown.changed,
        "gezegd": shown.said,
        "link": await _invitation(visit, intake),
        "cijfers": any(s.figures for s in intake.flow.steps),
        "inleiding": _intro(visit, intake),
        "waarom": [c for c in intake.view.citations if step and c.n in step.why.citations],
        "references": visit.parts.corpus.references,
        "source_line": source_line,
        "adres_van": partial(citation_link, visit.parts.corpus),
    }
    return visit.page("intake.html", status, **{**values, **shown.extra})


async def _invitation(visit: Visit, intake: Intake) -> str:
    """The link with which others join the scan; empty when it is not shared."""
    if not intake.shared:
        return ""
    token = await visit.run(lambda service: service.share(intake.id, visit.keys))
    return f"{site_of(visit.request)}scan/{token}"


def _intro(visit: Visit, intake: Intake) -> list[tuple[str, list[Citation]]]:
    """What the flow says first, each claim with its sources; nothing once somebody has begun."""
    if intake.view.done or intake.view.position != 1:
        return []
    found = Citations(visit.parts.corpus.by_id)
    said = [found.sentence(claim) for claim in intake.flow.intro]
    return [(s.text, [c for c in found.all if c.n in s.citations]) for s in said]
