"""The errors that a user may see.

VerbindError
├── SettingsError       a setting is unknown or has a wrong value
├── CorpusError         a file of the corpus cannot be read; names the file and the line
├── PromptError         a prompt is missing or lacks a variable
│   └── FlowError       a flow cannot be read; names the file and the line
├── IndexingError       the index cannot be read or written
│   ├── WrongModelError the index was made with another embedding model
│   ├── UnavailableError the index cannot be reached just now
│   └── HeldError       another process has the right to write the index
├── ArchiveError        a backup cannot be made, read or trusted
├── StorageError        the database cannot be read or written
├── QuestionError       a question cannot be taken as it is
├── InputError          a step of an intake does not take this value
├── UnknownIntakeError  there is no such intake, or it belongs to somebody else
├── ConflictError       the intake changed since the writer saw it
├── NotReadyError       the model or the index is still being loaded
└── LanguageModelError  the language model did not answer; `reason` says why
"""

from __future__ import annotations

import zipfile
from typing import Literal

# What a file with arrays (.npz) that is cut off, empty or not ours can raise while it is read.
BROKEN_ARRAYS = (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile)


class VerbindError(Exception):
    """Something went wrong that the user can do something about: the message says what, why and what to do."""


class SettingsError(VerbindError):
    """A setting is unknown or has a wrong value."""


class _PlacedError(VerbindError):
    """A fault in a file; `path` and `line` say where."""

    def __init__(self, message: str, path: str = "", line: int | None = None) -> None:
        self.path = path
        self.line = line
        place = path + (f", regel {line}" if line is not None else "")
        super().__init__(f"{place}: {message}" if place else message)


class CorpusError(_PlacedError):
    """A corpus file cannot be read; `path` and `line` say where."""


class PromptError(VerbindError):
    """A prompt is missing, broken or lacks a variable."""


class FlowError(_PlacedError, PromptError):
    """A flow cannot be read; `path` and `line` say where."""


class IndexingError(VerbindError):
    """The index cannot be read or written."""


class WrongModelError(IndexingError):
    """The index was made with another embedding model."""


class UnavailableError(IndexingError):
    """The index cannot be reached just now: the next question may find it again."""


class HeldError(IndexingError):
    """Another process has the right to write the index."""


class ArchiveError(VerbindError):
    """A backup cannot be made, read or trusted."""


class StorageError(VerbindError):
    """The database cannot be read or written."""


class QuestionError(VerbindError):
    """A question cannot be taken as it is."""


class InputError(VerbindError):
    """A step of an intake does not take this value."""


class UnknownIntakeError(VerbindError):
    """There is no such intake, or it belongs to somebody else: the two look the same."""


class ConflictError(VerbindError):
    """The intake changed since the writer saw it."""


class NotReadyError(VerbindError):
    """The model or the index is still being loaded."""


LanguageModelReason = Literal[
    "timeout", "rate_limited", "refused", "cut_off", "unavailable", "too_long", "wrong_key", "misconfigured"
]


class LanguageModelError(VerbindError):
    """The language model did not answer, or not wholly; `reason` says why, in one word to decide on."""

    def __init__(self, message: str, reason: LanguageModelReason) -> None:
        super().__init__(message)
        self.reason: LanguageModelReason = reason
