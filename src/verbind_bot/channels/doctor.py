"""Checks of everything that the assistant needs, each with what to do when it fails."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from verbind_bot.errors import VerbindError
from verbind_bot.settings import Settings

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
_WITHOUT_JUDGE = "Zonder beoordelaar kiezen alleen de regels welke zinnen blijven. Die laten meer zinnen weg."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def run_checks(settings: Settings) -> Iterator[Check]:
    """Check Python, writing, corpus, prompts, database, model, index, what else is set, and port, in that order."""
    yield _python()
    yield _guard("Schrijven", lambda: _writable(settings), "Kies met VERBIND_DATA_DIR een map waar je mag schrijven.")
    yield _guard("Corpus", lambda: _corpus(settings), "Herstel het bestand dat genoemd wordt, of VERBIND_CORPUS_DIR.")
    yield _guard("Sjablonen", lambda: _prompts(settings), "Zet het sjabloon terug, of controleer VERBIND_PROMPTS_DIR.")
    yield _guard("Database", lambda: _database(settings), "Controleer VERBIND_DATABASE_URL en de schijf.")
    yield _guard(
        "Model", lambda: _model(settings), "Draai 'make setup' opnieuw, of controleer VERBIND_EMBEDDING_MODEL."
    )
    yield _guard("Index", lambda: _index(settings), "Draai 'verbind-bot ingest --rebuild'.")
    yield from _besides(settings)
    yield _guard("Poort", lambda: _port(settings), "Stop het andere programma, of kies een andere VERBIND_PORT.")


def _besides(settings: Settings) -> Iterator[Check]:
    """Check what is set and need not be: a language model, the log, figures, traces."""
    if settings.llm_base_url:
        yield _guard(
            "Taalmodel", lambda: _language_model(settings), "Zie docs/llm.md. Zonder taalmodel krijg je ook antwoorden."
        )
        yield _guard("Beoordelaar", lambda: _judge(settings), _WITHOUT_JUDGE)
    if {"log_format", "log_level", "log_questions"} & settings.model_fields_set:
        yield Check("Log", True, _log(settings))
    if settings.admin_token or MULTIPROCESS in os.environ:
        yield _guard("Cijfers", lambda: _metrics(settings), f"Maak de map van {MULTIPROCESS}, of haal die weg.")
    if settings.otel_endpoint:
        yield _guard("Traces", lambda: _traces(settings), "Start de collector, of controleer VERBIND_OTEL_ENDPOINT.")


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), version, "Installeer Python 3.11 of nieuwer.")


def _guard(name: str, look: Callable[[], str], remedy: str) -> Check:
    try:
        return Check(name, True, look())
    except (VerbindError, OSError, ImportError) as error:
        return Check(name, False, str(error), remedy)


def _writable(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.data_dir) as file:
        file.write(b"x")
    free = os.statvfs(settings.data_dir)
    return f"{settings.data_dir} ({free.f_bavail * free.f_frsize // 2**20} MB vrij)"


def _corpus(settings: Settings) -> str:
    from verbind_bot.bootstrap import read_corpus

    corpus = read_corpus(settings)
    return f"{len(corpus.passages)} passages uit {settings.corpus_dir}"


def _prompts(settings: Settings) -> str:
    from verbind_bot.prompts import Prompts

    return f"{settings.prompts_dir}, {len(Prompts(settings.prompts_dir).phrases())} soorten praatjes"


def _database(settings: Settings) -> str:
    from verbind_bot.storage.database import open_database

    return f"{open_database(settings.resolved_database_url).dialect.name} werkt"


def _model(settings: Settings) -> str:
    from verbind_bot.index.embedding import load_embedder

    embedder = load_embedder(settings.embedding_model, str(settings.data_dir / "models"))
    return f"{embedder.name}, {embedder.dimension} getallen"


def _index(settings: Settings) -> str:
    from verbind_bot.bootstrap import build

    parts = build(settings)
    pinned = "; vastgezet op een eerdere versie, tot de volgende 'verbind-bot ingest'" if parts.index.pinned else ""
    return f"{parts.index.vectors.count()} vectoren in {settings.chroma_url or settings.index_dir}{pinned}"


def _language_model(settings: Settings) -> str:
    from verbind_bot.bootstrap import language_model
    from verbind_bot.llm.types import Message

    model = language_model(settings)
    if model is None:
        return "geen"
    with model.stream([Message("user", "Zeg: goed.")], max_tokens=50) as words:
        "".join(words)
    return f"{model.model}, eerste woord na {words.usage.first_token_ms:.0f} ms"


def _judge(settings: Settings) -> str:
    from verbind_bot.index.entailment import ENTAILMENT, Entailment
    from verbind_bot.index.gemma_package import weight_files

    judge = Entailment.load(settings.corpus_dir / ENTAILMENT)
    if judge is None:
        if (settings.corpus_dir / ENTAILMENT).is_file():
            weight_files()
        return "geen bij dit corpus; alleen de regels kiezen"
    judge.ready()
    return f"leerde van {len(judge.passages)} passages"


def _log(settings: Settings) -> str:
    questions = "met gemaskeerde vragen" if settings.log_questions else "zonder vragen"
    return f"{settings.log_format}, vanaf {settings.log_level}, {questions}"


def _metrics(settings: Settings) -> str:
    folder = os.environ.get(MULTIPROCESS)
    if folder:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    who = "de server zelf en wie VERBIND_ADMIN_TOKEN heeft" if settings.admin_token else "de server zelf"
    return f"/metrics, voor {who}" + (f"; alle processen samen, in {folder}" if folder else "")


def _traces(settings: Settings) -> str:
    address = urlsplit(settings.otel_endpoint or "")
    port = address.port or (443 if address.scheme == "https" else 80)
    with socket.create_connection((address.hostname or "", port), timeout=5):
        return f"naar {address.hostname}:{port}"


def _port(settings: Settings) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and _is_ours(settings.host, settings.port):
                return f"verbind-bot draait hier al, op {settings.host}:{settings.port}"
            raise
    return f"{settings.host}:{settings.port} is vrij"


def _is_ours(host: str, port: int) -> bool:
    """Whether a server of ours answers there: at an upgrade the old one still runs."""
    with closing(HTTPConnection(host, port, timeout=2)) as connection:
        try:
            connection.request("GET", "/healthz")
            return bool(json.loads(connection.getresponse().read(100)) == {"status": "ok"})
        except (OSError, HTTPException, ValueError):
            return False
