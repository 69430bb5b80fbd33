"""A guided dialogue in the terminal: `verbind-bot flow`."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel

from verbind_bot.channels.progress import progress_bar
from verbind_bot.channels.rendering import source_line
from verbind_bot.channels.telemetry.answers import answered
from verbind_bot.errors import ConflictError, InputError, QuestionError, UnknownIntakeError, VerbindError
from verbind_bot.flows.engine import Back, Give, Pause, Restart, Skip
from verbind_bot.flows.view import StepView
from verbind_bot.intakes import Intake, Said
from verbind_bot.settings import Settings, load_settings
from verbind_bot.types import Citation

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

_out = Console(highlight=False)
_OWNER = "eigenaar.txt"
_RESUMED = "Je gaat verder waar je was. Liever opnieuw? Typ /opnieuw, of begin met --new."
_FINISHED = "Deze vragenlijst is klaar. Liever opnieuw? Begin met --new."
_HELP = (
    "Typ het nummer van je keuze (meer dan één: 1,3) of antwoord in je eigen woorden. Of typ: /terug, /overslaan, "
    "/weet-niet, /waarom, /overzicht, /pauze, /opnieuw, /wis, /help. Een vraag die eindigt op een vraagteken "
    "beantwoord ik uit de bronnen."
)


def flow(
    name: Annotated[str | None, typer.Argument(help="De vragenlijst: wijkanalyse, schoolmodel, …")] = None,
    check: Annotated[bool, typer.Option("--check", help="Controleer alle vragenlijsten en stop.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Begin een nieuwe, ook als er nog een open staat.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Schrijf het verslag hierheen (.md, .html, .docx of .pdf).")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="CBS-bestand 'Kerncijfers wijken en buurten'.")] = None,
    area: Annotated[str, typer.Option(help="Naam of code van de wijk of buurt in het CBS-bestand.")] = "",
    year: Annotated[int | None, typer.Option(help="Jaar van de cijfers, als het bestand dat niet zegt.")] = None,
) -> None:
    """Loop een vragenlijst door, of ga verder waar je was; zonder naam zie je welke er zijn."""
    settings = load_settings()
    if check:
        _check(settings)
        return
    if report:
        _refuse_unwritable(report)
    parts = _parts(settings)
    keys = (f"cli:{_owner(settings)}",)
    if name is None:
        _list(parts, keys)
        return
    intake = _open(parts, keys, name, new, done=bool(report or csv))
    if csv:
        figures = parts.intakes.figures(intake.id, keys, _bytes(csv), area, year)
        intake = parts.intakes.fill_in(intake.id, keys, figures)
        _out.print(intake.notice, style="green", markup=False)
    if not (report and not sys.stdin.isatty() and intake.status == "done"):
        intake = Dialogue(parts, keys, intake).run()
    if report:
        _write(parts, keys, intake, report)
    elif intake.status == "done":
        _out.print(f"\nKlaar. Je verslag: verbind-bot flow {name} --report {name}.docx", markup=False)


def _refuse_unwritable(report: Path) -> None:
    """Before all the questions, not after. Raises InputError."""
    from verbind_bot.channels.reports.formats import FORMATS

    if report.suffix.lstrip(".").lower() not in FORMATS:
        raise InputError(f"Kies een naam voor het verslag die eindigt op {', '.join('.' + form for form in FORMATS)}.")
    if not report.absolute().parent.is_dir():
        raise InputError(f"De map {report.absolute().parent} bestaat niet. Maak die eerst, of kies een andere plaats.")


def _parts(settings: Settings) -> Parts:
    from verbind_bot.bootstrap import build

    with progress_bar("Index maken") as progress:
        return build(settings, progress)


def _check(settings: Settings) -> None:
    """Lint every flow. Exits with 1 when one has a fault."""
    from verbind_bot.bootstrap import FLOWS, read_corpus
    from verbind_bot.flows.linting import lint
    from verbind_bot.flows.loading import load_flows

    flows = load_flows(settings.prompts_dir / FLOWS)
    passages = read_corpus(settings).by_id
    found = False
    for name, each in flows.items():
        faults = lint(each, passages, flows)
        found = found or bool(faults)
        _out.print(f"{name}: {len(each.steps)} stappen, {len(each.rules)} regels, {len(faults)} fouten", markup=False)
        for fault in faults:
            _out.print(f"  - {fault}", style="red", markup=False)
    if found:
        raise typer.Exit(1)


def _owner(settings: Settings) -> str:
    """The key of whoever uses this data folder from the terminal."""
    path = settings.data_dir / _OWNER
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"Het bestand {path} is niet te lezen: {error.strerror}.") from error


def _list(parts: Parts, keys: tuple[str, ...]) -> None:
    for each in parts.intakes.flows.values():
        _out.print(f"[bold]{each.name}[/bold]  {each.summary} (ongeveer {each.minutes} minuten)")
    mine = parts.intakes.mine(keys)
    if mine:
        _out.print("\nVan jou:", style="bold")
    for intake in mine:
        state = "klaar" if intake.status == "done" else f"{intake.view.done} van {intake.view.total} vragen"
        _out.print(f"  {intake.flow.name}, {_here(intake.updated_at):%d-%m-%Y %H:%M}: {state}", markup=False)


def _here(moment: datetime) -> datetime:
    """A stored time, which SQLite gives back without its zone, in the zone of this machine."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone()


