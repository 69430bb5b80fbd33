"""`verbind-bot eval`: ask the labelled questions, save and show the figures, and say what got worse."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from verbind_bot.channels.progress import progress_bar
from verbind_bot.errors import SettingsError
from verbind_bot.settings import Settings, load_settings, shipped

if TYPE_CHECKING:
    from verbind_bot.evaluation.checking import Baseline, Finding
    from verbind_bot.evaluation.run import Record
    from verbind_bot.parts import Parts

_out = Console(highlight=False)
_WIDE = 120  # columns from which there is room for what a measure says
_COMPLETIONS = 3  # that a server with a language model may need for an answer: the question, the draft, its repair
_REST = 60.0  # seconds for all that it does besides


class Split(StrEnum):
    """The parts of the questions: to fit on, to tune on, and never to tune on."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


def evaluate(
    split: Annotated[
        list[Split] | None, typer.Option(help="Welk deel van de vragen; mag vaker. Standaard dev en test.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Stop met code 1 als iets slechter werd.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Maak van deze meting de nieuwe baseline.")] = False,
    url: Annotated[str | None, typer.Option(help="Vraag het aan de server op dit adres.")] = None,
    evals: Annotated[Path | None, typer.Option(help="Map met vragen, drempels en baseline.")] = None,
    peers: Annotated[
        bool, typer.Option("--peers", help="Meet ook simpeler systemen, en wat elk deel oplevert.")
    ] = False,
    note: Annotated[Path | None, typer.Option(help="De notitie zelf, om mee te vergelijken bij --peers.")] = None,
    report: Annotated[bool, typer.Option(help="Maak een rapport dat je in de browser leest.")] = True,
) -> None:
    """Meet hoe goed de antwoorden zijn, en of ze beter of slechter werden."""
    from verbind_bot.channels import comparing
    from verbind_bot.evaluation import checking

    splits = list(dict.fromkeys(split or [Split.DEV, Split.TEST]))
    if accept and not {Split.DEV, Split.TEST} <= set(splits):
        raise SettingsError("Een baseline heeft de delen dev en test allebei. Laat --split weg bij --accept.")
    folder = evals or shipped("evals")
    baseline = checking.load_baseline(folder / "baseline.json")
    thresholds = checking.load_thresholds(folder / "thresholds.toml") if check else {}
    settings = load_settings()
    records, manifest, saved, parts = _measure(settings, folder, splits, url)
    for part in splits:
        _show(part, [record for record in records if record.split == part], baseline)
    _out.print(f"\nMeting: {saved}", markup=False, soft_wrap=True)
    findings = checking.check(records, baseline, thresholds) if check else []
    if parts:
        findings += comparing.measure_claims(folder, parts, thresholds)
        findings += comparing.compare_modes(settings, folder, records, saved)
    if peers:
        comparing.measure_peers(folder, splits, note, saved)
    if report:
        _write_report(saved, folder / "baseline.json")
    if accept:
        checking.accept(folder / "baseline.json", records, manifest)
        _out.print(f"Baseline: {folder / 'baseline.json'}", markup=False, soft_wrap=True)
    if check:
        _conclude(findings)


def _conclude(findings: Sequence[Finding]) -> None:
    """Say what is not good enough, and stop with code 1 when something is."""
    for finding in findings:
        _out.print(_sentence(finding), style="red", markup=False, soft_wrap=True)
    if findings:
        raise typer.Exit(1)
    _out.print("Alles is minstens zo goed als het moet zijn.", style="green")


def _measure(
    settings: Settings, folder: Path, splits: Sequence[Split], url: str | None
) -> tuple[list[Record], dict[str, Any], Path, Parts | None]:
    """Ask all questions and save the run: its records, its manifest, its folder, and what was asked in process."""
    from verbind_bot.bootstrap import build, read_corpus
    from verbind_bot.evaluation import ranking, saved
    from verbind_bot.evaluation.dataset import load_cases
    from verbind_bot.evaluation.door import over_http
    from verbind_bot.evaluation.run import run

    cases = [case for split in splits for case in load_cases(folder, split)]
    parts: Parts | None = None
    if url:
        seconds = _COMPLETIONS * settings.llm_timeout_seconds + _REST
        corpus, model, ask = read_corpus(settings), None, over_http(url, settings.api_key, seconds)
    else:
        with progress_bar("Index maken") as progress:
            parts = build(settings, progress)
        corpus, model, ask = parts.corpus, parts.index.embedder.name, parts.assistant.ask

    with progress_bar("Vragen stellen") as progress:
        records = run(cases, ask, corpus.by_id, progress)
    manifest = saved.describe(settings, folder, corpus.hash, model, url or "in process")
    grades = ranking.passage_grades(cases, corpus.by_id)
    return records, manifest, saved.save(settings.data_dir / "runs", records, manifest, grades), parts


def _show(split: str, records: Sequence[Record], baseline: Baseline) -> None:
    """A table of the measures of one split, with their intervals and the change since the baseline."""
    from rich.table import Table

    from verbind_bot.evaluation import checking, saved
    from verbind_bot.evaluation.plots import shown
    from verbind_bot.evaluation.report import MEASURES

    summary = saved.summarise(records)["splits"].get(split, {"n": 0, "measures": {}, "latency": {}})
    changes = checking.changes(records, baseline)
    table = Table(title=f"{split}: {summary['n']} vragen", title_justify="left")
    table.add_column("maat", no_wrap=True)
    for heading in ("gemiddeld", "95%-interval", "vragen", "verschil", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    if wide := _out.width >= _WIDE:
        table.add_column("wat het zegt")
    for name in sorted(summary["measures"], key=lambda n: (list(MEASURES).index(n) if n in MEASURES else 99, n)):
        row, change = summary["measures"][name], changes.get(name)
        spread = f"{shown(name, row['low'])} – {shown(name, row['high'])}"
        differs = (shown(name, change.difference, signed=True), f"{change.p:.3f}") if change else ("", "")
        label = (MEASURES.get(name, ""),) if wide else ()
        table.add_row(name, shown(name, row["mean"]), spread, str(row["n"]), *differs, *label)
    _out.print(table)
    steps = [f"{step} {t['median']:.1f} / {t['p95']:.1f}" for step, t in summary["latency"].items()]
    _out.print(f"Milliseconden, mediaan / 95%: {', '.join(steps)}" if steps else "", markup=False)


def _write_report(run_folder: Path, baseline: Path) -> None:
    from verbind_bot.evaluation.report import write_report

    page = write_report(run_folder, baseline if baseline.is_file() else None)
    _out.print(f"Rapport: {page}", markup=False, soft_wrap=True)


def _sentence(finding: Finding) -> str:
    where = f"{finding.split}, {finding.measure}"
    questions = f" Kijk naar: {', '.join(finding.questions)}." if finding.questions else ""
    if finding.why == "absent":
        return f"{where}: geen enkele vraag heeft nog een cijfer voor deze maat.{questions}"
    if finding.why == "threshold":
        return f"{where}: {finding.value:.4f}, en de drempel is {finding.limit:g}.{questions}"
    return f"{where}: {finding.value:.4f}, en de baseline had {finding.limit:.4f} (p = {finding.p:.3f}).{questions}"
