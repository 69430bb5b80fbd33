"""The assistant as a server of the Model Context Protocol, for programs that bring their own dialogue.

The only importer of mcp. Its tools and resources only read; nothing that is asked here is kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field
from starlette.types import ASGIApp

from verbind_bot import __version__
from verbind_bot.channels.mcp_results import (
    AnswerResult,
    FoundPassage,
    FoundPassages,
    answer_text,
    found,
    passage_text,
    passages_text,
)
from verbind_bot.channels.telemetry import origin
from verbind_bot.channels.telemetry.answers import answered
from verbind_bot.channels.telemetry.lines import event
from verbind_bot.errors import VerbindError
from verbind_bot.parts import Parts
from verbind_bot.prompts import SOURCE_NAME
from verbind_bot.types import Source

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R", bound=BaseModel)
SECTIONS = "verbind://onderdelen"
_THREADS = 4
_MAX_BODY = 256 * 1024
_INSTRUCTIONS = (
    f"Vragen over het verbinden van school en wijk, uit de {SOURCE_NAME} en de werken waar de notitie naar verwijst. "
    "Gebruik 'ask' voor een antwoord waarin elke zin zijn bron noemt, 'search' om passages te zoeken en 'passage' om "
    "er een te lezen. Staat iets niet in de bronnen, dan zegt het antwoord dat. Stuur geen persoonsgegevens mee."
)
_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


class Desk:
    """Does the tools' work: in threads, since the assistant is synchronous, and with errors as results."""

    def __init__(self, parts: Callable[[], Parts]) -> None:
        """`parts` gives the assistant and may take as long as loading does; it raises VerbindError when that fails."""
        self._parts = parts
        self._limiter: CapacityLimiter | None = None

    async def tool(self, name: str, work: Callable[[Parts], R], show: Callable[[R, Parts], str]) -> CallToolResult:
        """What a tool gives back: text for people and data for programs, or an error that says what to do."""
        started, failure = time.perf_counter(), None
        number = origin.begin()
        try:
            return await self.run(lambda parts: _result(work(parts), parts, show))
        except VerbindError as error:
            failure = type(error).__name__
            return _refused(str(error))
        except Exception as error:
            failure = type(error).__name__
            log.error("tool failed", exc_info=error)
            return _refused(f"Er ging iets mis. Probeer het opnieuw. Blijft het zo, noem dan nummer {number}.")
        finally:
            event(log, "mcp", tool=name, ms=round((time.perf_counter() - started) * 1000, 1), error=failure)

    async def run(self, work: Callable[[Parts], T]) -> T:
        """Do synchronous work in a thread, with the assistant."""
        self._limiter = self._limiter or CapacityLimiter(_THREADS)
        return await to_thread.run_sync(lambda: work(self._parts()), limiter=self._limiter)


def create_server(parts: Callable[[], Parts]) -> MCPServer[Any]:
    """The server over the assistant that `parts` gives, once it is loaded."""
    server: MCPServer[Any] = MCPServer(
        "verbind-bot", title="verbind-bot", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING"
    )
    desk = Desk(parts)
    _add_tools(server, desk)
    _add_sections(server, desk)
    return server


def http_app(server: MCPServer[Any], host: str) -> ASGIApp:
    """The server over streamable HTTP at `/mcp`, for programs on this machine; pages of other sites are refused."""
    return server.streamable_http_app(host=host, stateless_http=True, max_request_body_size=_MAX_BODY)


def _add_tools(server: MCPServer[Any], desk: Desk) -> None:
    @server.tool(title="Stel een vraag", annotations=_READS)
    async def ask(
        question: Annotated[str, Field(description="De vraag, in gewoon Nederlands")],
        history: Annotated[tuple[str, ...], Field(description="Eerdere vragen van dit gesprek, oudste eerst")] = (),
    ) -> Annotated[CallToolResult, AnswerResult]:
        """Geeft een antwoord uit de bronnen, met bij elke zin zijn bron en het letterlijke citaat."""
        return await desk.tool(
            "ask", lambda parts: _ask(parts, question, history), lambda it, parts: answer_text(it.root, parts)
        )

    @server.tool(title="Zoek passages", annotations=_READS)
    async def search(
        text: Annotated[str, Field(description="Waar je passages over zoekt")],
        limit: Annotated[int, Field(description="Hoeveel passages", ge=1, le=20)] = 5,
    ) -> Annotated[CallToolResult, FoundPassages]:
        """Zoekt de passages in de bronnen die het best passen, met hun vindplaats en score."""
        return await desk.tool("search", lambda parts: _search(parts, text, limit), lambda it, _: passages_text(it))

    @server.tool(title="Lees een passage", annotations=_READS)
    async def passage(
        passage_id: Annotated[str, Field(description="Het id uit een antwoord of een zoekresultaat", max_length=300)],
    ) -> Annotated[CallToolResult, FoundPassage]:
        """Geeft één passage met haar hele tekst en vindplaats."""
        return await desk.tool("passage", lambda parts: _passage(parts, passage_id), lambda it, _: passage_text(it))


def _add_sections(server: MCPServer[Any], desk: Desk) -> None:
    @server.resource(SECTIONS, title="Onderdelen", description="De onderdelen van de notitie", mime_type="text/plain")
    async def sections() -> str:
        return await desk.run(_sections)

    @server.resource(
        SECTIONS + "/{locator}",
        title="Onderdeel",
        description="De tekst van één onderdeel, bijvoorbeeld 2.2 of bijlage-1",
        mime_type="text/markdown",
    )
    async def section(locator: str) -> str:
        return await desk.run(lambda parts: _section(parts, locator))


def _ask(parts: Parts, question: str, history: tuple[str, ...]) -> AnswerResult:
    return AnswerResult(answered(parts.assistant.ask(question, history=history), "mcp"))


def _search(parts: Parts, text: str, limit: int) -> FoundPassages:
    return FoundPassages(passages=[found(match.passage, match) for match in parts.assistant.search(text, limit)])


def _passage(parts: Parts, passage_id: str) -> FoundPassage:
    if passage := parts.corpus.by_id.get(passage_id):
        return found(passage)
    raise VerbindError("Deze passage bestaat niet (meer). Zoek haar opnieuw op met 'search'.")


def _sections(parts: Parts) -> str:
    return "\n".join(f"{SECTIONS}/{section.locator} {section.title}" for section in parts.corpus.sections)


def _section(parts: Parts, locator: str) -> str:
    texts = [
        f"## {passage.heading}\n\n{passage.text}"
        for passage in parts.corpus.passages
        if passage.locator == locator and passage.source is Source.NOTE
    ]
    if not texts:
        raise ResourceNotFoundError(f"Dit onderdeel staat niet in de bronnen. In {SECTIONS} staat wat er wel is.")
    return "\n\n".join(texts)


def _result(given: R, parts: Parts, show: Callable[[R, Parts], str]) -> CallToolResult:
    text = TextContent(type="text", text=show(given, parts))
    return CallToolResult(content=[text], structured_content=given.model_dump(mode="json"))


def _refused(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
