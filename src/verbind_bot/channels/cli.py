"""The terminal: `verbind-bot`. Heavy parts are imported only by the commands that need them."""

from __future__ import annotations

import asyncio
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
from verbind_bot.channels.ingesting import ingest
from verbind_bot.channels.keeping import backup, restore
from verbind_bot.channels.progress import progress_bar
from verbind_bot.errors import QuestionError, VerbindError
from verbind_bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

    from verbind_bot.parts import Parts

app = typer.Typer(
    help="Chatassistent over de NJi-notitie over het verbinden van school en wijk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("eval")(evaluate)
app.command()(flow)
app.command()(ingest)
app.command()(backup)
app.command()(restore)
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


def _say(settings: Settings, text: str) -> None:
    """Tell a person at the terminal; in a log for machines every line is an event."""
    if settings.log_format == "text":
        _err.print(text, markup=False)


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
    from verbind_bot.channels.telemetry.answers import answered
    from verbind_bot.channels.telemetry.lines import start_logging
    from verbind_bot.channels.telemetry.origin import begin

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
    begin()
    start_logging(settings, quiet=True)
    parts = _parts(settings)
    answer = answered(parts.assistant.ask(question or "", history=()), "cli")
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
def serve(
    host: Annotated[str | None, typer.Option(help="Adres (VERBIND_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Poort (VERBIND_PORT).")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Aantal processen; voor meer dan 1 is een Chroma-server nodig.")
    ] = 1,
) -> None:
    """Start de webpagina en de API."""
    from verbind_bot.channels.web import serving

    settings = load_settings()
    address, number = host or settings.host, settings.port if port is None else port
    serving.refuse_workers_without_a_server(settings, workers)
    _say(settings, f"verbind-bot luistert op http://{address}:{number}")
    serving.serve(settings, address, number, workers=workers)


@app.command()
def slack() -> None:
    """Verbind met Slack via Socket Mode; via HTTP gaat het met 'verbind-bot serve'."""
    from verbind_bot.channels.slack.installing import oauth_settings
    from verbind_bot.channels.slack.running import run_socket_mode
    from verbind_bot.channels.telemetry.lines import start_logging
    from verbind_bot.channels.telemetry.tracing import start_tracing
    from verbind_bot.channels.web.watching import watched

    settings = load_settings()
    start_logging(settings)
    several = oauth_settings(settings)
    if not settings.slack_app_token or not (settings.slack_bot_token or several):
        run_socket_mode(settings, lambda: None)  # says which token is missing, before the model is loaded
    loader = watched(settings)
    with progress_bar("Index maken") as progress:
        loader.load(progress)
    if several:
        asyncio.run(_make_tables(several))
    loader.start()
    start_tracing(settings)
    _say(settings, "verbind-bot verbindt met Slack. Stop met Ctrl+C.")
    run_socket_mode(settings, loader.parts)


async def _make_tables(oauth: AsyncOAuthSettings) -> None:
    """Make what keeps the tokens of several workspaces; over HTTP the first request of Slack does so."""
    from verbind_bot.channels.slack.installing import Tables

    await Tables(oauth).ready()
    await oauth.installation_store.engine.dispose()  # type: ignore[attr-defined]


@app.command()
def mcp(
    http: Annotated[
        str | None, typer.Option("--http", help="Luister op HOST:POORT van deze machine, in plaats van op stdin.")
    ] = None,
) -> None:
    """Bied de assistent aan programma's aan met het Model Context Protocol (stdio, of HTTP op deze machine)."""
    from verbind_bot.channels import mcp_serving
    from verbind_bot.channels.web.watching import watched

    settings = load_settings()
    place = mcp_serving.place_of(http) if http else None
    if place:
        _say(settings, f"verbind-bot luistert op http://{place[0]}:{place[1]}/mcp")
    mcp_serving.run(settings, watched(settings, holds=False), place)


@app.command()
def doctor(
    slack: Annotated[bool, typer.Option("--slack", help="Controleer de koppeling met Slack.")] = False,
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
