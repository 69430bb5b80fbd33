"""An intake as Slack blocks: the open step with its buttons, the list in App Home, and the report as a message."""

from __future__ import annotations

import json
from collections.abc import Sequence

from verbind_bot.channels.slack.mrkdwn import (
    MESSAGE_BLOCKS,
    OPTION,
    VIEW_BLOCKS,
    Block,
    actions,
    button,
    context,
    cut,
    header,
    label,
    link,
    plain,
    section,
    sections,
    within,
)
from verbind_bot.flows.model import Flow
from verbind_bot.flows.report import Paragraph, Points, Report, Subheading
from verbind_bot.flows.view import StepView
from verbind_bot.intakes import Intake, Said
from verbind_bot.types import CitedSentence

_MANY, _LISTED = 5, 12
_NOT_KNOWN = "Weet ik nog niet"
_FINISHED = (
    "Je hebt alle vragen gehad. Je kunt je verslag ophalen, teruggaan om iets te veranderen, of opnieuw beginnen."
)


def pointer(intake: Intake, step: str = "", value: object = None) -> str:
    """What a button must bring back: the intake, the version that the user saw, and what was chosen."""
    data = {"i": intake.id, "v": intake.state_version, "s": step, "x": value}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def card(intake: Intake, web: bool = False) -> list[Block]:
    """The message of an intake: the open step, or what to do when it is finished."""
    blocks = [header(intake.flow.title)]
    if intake.notice:
        blocks.append(context(f":information_source: {plain(intake.notice)}"))
    step = intake.view.step
    blocks += _done(intake) if step is None else _step(intake, step)
    row = [button("Overzicht", "overzicht", pointer(intake))]
    if step is not None:
        row = [*_moves(intake, step), *row]
    if web:
        row.append(button("Verder op de webpagina", "naar_web", pointer(intake)))
    return within([*blocks, actions(row)], MESSAGE_BLOCKS, "Er past niet meer in dit bericht.")


def _step(intake: Intake, step: StepView) -> list[Block]:
    shown = intake.view
    blocks = [
        context(f"Vraag {shown.position} van {shown.total}" + (" · gepauzeerd" if intake.paused else "")),
        section(f"*{plain(step.question)}*"),
    ]
    if step.help:
        blocks.append(context(plain(step.help)))
    if step.labels:
        blocks.append(context(", ".join(f"{point} = {plain(name)}" for point, name in sorted(step.labels.items()))))
    blocks.append(_input(intake, step))
    blocks.append(context("Je mag ook in je eigen woorden antwoorden, of iets vragen, in de thread hieronder."))
    return blocks


def _input(intake: Intake, step: StepView) -> Block:
    """The elements with which this kind of step is answered."""
    if step.kind == "scale":
        points = range(int(step.minimum or 0), int(step.maximum or 0) + 1)
        return actions([button(str(n), f"kies_{n}", pointer(intake, step.id, n)) for n in points])
    if step.kind in ("number", "text"):
        return actions([button("Typ je antwoord", "typ", pointer(intake, step.id), "primary")])
    if step.kind == "multi":
        boxes = {"type": "checkboxes", "action_id": "vinkjes", "options": _options(step)[:10]}
        ready = button("Verder", "klaar", pointer(intake, step.id), "primary")
        return actions([boxes, ready], block_id=f"stap|{intake.id}|{intake.state_version}")
    if len(step.options) <= _MANY:
        row = [button(text, f"kies_{name}", pointer(intake, step.id, name)) for name, text in step.options]
        return actions(row)
    menu = {"type": "static_select", "action_id": "menu", "placeholder": label("Kies", 75), "options": _options(step)}
    return actions([menu], block_id=f"menu|{pointer(intake, step.id)}")


def _options(step: StepView) -> list[Block]:
    return [{"text": label(text, OPTION), "value": name} for name, text in step.options[:100]]


def _moves(intake: Intake, step: StepView) -> list[Block]:
    row = [button(_NOT_KNOWN, "weet_niet", pointer(intake, step.id))]
    if intake.view.can_go_back:
        row.append(button("Terug", "terug", pointer(intake)))
    if not step.required:
        row.append(button("Overslaan", "overslaan", pointer(intake, step.id)))
    return [*row, button("Waarom vraag je dit?", "waarom", pointer(intake)), button("Pauze", "pauze", pointer(intake))]


def _done(intake: Intake) -> list[Block]:
    return [
        section(_FINISHED),
        actions(
            [
                *reports(intake),
                button("Terug", "terug", pointer(intake)),
                button("Begin opnieuw", "opnieuw", pointer(intake)),
            ]
        ),
    ]


def reports(intake: Intake) -> list[Block]:
    """The buttons that give the report."""
    return [
        button("Verslag als Word", "verslag_docx", pointer(intake), "primary"),
        button("Verslag als PDF", "verslag_pdf", pointer(intake)),
    ]


def why(intake: Intake) -> list[Block]:
    """Why the open step is asked, with the quotes behind it."""
    step = intake.view.step
    if step is None:
        return [section("Er is geen open vraag meer.")]
    said = [section(f"*{plain(step.short)}*: {_cited(step.why)}")]
    quotes = [f"[{c.n}] {plain(c.locator)} {plain(c.title)}: “{plain(c.quote)}”" for c in intake.view.citations]
    return [*said, *[context(text) for text in quotes]]


