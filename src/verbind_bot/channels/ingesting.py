"""`verbind-bot ingest`: files and folders become sources, and the index is brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from verbind_bot.channels.keeping import release_lines, releases_of, roll_back_index, update_index
from verbind_bot.channels.progress import progress_bar
from verbind_bot.errors import CorpusError
from verbind_bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from verbind_bot.corpus.kept import Added

_out = Console(highlight=False, soft_wrap=False)
_err = Console(stderr=True, highlight=False)
_AT_ONCE = 50  # passages that are looked through for personal data together
_SHOWN = 20  # results that are named one by one
_MASKS = ("[burgerservicenummer]", "[rekeningnummer]", "[telefoonnummer]", "[e-mailadres]")


def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Bestanden of mappen: PDF, Word (.docx), HTML, Markdown of tekst; ook de notitie zelf."),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="Sleutel van het werk waarvan dit bestand de tekst is, zoals onderwijsraad2008.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Toon de bronnen die opgenomen zijn.")] = False,
    remove: Annotated[str | None, typer.Option(help="Naam van een bron die weg mag.")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Maak de hele index opnieuw.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Zet de vorige index terug, en houd die vast.")] = False,
) -> None:
    """Neem bestanden op in het corpus en werk de index bij."""
    settings = load_settings()
    if rollback:
        roll_back_index(settings)
        return
    if listed:
        list_sources(settings)
        return
    if remove is not None:
        from verbind_bot.bootstrap import kept_sources

        gone = kept_sources(settings).remove(remove)
        _out.print(f"'{gone.name}' is verwijderd ({gone.passages} passages).", markup=False)
    failed, added = _add_all(settings, paths or [], reference)
    if added or not paths:
        update_index(settings, rebuild)
    if failed:
        raise typer.Exit(1)


def list_sources(settings: Settings) -> None:
    """Print a table of what was ingested."""
    from rich.table import Table
    from rich.text import Text

    from verbind_bot.bootstrap import kept_sources

    for line in release_lines(releases_of(settings)):
        _out.print(line, markup=False)
    kept = kept_sources(settings).all()
    if not kept:
        _out.print("Er zijn nog geen eigen bronnen. Neem er een op met 'verbind-bot ingest BESTAND'.", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("naam", "soort", "passages", "wat het is", "opgenomen"):
        table.add_column(name, justify="right" if name == "passages" else "left", overflow="fold")
    for row in kept:
        what = "de notitie" if row.note else f"het werk {row.reference}" if row.reference else "eigen bron"
        table.add_row(Text(row.name), row.kind, str(row.passages), Text(what), row.added[:16].replace("T", " "))
    _out.print(table)


def _add_all(settings: Settings, paths: list[Path], reference: str | None) -> tuple[int, int]:
    """Add every file; the ones that cannot be read are named, the others go in. Returns (failed, added)."""
    if not paths:
        if reference:
            raise CorpusError("noem ook het bestand: verbind-bot ingest BESTAND --reference SLEUTEL.")
        return 0, 0
    from verbind_bot.bootstrap import source_adder

    files, skipped = expand(paths)
    if not files:
        raise CorpusError(
            f"hier staat geen bestand dat gelezen kan worden ({skipped} overgeslagen). Kies PDF, Word (.docx), HTML, "
            "Markdown of tekst.",
            ", ".join(map(str, paths)),
        )
    if reference and len(files) != 1:
        raise CorpusError(f"--reference hoort bij één bestand, en dit zijn er {len(files)}. Neem ze één voor één op.")
    add = source_adder(settings, reference)
    faults: list[CorpusError] = []
    results: list[Added] = []
    with progress_bar("Bronnen lezen") as progress:
        for done, file in enumerate(files):
            progress(done, len(files))
            try:
                results.append(add(file))
            except CorpusError as error:
                faults.append(error)
        progress(len(files), len(files))
    _report(results, faults, skipped)
    return len(faults), len(results)


def expand(paths: Iterable[Path]) -> tuple[list[Path], int]:
    """The files that `paths` stand for, and how many in folders were passed over: other kinds, links, hidden ones."""
    from verbind_bot.corpus.gathering import files_in

    files: dict[Path, None] = {}
    skipped = 0
    for path in paths:
        if path.is_dir():
            inside = list(files_in(path))
            skipped += sum(1 for found in path.rglob("*") if found.is_file()) - len(inside)
            files |= dict.fromkeys(inside)
        else:
            files[path] = None
    return list(files), skipped


def _report(results: list[Added], faults: list[CorpusError], skipped: int) -> None:
    say: Callable[[str], None] = lambda text: _out.print(text, markup=False)  # noqa: E731
    for added in sorted(results, key=lambda added: added.change == "gelijk")[:_SHOWN]:
        work = f", de tekst van {added.kept.reference}" if added.kept.reference else ""
        kind = "de notitie zelf" if added.kept.note else added.kept.kind
        say(f"{added.kept.name}: {len(added.passages)} passages ({kind}{work}), {_CHANGES[added.change]}")
    if len(results) > _SHOWN:
        say(f"… en nog {len(results) - _SHOWN} bestanden.")
    for line in _personal(results):
        _err.print(f"Let op: {line}", style="yellow", markup=False)
    for fault in faults:
        _err.print(f"Fout: {fault}", style="red", markup=False)
    if skipped:
        say(f"Overgeslagen in de mappen: {skipped} (andere soorten, verborgen bestanden en koppelingen).")
    if len(results) + len(faults) > 1:
        new = sum(added.change != "gelijk" for added in results)
        say(f"{len(results)} bestanden gelezen, waarvan {new} nieuw of gewijzigd; {len(faults)} niet gelukt.")


_CHANGES = {
    "nieuw": "opgenomen",
    "gewijzigd": "bijgewerkt",
    "hernoemd": "stond er al onder een andere naam",
    "gelijk": "stond er al",
}


def _masks(text: str) -> int:
    return sum(text.count(mask) for mask in _MASKS)


def _personal(results: Iterable[Added]) -> Iterator[str]:
    """Which new sources hold what looks like personal data: how much, never what."""
    from verbind_bot.privacy import PrivacyFilter

    privacy = PrivacyFilter()
    for added in results:
        if added.change in ("gelijk", "hernoemd"):
            continue
        texts = [passage.text for passage in added.passages]
        batches = ("\n".join(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE))
        count = sum(_masks(privacy.mask(batch).text) - _masks(batch) for batch in batches)
        if count:
            yield (
                f"in {added.kept.name} staat {count} keer iets dat op persoonsgegevens lijkt (BSN, rekening- of "
                "telefoonnummer, e-mailadres). Wie vragen stelt, kan het zien. Haal het weg als dat niet mag."
            )
