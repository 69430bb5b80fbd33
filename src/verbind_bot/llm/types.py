"""What goes to a language model and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation with a model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in euro."""

    million_in: float = 0.0
    million_out: float = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """The price of these tokens, in euro."""
        return (tokens_in * self.million_in + tokens_out * self.million_out) / 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """What one completion took: tokens (0 where the endpoint does not count them), milliseconds, euro."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    first_token_ms: float = 0.0
    total_ms: float = 0.0
    cost: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.first_token_ms or other.first_token_ms,
            self.total_ms + other.total_ms,
            self.cost + other.cost,
        )


class Completion(Protocol):
    """The words of a model as they come; closes what is open when its `with` block ends."""

    @property
    def usage(self) -> Usage:
        """What it took so far; final once the words are."""
        ...

    @property
    def finish_reason(self) -> str | None:
        """`stop`, or `length` for a text that was cut off; None while it is still coming."""
        ...

    def __iter__(self) -> Iterator[str]: ...

    def __next__(self) -> str: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