def overview(intake: Intake) -> list[Block]:
    """What was answered so far, each with a button to change it."""
    rows = []
    for given in intake.view.answers[: MESSAGE_BLOCKS - 2]:
        origin = f" _(bron: {plain(given.origin)})_" if given.origin else ""
        text = f"*{plain(given.short)}*: {plain(cut(given.label, 600))}{origin}"
        rows.append(section(text, button("Wijzig", f"wijzig_{given.step}", pointer(intake, given.step))))
    return rows or [section("Er is nog niets ingevuld.")]


def confirm(said: Said, step: str) -> list[Block]:
    """The options that a free answer may mean."""
    if said.confirm is not None and isinstance(said.confirm.value, tuple):
        choices = [(list(said.confirm.value), said.label)]
    else:
        choices = [(name, text) for name, text in said.choices]  # type: ignore[misc]
    row = [button(text, f"kies_{n}", pointer(said.intake, step, v)) for n, (v, text) in enumerate(choices)]
    return [section("Dat weet ik niet zeker. Bedoel je dit? Klopt het niet, kies dan hierboven."), actions(row)]


def home(flows: Sequence[Flow], mine: Sequence[Intake], url: str | None) -> Block:
    """App Home: what one can do, and one's own intakes."""
    blocks = [header("Vragen over school en wijk"), section(_WELCOME)]
    blocks.append(header("Begin een vragenlijst"))
    blocks += [
        section(
            f"*{plain(f.title)}* (ongeveer {f.minutes} minuten)\n{plain(f.summary)}",
            button("Begin", f"begin_{f.name}", f.name),
        )
        for f in flows
    ]
    blocks.append(header("Jouw vragenlijsten"))
    for intake in mine[:_LISTED]:
        blocks += _listed(intake)
    if not mine:
        blocks.append(context("Je hebt nog geen vragenlijst ingevuld."))
    if url:
        blocks.append(actions([link("Open de webpagina", url, "web")]))
    return {"type": "home", "blocks": within(blocks, VIEW_BLOCKS, "Er past niet meer op deze pagina.")}


_WELCOME = (
    "Stel je vraag in een bericht aan mij, noem mij in een kanaal, of typ `/verbind vraag …`. Elke zin van mijn "
    "antwoord noemt zijn bron. Noem geen namen van leerlingen of ouders."
)


def _listed(intake: Intake) -> list[Block]:
    state = "klaar" if intake.status == "done" else f"{intake.view.done} van {intake.view.total} vragen"
    sure = {
        "title": label("Verwijderen?", 100),
        "text": label("Alles van deze vragenlijst gaat weg. Je kunt dit niet terugdraaien.", 300),
        "confirm": label("Verwijder", 30),
        "deny": label("Bewaar", 30),
    }
    return [
        section(f"*{plain(intake.flow.title)}* · {state} · laatst veranderd op {intake.updated_at:%d-%m-%Y}"),
        actions(
            [
                button("Ga verder", "verder", pointer(intake), "primary"),
                *[{k: v for k, v in b.items() if k != "style"} for b in reports(intake)],
                button("Verwijder", "verwijder", pointer(intake), "danger", confirm=sure),
            ]
        ),
    ]


def typing(intake: Intake, step: StepView, place: str) -> Block:
    """The modal in which a text or a number is typed; `place` is the message that must show the next step."""
    element: Block = {"type": "plain_text_input", "action_id": "tekst", "multiline": step.kind == "text"}
    if step.kind == "text":
        element["max_length"] = 3000
    if isinstance(step.value, str | int | float):
        element["initial_value"] = str(step.value)[:3000]
    block: Block = {"type": "input", "block_id": "antwoord", "label": label(step.question, 2000), "element": element}
    if step.help:
        block["hint"] = label(step.help, 2000)
    return {
        "type": "modal",
        "callback_id": "getypt",
        "title": label(step.short, 24),
        "submit": label("Verder", 24),
        "close": label("Annuleren", 24),
        "private_metadata": json.dumps({"p": pointer(intake, step.id), "at": place}),
        "blocks": [block],
    }


def report_blocks(report: Report, url: str | None) -> list[Block]:
    """The conclusions of a report as one message; the whole is in the file."""
    blocks = [header(report.title)]
    for part in report.sections:
        texts = [text for block in part.blocks for text in _lines(block)]
        if any(isinstance(block, Points) for block in part.blocks):
            blocks += [header(part.title), *sections(texts)]
    more = "Het hele verslag met alle bronnen staat in het bestand" + (f" en op <{url}|de webpagina>." if url else ".")
    return within([*blocks, context(more)], MESSAGE_BLOCKS, more)


def _lines(block: object) -> list[str]:
    if isinstance(block, Points):
        return [f"• {_cited(point.sentence)}" for point in block.items]
    if isinstance(block, Subheading):
        return [f"*{plain(block.text)}*"]
    return [_cited(block.sentence)] if isinstance(block, Paragraph) else []


def _cited(sentence: CitedSentence) -> str:
    return f"{plain(sentence.text)} {''.join(f'[{n}]' for n in sentence.citations)}".rstrip()
