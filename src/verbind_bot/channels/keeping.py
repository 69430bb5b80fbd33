"""Commands that keep what there is: bring the index up to date, put the one before back, make and restore backups."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from verbind_bot.channels.progress import progress_bar
from verbind_bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from verbind_bot.index.releases import Pointer, Release

_out = Console(highlight=False, soft_wrap=False)


def update_index(settings: Settings, rebuild: bool = False) -> None:
    """Bring the index up to date, or leave that to the server that runs, and say what is in it."""
    from verbind_bot.bootstrap import build, chroma_server
    from verbind_bot.index.holding import holder, refuse_when_held
    from verbind_bot.index.moving import unpin

    if rebuild and not settings.chroma_url:
        refuse_when_held(settings.index_dir)
    if unpin(settings.index_dir, chroma_server(settings)):
        _out.print("De index stond vast op een eerdere versie. Hij is los, en volgt het corpus weer.", markup=False)
    serving = None if settings.chroma_url else holder(settings.index_dir)
    if serving:
        _out.print(f"Er draait een server ({serving.shown}). {_when(settings)}", markup=False)
        return
    with progress_bar("Index maken") as progress:
        parts = build(settings, progress, rebuild)
    _out.print(f"De index is bij: {len(parts.corpus.passages)} passages, {parts.index.vectors.count()} vectoren.")


def _when(settings: Settings) -> str:
    if not settings.watch_seconds:
        return "Start hem opnieuw: met VERBIND_WATCH_SECONDS=0 kijkt hij niet zelf of er iets veranderd is."
    looks = f"Hij kijkt elke {settings.watch_seconds:g} seconden of er iets veranderd is"
    return f"{looks}, en werkt de index zelf bij. Je hoeft niets te doen."


def roll_back_index(settings: Settings) -> None:
    """Put the release before back and keep it, and say so."""
    from verbind_bot.bootstrap import chroma_server, model_name
    from verbind_bot.index.moving import roll_back

    pointer = roll_back(settings.index_dir, chroma_server(settings), model_name(settings))
    for line in release_lines(pointer):
        _out.print(line, markup=False)
    _out.print("Wat nu draait, volgt vanzelf. Draai 'verbind-bot ingest' als het corpus weer goed is.", markup=False)


def releases_of(settings: Settings) -> Pointer:
    """Which releases there are. Raises IndexingError."""
    from verbind_bot.bootstrap import chroma_server
    from verbind_bot.index.moving import look

    return look(settings.index_dir, chroma_server(settings))


def release_lines(pointer: Pointer) -> list[str]:
    """What there is, a line each; nothing when there is no index yet."""
    lines = []
    if pointer.current:
        lines.append(f"De index: {_described(pointer.current)}")
    if pointer.previous:
        lines.append(f"De vorige: {_described(pointer.previous)}")
    if pointer.pinned:
        lines.append("De index staat vast op een eerdere versie, tot de volgende 'verbind-bot ingest'.")
    return lines


def _described(release: Release) -> str:
    made = release.made.astimezone()
    return f"{release.passages} passages, gemaakt op {made:%d-%m-%Y %H:%M} ({release.corpus[:8]}, {release.model})"


def backup(
    file: Annotated[Path, typer.Argument(help="Waar de reservekopie komt, bijvoorbeeld verbind.tar.gz.")],
) -> None:
    """Maak een reservekopie: eigen bronnen, index, gesprekken en vragenlijsten."""
    from verbind_bot.keeping.backup import make_backup

    with progress_bar("Kopie maken") as progress:
        made = make_backup(load_settings(), file, progress)
    _out.print(f"{file}: {made.size / 2**20:.1f} MB, {made.vectors} vectoren, {made.sources} eigen bronnen.")
    for line in made.notes:
        _out.print(f"Let op: {line}", markup=False)


def restore(
    file: Annotated[Path, typer.Argument(help="Een reservekopie die 'verbind-bot backup' gemaakt heeft.")],
) -> None:
    """Zet een reservekopie terug; wat er nu is, wordt vervangen."""
    from verbind_bot.keeping.restore import restore_backup

    with progress_bar("Kopie terugzetten") as progress:
        found = restore_backup(load_settings(), file, progress)
    made = datetime.fromisoformat(found.created).astimezone()
    _out.print(f"De kopie van {made:%d-%m-%Y %H:%M} is teruggezet: {found.vectors} vectoren, {found.sources} bronnen.")
    for line in found.notes:
        _out.print(f"Let op: {line}", markup=False)
