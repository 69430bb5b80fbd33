"""A call of the intakes' API: whose it is, to which intake, and moves that may come too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response

from verbind_bot.channels.rendering import intake_object
from verbind_bot.channels.web.api import Loading
from verbind_bot.channels.web.owners import Owners
from verbind_bot.channels.web.problems import problem
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.errors import ConflictError
from verbind_bot.flows.engine import Move
from verbind_bot.intakes import Intake, Intakes
from verbind_bot.parts import Parts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caller:
    """A request with the loaded parts and the keys that it shows."""

    request: Request
    parts: Parts

    @property
    def owners(self) -> Owners:
        """Who may open what, with the key of this installation."""
        return Owners(self.parts.cookie_key)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that the request shows."""
        return self.owners.keys(self.request)

    async def run(self, work: Callable[[Intakes], T]) -> T:
        """Do synchronous work with the intakes."""
        return await in_thread(self.request, lambda: work(self.parts.intakes))


def caller_of(request: Request, loader: Loading) -> Caller:
    """Who calls, over the parts of this server."""
    return Caller(request, loader.parts())


Calling = Annotated[Caller, Depends(caller_of)]


@dataclass(frozen=True, slots=True)
class IntakeCall:
    """A call about one intake; it opens to its owner only."""

    id: str
    caller: Caller

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that the request shows."""
        return self.caller.keys

    async def run(self, work: Callable[[Intakes], T]) -> T:
        """Do synchronous work with the intakes."""
        return await self.caller.run(work)

    async def intake(self) -> Intake:
        """The intake as it is. Raises UnknownIntakeError."""
        return await self.run(lambda service: service.get(self.id, self.keys))

    async def move(self, move: Move, seen: int | None) -> Response:
        """Make a move that followed from version `seen`; 409 when that is not current any more."""
        try:
            moved = await self.run(lambda service: service.move(self.id, self.keys, move, seen))
        except ConflictError as error:
            return await self.stale(error, seen)
        return JSONResponse(intake_object(moved))

    async def stale(self, error: ConflictError, seen: int | None) -> Response:
        """409 with the intake as it is now, and the names of the answers that changed since the user saw it."""
        intake = await self.intake()
        changed = await self.run(lambda service: service.changed_since(self.id, self.keys, seen or 0))
        now: dict[str, Any] = {
            "intake": intake_object(intake),
            "state_version": intake.state_version,
            "changed": list(changed),
        }
        return problem(409, str(error), **now)


def call_of(intake_id: str, caller: Calling) -> IntakeCall:
    """The call about the intake in the path."""
    return IntakeCall(intake_id, caller)


Call = Annotated[IntakeCall, Depends(call_of)]
