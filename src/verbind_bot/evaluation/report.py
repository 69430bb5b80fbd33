"""A saved evaluation run -> `report.html` for reading and `report.md` for a pull request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from verbind_bot.errors import CorpusError
from verbind_bot.evaluation import plots
from verbind_bot.evaluation.statistics import compare

Json = dict[str, Any]
Figures = Mapping[str, Mapping[str, float]]
MEASURES = {
    "hit@1": "De eerste passage is goed",
    "hit@3": "Een goede passage bij de eerste 3",
    "hit@5": "Een goede passage bij de eerste 5",
    "ndcg@10": "Goede volgorde van de passages",
    "rr": "Hoe hoog de eerste goede passage staat",
    "follow_up": "Bij vervolgvragen is de eerste passage goed",
    "vital_recall": "Belangrijke feiten genoemd",
    "nugget_recall": "Alle feiten genoemd",
    "citation_precision": "Bronnen die bij de vraag horen",
    "citation_recall": "Zinnen die letterlijk in hun bron staan",
    "quotes_contained": "Citaten die letterlijk in de passage staan",
    "facts_in_quote": "Zinnen met namen en getallen uit het citaat",
    "answered": "Antwoord gegeven waar dat kan",
    "refused": "Geen antwoord gegeven waar dat niet kan",
    "refusal_precision": "Geen antwoord was terecht",
    "status_ok": "De juiste soort antwoord",
    "privacy_seen": "Persoonsgegevens opgemerkt",
    "leaks": "Gelekte persoonsgegevens per vraag (lager is beter)",
    "words": "Woorden per antwoord",
    "sentences_dropped": "Zinnen van het taalmodel die niet getoond zijn (lager is beter)",
    "fell_back": "Antwoorden zonder de woorden van het taalmodel (lager is beter)",
    "tokens": "Tokens per antwoord",
    "cost": "Euro per 1000 antwoorden",
}
FAULTS = {
    "leak": "persoonsgegevens gelekt",
    "answered": "ten onrechte beantwoord",
    "refused": "ten onrechte geen antwoord",
    "hit": "goede passage niet bij de eerste 5",
    "vital": "belangrijk feit ontbreekt",
    "quote": "citaat staat niet in de passage",
    "status": "verkeerde soort antwoord",
}
RECALL = ("hit@5", "vital_recall")


def write_report(run_folder: Path, baseline: Path | None = None) -> Path:
    """Write `report.html` and `report.md` in a run's folder and return the path of the first.

    A baseline that does not exist yet is as none. Raises CorpusError with the file (and line) when
    the run or the baseline cannot be read.
    """
    lines = enumerate(_text(run_folder / "results.jsonl").split("\n"), 1)
    results = [_json(line, run_folder / "results.jsonl", n) for n, line in lines if line.strip()]
    summary, manifest = (_json(_text(run_folder / f), run_folder / f) for f in ("summary.json", "manifest.json"))
    old = baseline if baseline and baseline.is_file() else None
    before: Figures | None = _json(_text(old), old).get("figures", {}) if old else None
    view = _view(results, summary, before) | {"manifest": list(_flat(manifest)), "folder": run_folder.name}
    view["peers"] = {p.stem.removeprefix("peers-"): _peers(p) for p in sorted(run_folder.glob("peers-*.json"))}
    page, *_ = [_write(run_folder / name, view) for name in ("report.html", "report.md")]
    return page


def _peers(path: Path) -> Json:
    """The compared systems of one split: the measures, and a row of figures as text for each system."""
    systems = _json(_text(path), path)
    measures = list(dict.fromkeys(measure for means in systems.values() for measure in means))
    rows = [
        (name, [plots.shown(m, means[m]) if m in means else "" for m in measures]) for name, means in systems.items()
    ]
    return {"measures": measures, "rows": rows}


def faults(figures: Mapping[str, float]) -> list[str]:
    """What is wrong with an answer, as keys of FAULTS, the worst first; empty when all is well."""
    wrong = {
        "leak": figures.get("leaks", 0) > 0,
        "answered": figures.get("refused", 1) < 1,
        "refused": figures.get("answered", 1) < 1,
        "hit": figures.get("hit@5", 1) < 1,
        "vital": figures.get("vital_recall", 1) < 1,
        "quote": figures.get("quotes_contained", 1) < 1,
        "status": figures.get("status_ok", 1) < 1,
    }
    return [name for name in FAULTS if wrong[name]]


def change(results: Iterable[Json], before: Figures, measure: str) -> Json | None:
    """The paired difference with the baseline and its randomisation p-value; None when no question has both."""
    now = {row["id"]: float(row["figures"][measure]) for row in results if measure in row["figures"]}
    known = {key: before.get(key, {}).get(measure) for key in now}
    then = {key: float(value) for key, value in known.items() if value is not None}
    difference = compare(then, now)
    if difference is None:
        return None
    signs = [plots.better(measure, now[key] - value) for key, value in then.items()]
    return {
        "n": difference.n,
        "mean": difference.difference,
        "before": sum(then.values()) / len(then),
        "better": signs.count(True),
        "worse": signs.count(False),
        "p": difference.p,
        "sure": difference.p < 0.05,
        "good": plots.better(measure, difference.difference),
    }


def _view(results: Sequence[Json], summary: Json, before: Figures | None) -> Json:
    misses = [row | {"faults": found} for row in results if (found := faults(row["figures"]))]
    for row in misses:
        row["new"] = before is not None and row["id"] in before and not faults(before[row["id"]])
    fixed = [row for row in results if before and faults(before.get(row["id"], {})) and not faults(row["figures"])]
    splits = summary.get("splits", {})
    return {
        "splits": [
            _split(name, part, [row for row in results if row["split"] == name], before or {})
            for name, part in splits.items()
        ],
        "misses": sorted(misses, key=lambda row: (not row["new"], list(FAULTS).index(row["faults"][0]))),
        "fixed": fixed,
        "total": len(results),
        "compared": before is not None,
        "fault_counts": Counter(fault for row in misses for fault in row["faults"]),
    }


def _split(name: str, part: Json, results: Sequence[Json], before: Figures) -> Json:
    places = Counter(locator for row in results for locator in row["expected"]["locators"])
    measures = part.get("measures", {})
    order = [*(m for m in MEASURES if m in measures), *(m for m in measures if m not in MEASURES)]
    figures = [{"name": m, **measures[m], "change": change(results, before, m)} for m in order]
    steps = part.get("latency", {})
    return {
        "name": name,
        "n": part.get("n", len(results)),
        "missed": sum(bool(faults(row["figures"])) for row in results),
        "figures": [row for row in figures if row.get("mean") is not None],
        "kinds": _recall(part.get("by_kind", {}), Counter(row["kind"] for row in results)),
        "locators": _recall(part.get("by_locator", {}), places),
        "risk": part.get("risk_coverage", []),
        "latency": steps,
        "slowest": max((step["p95"] for step in steps.values()), default=0) or 1,
    }


def _recall(groups: Mapping[str, Mapping[str, float]], counts: Mapping[str, int]) -> list[Json]:
    rows = [
        {"name": name, "n": counts.get(name), "values": [means.get(measure) for measure in RECALL]}
        for name, means in groups.items()
        if any(means.get(measure) is not None for measure in RECALL)
    ]
    return sorted(rows, key=lambda row: ([2 if v is None else v for v in row["values"][::-1]], _natural(row["name"])))


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdecimal() else 10**6, part) for part in name.split(".")]


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else name)
    else:
        yield key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _code(value: object) -> str:
    return "`" + " ".join(str(value).replace("`", "'").replace("|", "¦").split()) + "`"


def _write(path: Path, view: Json) -> Path:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _code
    words = {"measures": MEASURES, "faults": FAULTS, "recall": RECALL, "plots": plots}
    text = environment.get_template(f"{path.name}.j2").render(view | {"words": words})
    path.write_text(text, encoding="utf-8", errors="replace")
    return path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"dit bestand van de meting is niet te lezen: {error}", str(path)) from error


def _json(text: str, path: Path, line: int | None = None) -> Json:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise CorpusError(f"dit is geen goede JSON: {error}", str(path), line) from error
    if not isinstance(found, dict):
        raise CorpusError("hier hoort een JSON-object.", str(path), line)
    return found
