"""What `verbind-bot eval` compares besides: the verifier's claims, both modes of answering, and simpler systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from verbind_bot.channels.progress import progress_bar
from verbind_bot.evaluation import claims, modes, peers
from verbind_bot.evaluation.checking import Finding, Thresholds
from verbind_bot.evaluation.dataset import load_cases
from verbind_bot.evaluation.plots import shown
from verbind_bot.evaluation.run import Record, run
from verbind_bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

_out = Console(highlight=False)


def measure_claims(folder: Path, parts: Parts, thresholds: Thresholds) -> list[Finding]:
    """Show how well the verifier tells supported sentences from fabrications; returns what is not good enough."""
    table = Table("beweringen", "maat", "deel", "aantal", title="Controle van zinnen", title_justify="left")
    findings = []
    for split in claims.SPLITS:
        path = folder / f"claims-{split}.jsonl"
        if not path.is_file():
            continue
        judged = claims.judge(claims.load_claims(path), parts.corpus.by_id, parts.verify)
        figures, counts = claims.figures(judged), claims.counts(judged)
        for name in sorted(figures):
            table.add_row(split, name, f"{figures[name]:.3f}", str(counts[name]))
        findings += claims.check(f"claims-{split}", judged, thresholds.get(f"claims-{split}", {}))
    if table.rows:
        _out.print(table)
    return findings


def compare_modes(settings: Settings, folder: Path, records: Sequence[Record], saved: Path) -> list[Finding]:
    """With a language model: ask everything without it too, and show both; returns what its words cost too much."""
    if not settings.llm_base_url:
        return []
    from verbind_bot.bootstrap import build

    plain = build(settings.model_copy(update={"llm_base_url": None, "llm_model": None}))
    findings = []
    for split in dict.fromkeys(record.split for record in records):
        written = [record for record in records if record.split == split]
        with progress_bar("Zonder taalmodel") as progress:
            extractive = run(load_cases(folder, split), plain.assistant.ask, plain.corpus.by_id, progress)
        table = Table("maat", "zonder", "met", "verschil", "p", title=f"{split}: taalmodel", title_justify="left")
        for row in modes.side_by_side(extractive, written):
            both = (shown(row.measure, v) if v is not None else "" for v in (row.extractive, row.written))
            change = row.difference
            differs = (shown(row.measure, change.difference, signed=True), f"{change.p:.3f}") if change else ("", "")
            table.add_row(row.measure, *both, *differs)
        _out.print(table)
        modes.save(saved, split, extractive, written)
        findings += modes.losses(extractive, written)
    return findings


def measure_peers(folder: Path, splits: Sequence[str], note: Path | None, saved: Path) -> None:
    """Measure the peers on the same questions, show them side by side, and keep the table with the run."""
    cases = [case for split in splits for case in load_cases(folder, split)]
    with progress_bar("Vergelijken") as progress:
        found = peers.measure(load_settings(), cases, note, progress)
    for part, rows in found.items():
        table = Table(*peers.COLUMNS.values(), title=f"{part}: wat elk deel oplevert", title_justify="left")
        for row in rows:
            table.add_row(row.name, *(shown(m, row.means[m]) if m in row.means else "" for m in peers.MEASURES))
        _out.print(table)
        peers.save(saved, part, rows)
