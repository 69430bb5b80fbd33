"""The terminal: `verbind-bot`. Heavy parts are imported only by the commands that need them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.console import Console

from verbind_bot.channels.dialogue import flow
from verbind_bot.channels.evaluating import evaluate
from verbind_bot.channels.progress import progress_bar
from verbind_bot.errors import QuestionError, VerbindError
from verbind_bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

app = typer.Typer(
    help="Chatassistent over de NJi-notitie over het verbinden van school en wijk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("eval")(evaluate)
app.command()(flow)
_out = Console(highlight=False, soft_wrap=False)
_err = Console(stderr=True, highlight=False)


def main() -> None:
    """Run the command line; an error that a user may see is printed in one message, with exit code 1."""
    try:
        app()
    except VerbindError as error:
        _err.print(f"Fout: {error}", style="red", markup=False)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _parts(settings: Settings, rebuild: bool = False) -> Parts:
    from verbind_bot.bootstrap import build

    with progress_bar("Index maken") as progress:
        return build(settings, progress, rebuild)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="De vraag, tussen aanhalingstekens.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Druk één Answer-object af.")] = False,
    batch: Annotated[Path | None, typer.Option(help="JSON Lines met id, question en history.")] = None,
    out: Annotated[Path | None, typer.Option(help="Waar de antwoorden van --batch komen.")] = None,
) -> None:
    """Beantwoord een vraag met bronnen, of een bestand met vragen."""
    settings = load_settings()
    if (question is None) == (batch is None):
        raise QuestionError(
            "Geef een vraag tussen aanhalingstekens, of een bestand met --batch. Bijvoorbeeld: "
            'verbind-bot ask "Wat is een netwerkschool?"'
        )
    if batch is not None:
        from verbind_bot.channels.batch import answer_batch, read_batch

        records = read_batch(batch)
        assistant = _parts(settings).assistant
        with _writer(out) as target:
            answer_batch(assistant, records, target)
        return
    parts = _parts(settings)
    answer = parts.assistant.ask(question or "", history=())
    if as_json:
        from verbind_bot.channels.rendering import answer_object

        _print_json(answer_object(answer), sys.stdout)
    else:
        _print_answer(answer, parts)


@contextmanager
def _writer(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            yield file


def _print_json(value: object, target: TextIO) -> None:
    target.write(json.dumps(value, ensure_ascii=False) + "\n")


def _print_answer(answer: Any, parts: Parts) -> None:
    from rich.markdown import Markdown
    from rich.padding import Padding

    from verbind_bot.channels.rendering import source_line

    _out.print(Markdown(answer.text))
    if answer.citations:
        _out.print("\nBronnen", style="bold")
    for citation in answer.citations:
        _out.print(f"[{citation.n}] {source_line(citation, parts.corpus.references)}", markup=False)
        _out.print(Padding(citation.quote, (0, 0, 0, 4)), style="dim", markup=False)
    if answer.follow_ups:
        _out.print("\nVraag verder", style="bold")
        for follow_up in answer.follow_ups:
            _out.print(f"- {follow_up}", markup=False)


@app.command()
def passages() -> None:
    """Druk elke passage af als regel van een BEIR-corpus (JSON Lines)."""
    from verbind_bot.bootstrap import read_corpus
    from verbind_bot.channels.rendering import beir_line

    for passage in read_corpus(load_settings()).passages:
        _print_json(beir_line(passage), sys.stdout)


@app.command()
def ingest(
    files: Annotated[list[Path] | None, typer.Argument(help="Tekst of Markdown, bijvoorbeeld de notitie zelf.")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Gooi de index weg en maak hem opnieuw.")] = False,
) -> None:
    """Neem bestanden op in het corpus en werk de index bij."""
    from verbind_bot.bootstrap import add_source

    settings = load_settings()
    for file in files or []:
        added = add_source(settings, file)
        _out.print(f"{file.name}: {len(added)} passages", markup=False)
    parts = _parts(settings, rebuild)
    _out.print(f"De index is bij: {len(parts.corpus.passages)} passages, {parts.index.vectors.count()} vectoren.")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Adres (VERBIND_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Poort (VERBIND_PORT).")] = None,
) -> None:
    """Start de webpagina en de API."""
    import uvicorn

    from verbind_bot.channels.web.app import create_app

    settings = load_settings()
    address, number = host or settings.host, settings.port if port is None else port
    _err.print(f"verbind-bot luistert op http://{address}:{number}", markup=False)
    uvicorn.run(
        create_app(settings),
        host=address,
        port=number,
        log_level="warning",
        timeout_graceful_shutdown=20,
        forwarded_allow_ips=settings.trusted_proxies,
    )


@app.command()
def slack() -> None:
    """Verbind met Slack via Socket Mode; via HTTP gaat het met 'verbind-bot serve'."""
    from verbind_bot.channels.slack.running import run_socket_mode

    settings = load_settings()
    if not settings.slack_app_token or not settings.slack_bot_token:
        run_socket_mode(settings, lambda: None)  # says which token is missing, before the model is loaded
    parts = _parts(settings)
    _err.print("verbind-bot verbindt met Slack. Stop met Ctrl+C.", markup=False)
    run_socket_mode(settings, lambda: parts)


@app.command()
def doctor(
    slack: Annotated[bool, typer.Option("--slack", help="Controleer ook de koppeling met Slack.")] = False,
) -> None:
    """Controleer of alles werkt, en zeg wat je kunt doen als iets niet werkt."""
    from verbind_bot.channels.doctor import run_checks

    settings = load_settings()
    failed = 0
    checks = run_checks(settings)
    if slack:
        from verbind_bot.channels.slack.checking import slack_checks

        checks = slack_checks(settings)
    for check in checks:
        mark, style = ("goed", "green") if check.ok else ("FOUT", "red")
        _out.print(f"{mark}  ", style=style, end="")
        _out.print(f"{check.name}: {check.detail}", markup=False)
        if not check.ok:
            _out.print(f"      Doe dit: {check.remedy}", markup=False)
            failed += 1
    if failed:
        raise typer.Exit(1)
