"""A client of Chroma, local or a server, and its errors as ours: the only importer of chromadb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
from chromadb.api.client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings

from verbind_bot.errors import IndexingError, UnavailableError, VerbindError

_ANSWER_SECONDS = 30  # a server that is silent for longer is not there


@dataclass(frozen=True, slots=True)
class Server:
    """A Chroma server; the token goes along as `X-Chroma-Token` and as a bearer token."""

    url: str
    token: str | None = field(default=None, repr=False)
    tenant: str | None = None
    database: str | None = None


@contextmanager
def reaching() -> Iterator[None]:
    """Turn whatever Chroma raises into UnavailableError."""
    try:
        yield
    except VerbindError:
        raise
    except Exception as error:  # bare errors of its Rust core, of SQLite, of httpx
        raise UnavailableError(
            f"De index is nu niet te bereiken ({type(error).__name__}). Probeer het zo opnieuw. Blijft het zo? "
            "Laat de beheerder kijken of de Chroma-server draait, of de map van de index er is, en of "
            "'verbind-bot doctor' iets meldt."
        ) from error


def look_again() -> None:
    """Let what is opened from now on see what other processes wrote; clients that are open keep what they have."""
    SharedSystemClient.clear_system_cache()


def open_client(folder: Path, server: Server | None = None, fresh: bool = False) -> Any:
    """A Chroma client: a local folder, or a server.

    Chroma keeps what it read of a folder, for the whole process: with `fresh`, what another process wrote
    since is seen too. Raises IndexingError when the folder cannot be opened, and its subclass UnavailableError
    when the server does not answer.
    """
    if server is not None:
        return _open_server(server)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if fresh:
            look_again()
        return chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
    except Exception as error:  # Chroma raises bare errors of its Rust core here
        raise IndexingError(
            f"De index op {folder} kan niet geopend worden ({error}). Controleer of de map bestaat, of je er mag "
            "schrijven en of er ruimte is op de schijf."
        ) from error


def _open_server(server: Server) -> Any:
    parts = urlsplit(server.url)
    secure, path = parts.scheme == "https", parts.path.rstrip("/")
    port = parts.port or (443 if secure else 8000)
    host = parts.hostname or "localhost"
    headers = {"X-Chroma-Token": server.token, "Authorization": f"Bearer {server.token}"} if server.token else {}
    places = {key: value for key in ("tenant", "database") if (value := getattr(server, key))}
    try:
        client = chromadb.HttpClient(
            host=f"{parts.scheme}://{host}:{port}{path}" if path else host,
            port=port,
            ssl=secure,
            headers=headers,
            settings=ChromaSettings(anonymized_telemetry=False),
            **places,
        )
        client.heartbeat()
    except Exception as error:  # a ValueError when nobody answers, and errors of httpx
        raise UnavailableError(_advice(f"{parts.scheme}://{host}:{port}{path}", error, bool(server.token))) from error
    session = getattr(getattr(client, "_server", None), "_session", None)
    if session is not None:
        session.timeout = _ANSWER_SECONDS  # Chroma's own client waits for ever
    return client


def _advice(place: str, error: Exception, token: bool) -> str:
    text = " ".join(_causes(error))
    if any(sign in text for sign in ("401", "403", "Unauthorized", "Forbidden", "permission")):
        key = "Controleer VERBIND_CHROMA_TOKEN." if token else "Zet de sleutel van de server in VERBIND_CHROMA_TOKEN."
        return f"De Chroma-server op {place} laat ons niet toe. {key}"
    if "Connect" in text or "Timeout" in text:
        return (
            f"De Chroma-server op {place} antwoordt niet. Controleer of hij draait en of VERBIND_CHROMA_URL klopt. "
            "Start hem bijvoorbeeld met 'chroma run --path MAP --port 8000'."
        )
    return (
        f"Op {place} antwoordt wel een server, maar geen Chroma. Controleer het adres en het pad in "
        "VERBIND_CHROMA_URL; het is bijvoorbeeld http://127.0.0.1:8000."
    )


def _causes(error: BaseException | None) -> Iterator[str]:
    """The kinds and texts of an error and of those that led to it: Chroma hides them in a ValueError."""
    while error is not None:
        hidden = error.__cause__ or error.__context__
        if hidden is None or not isinstance(error, ValueError):
            yield f"{type(error).__name__} {error}"
        error = hidden