def _open(parts: Parts, keys: tuple[str, ...], name: str, new: bool, done: bool) -> Intake:
    """The last intake of this flow when it is not finished, else a new one; `done` takes a finished one too."""
    known = [i for i in parts.intakes.mine(keys) if i.flow.name == name and (done or i.status != "done")]
    if known and not new:
        _out.print(_FINISHED if known[0].status == "done" else _RESUMED, style="dim")
        return known[0]
    return parts.intakes.start(keys, name)


def _write(parts: Parts, keys: tuple[str, ...], intake: Intake, path: Path) -> None:
    from verbind_bot.channels.reports.formats import render

    file = render(parts.intakes.report(intake.id, keys), path.suffix.lstrip(".").lower(), parts.corpus.references)
    path.write_bytes(file.content)
    _out.print(f"Verslag geschreven naar {path}", style="green", markup=False)


class Dialogue:
    """Asks step after step until the flow is done or the user pauses; every answer is kept at once."""

    def __init__(self, parts: Parts, keys: tuple[str, ...], intake: Intake) -> None:
        self._parts = parts
        self._service = parts.intakes
        self._keys = keys
        self._intake = intake
        self._commands: dict[str, Callable[[StepView], bool]] = {
            "/terug": lambda step: self._go(Back()),
            "/overslaan": lambda step: self._go(Skip(step.id)),
            "/weet-niet": lambda step: self._go(Give(step.id, None)),
            "/opnieuw": lambda step: self._go(Restart()),
            "/pauze": lambda step: not self._go(Pause()),
            "/waarom": self._why,
            "/overzicht": self._overview,
            "/wis": self._erase,
            "/help": lambda step: self._say(_HELP),
        }

    def run(self) -> Intake:
        """The intake as it is when the user stops."""
        if not self._intake.view.done:
            _out.print(Panel("\n".join(claim.text for claim in self._intake.flow.intro), title=self._intake.flow.title))
            self._say(_HELP)
        going = True
        while going and (step := self._intake.view.step):
            self._show(step)
            try:
                going = self._take(step, _ask(step).strip())
            except (EOFError, KeyboardInterrupt):
                going = self._leave()
            except ConflictError as error:
                _out.print(str(error), style="red", markup=False)
                self._intake = self._service.get(self._intake.id, self._keys)
            except UnknownIntakeError as error:
                _out.print(str(error), style="red", markup=False)
                going = False
            except VerbindError as error:
                _out.print(str(error), style="red", markup=False)
        return self._intake

    def _leave(self) -> bool:
        """End at the end of the input, also when the intake was changed or removed elsewhere."""
        try:
            self._go(Pause())
        except VerbindError as error:
            _out.print(str(error), style="red", markup=False)
        return False

    def _take(self, step: StepView, text: str) -> bool:
        """Whether the dialogue goes on after this input."""
        if text in self._commands:
            return self._commands[text](step)
        if text.startswith("/"):
            raise InputError(f"Dit ken ik niet: {text[:40]}. {_HELP}")
        if text.endswith("?") and len(text) > 1:
            return self._answer(text)
        if not text:
            raise InputError("Typ een antwoord, of /weet-niet.")
        said = self._service.say(self._intake.id, self._keys, text, self._intake.state_version)
        self._intake = said.intake
        if said.confirm:
            return self._confirm(step, said)
        if said.intake.notice:
            self._say(said.intake.notice)
        return True

    def _confirm(self, step: StepView, said: Said) -> bool:
        """Ask which option is meant; anything else than a number leaves the step open."""
        if step.kind == "multi":
            _out.print(f"Bedoel je: {said.label}? (j/n)", style="yellow", markup=False)
            agreed = _line("> ").strip().lower() in ("j", "ja", "y")
            return self._go(Give(step.id, said.confirm.value)) if agreed and said.confirm else True
        _out.print("Dat weet ik niet zeker. Bedoel je een van deze? Typ het nummer, of n.", style="yellow")
        for number, (_, label) in enumerate(said.choices, 1):
            _out.print(f"  {number}. {label}", markup=False)
        picked = _line("> ").strip()
        if picked.isdigit() and 1 <= int(picked) <= len(said.choices):
            return self._go(Give(step.id, said.choices[int(picked) - 1][0]))
        return True

    def _go(self, move: Back | Skip | Give | Restart | Pause) -> bool:
        self._intake = self._service.move(self._intake.id, self._keys, move, self._intake.state_version)
        return self._say(self._intake.notice)

    def _say(self, text: str) -> bool:
        if text:
            _out.print(text, style="dim", markup=False)
        return True

    def _show(self, step: StepView) -> None:
        shown = self._intake.view
        _out.print(f"\nVraag {shown.position} van {shown.total}", style="dim")
        _out.print(step.question, style="bold", markup=False)
        if step.help:
            _out.print(step.help, style="dim", markup=False)
        for number, (_, label) in enumerate(step.options, 1):
            _out.print(f"  {number}. {label}", markup=False)
        for point, label in sorted(step.labels.items()):
            _out.print(f"  {point} = {label}", markup=False)

    def _why(self, step: StepView) -> bool:
        marks = "".join(f"[{n}]" for n in step.why.citations)
        _out.print(f"{step.why.text} {marks}", markup=False)
        for citation in self._intake.view.citations:
            _out.print(f"{self._source(citation)}: {citation.quote}", style="dim", markup=False)
        return True

    def _source(self, citation: Citation) -> str:
        return f"[{citation.n}] {source_line(citation, self._parts.corpus.references)}"

    def _overview(self, _: StepView) -> bool:
        for given in self._intake.view.answers:
            origin = f" (bron: {given.origin})" if given.origin else ""
            _out.print(f"  {given.short}: {given.label}{origin}", markup=False)
        return True

    def _erase(self, _: StepView) -> bool:
        _out.print("Alles van deze vragenlijst verwijderen? Je kunt dit niet terugdraaien. (j/n)", style="yellow")
        if _line("> ").strip().lower() not in ("j", "ja", "y"):
            return True
        self._service.delete(self._intake.id, self._keys)
        _out.print("Verwijderd.")
        raise typer.Exit(0)

    def _answer(self, question: str) -> bool:
        """Answer a question halfway; the step is asked again after it."""
        try:
            answer = answered(
                self._parts.assistant.ask(question, conversation_id=f"intake-{self._intake.id}"[:64]), "cli"
            )
        except QuestionError as error:
            return self._say(str(error))
        _out.print(Markdown(answer.text))
        for citation in answer.citations:
            _out.print(self._source(citation), style="dim", markup=False)
        return True


def _ask(step: StepView) -> str:
    """What the user types or, in a real terminal, picks with the arrow keys.

    Raises EOFError and KeyboardInterrupt when the user stops, InputError for what is no text.
    """
    if not sys.stdin.isatty() or step.kind not in ("single", "scale"):
        return _line("> ")
    import questionary

    names = [label for _, label in step.options] or [
        str(n) for n in range(int(step.minimum or 0), int(step.maximum or 0) + 1)
    ]
    own = "(typ zelf: antwoord, vraag of /terug)"
    picked = questionary.select("Kies met de pijltjes", [*names, "weet ik nog niet", own]).unsafe_ask()
    return _line("> ") if picked == own else str(picked)


def _line(prompt: str) -> str:
    _out.print(prompt, end="", style="bold")
    line = sys.stdin.buffer.readline()  # bytes: a line that is no text does not take the next ones with it
    if not line:
        raise EOFError
    try:
        return line.decode(sys.stdin.encoding).rstrip("\n")
    except UnicodeDecodeError as error:
        raise InputError(
            f"Ik kan deze regel niet lezen: de tekens zijn geen {sys.stdin.encoding.upper()}. Typ je antwoord opnieuw, "
            "of sla je bestand op met die codering."
        ) from error
