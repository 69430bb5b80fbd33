"""The report of an evaluation run: what it says, that it stands alone, and that it escapes what it shows."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from verbind_bot.errors import CorpusError
from verbind_bot.evaluation import plots
from verbind_bot.evaluation.report import FAULTS, change, faults, write_report

HOSTILE = "</td><script>alert('x')</script><img src=x onerror=alert(1)> `code` | \"quote\"\n# kop @team"


def a_result(number: int, **figures: float) -> dict[str, Any]:
    return {
        "id": f"dev-{number:03}",
        "split": "dev",
        "kind": "plain",
        "persona": "ib'er",
        "question": f"Vraag nummer {number}?",
        "history": [],
        "expected": {
            "status": ["answered"],
            "locators": {"2.2": 2},
            "passages": {"begrip:zorgplicht": 1},
            "nuggets": [
                {"text": "Het eerste feit", "importance": "vital", "found": True},
                {"text": "Het tweede feit", "importance": "okay", "found": False},
            ],
        },
        "answer": {
            "status": "answered",
            "text": "Een zin.",
            "sentences": [{"text": "Een zin.", "citations": [1]}],
            "citations": [{"n": 1, "locator": "2.2", "title": "Titel", "quote": "Een zin.", "passage_id": "2.2#1"}],
            "retrieved": [{"passage_id": "2.2#1", "locator": "2.2", "score": 0.5}],
            "timings_ms": {"embed": 10.0, "retrieve": 4.0, "compose": 2.0, "total": 16.0},
        },
        "figures": {"hit@5": 1.0, "vital_recall": 1.0, "answered": 1.0, "status_ok": 1.0, "words": 40.0, **figures},
    }


def a_summary() -> dict[str, Any]:
    measures = {
        "hit@5": {"mean": 0.875, "low": 0.8, "high": 0.95, "n": 4},
        "words": {"mean": 40.25, "low": 38.0, "high": 42.0, "n": 4},
        "something_new": {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 4},
    }
    split = {
        "n": 4,
        "measures": measures,
        "by_kind": {"plain": {"hit@5": 0.9, "vital_recall": 0.8}, "greeting": {"status_ok": 1.0}},
        "by_locator": {"10.1": {"hit@5": 1.0, "vital_recall": 1.0}, "2.2": {"hit@5": 1.0, "vital_recall": 1.0}},
        "risk_coverage": [[0.1, 0.0], [0.5, 0.04], [1.0, 0.12]],
        "latency": {"embed": {"median": 10.0, "p95": 20.0}, "total": {"median": 16.0, "p95": 31.0}},
    }
    return {"splits": {"dev": split}}


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run of four questions: one good, one hostile miss, one leak and one that was answered wrongly."""
    hostile = a_result(2, vital_recall=0.5)
    hostile |= {"question": HOSTILE, "history": [HOSTILE], "persona": HOSTILE, "kind": HOSTILE}
    hostile["answer"] |= {"text": HOSTILE, "sentences": [{"text": HOSTILE, "citations": [1]}]}
    hostile["answer"]["citations"][0] |= {"quote": HOSTILE, "title": HOSTILE}
    hostile["expected"]["nuggets"][0]["text"] = HOSTILE
    wrong = a_result(4, refused=0.0)
    wrong["expected"] = {"status": ["not_in_corpus"], "locators": {}, "passages": {}, "nuggets": []}
    folder = tmp_path / "2026-01-02"
    folder.mkdir()
    rows = [a_result(1), hostile, a_result(3, leaks=1.0), wrong]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "results.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(a_summary()))
    manifest = {"commit": "abc123", "settings": {"top_k": 8, "note": HOSTILE}, "empty": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def baseline(tmp_path: Path) -> Path:
    """An earlier run in which question 1 was a miss and question 2 was not."""
    path = tmp_path / "baseline.json"
    figures = {"dev-001": {"hit@5": 0.0}, "dev-002": {"hit@5": 1.0, "vital_recall": 1.0}, "gone": {"hit@5": 1.0}}
    path.write_text(json.dumps({"figures": figures, "commit": "older"}))
    return path


class Page(HTMLParser):
    """Every tag with its attributes, and the text outside style and script."""

    VOID = frozenset({"meta", "input", "br", "img", "link"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def page_of(folder: Path, baseline: Path | None = None) -> Page:
    return Page(write_report(folder, baseline).read_text(encoding="utf-8"))


def test_writes_both_files_and_returns_the_page(run_folder):
    path = write_report(run_folder)
    assert path == run_folder / "report.html"
    assert (run_folder / "report.md").stat().st_size > 200


def test_tags_are_balanced_and_ids_unique(run_folder, baseline):
    page = page_of(run_folder, baseline)
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    referred = [a["href"][1:] for a in page.all("a")]
    assert set(referred) <= set(ids)


def test_hostile_text_is_shown_and_never_markup(run_folder, baseline):
    page = page_of(run_folder, baseline)
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.text.count(HOSTILE) >= 7


def test_the_page_needs_nothing_from_elsewhere(run_folder):
    source = write_report(run_folder).read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=[\"'](?!#)", source)
    assert not re.search(r"https?:|url\(|@import", source)


def test_every_plot_has_a_title_and_every_table_headers(run_folder):
    source = write_report(run_folder).read_text(encoding="utf-8")
    plotted = re.findall(r"<svg class=.*?</svg>", source, re.DOTALL)
    assert len(plotted) > 5
    assert all("<title" in svg and 'role="img"' in svg for svg in plotted)
    page = Page(source)
    assert all(header.get("scope") for header in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))


def test_only_misses_are_listed_with_what_the_filter_needs(run_folder):
    rows = [row for row in page_of(run_folder).all("tr") if "data-faults" in row]
    assert [row["data-faults"] for row in rows] == ["leak", "answered", "vital"]
    assert {row["data-split"] for row in rows} == {"dev"}
    assert "data-new" not in {name for row in rows for name in row}


def test_a_miss_shows_expected_facts_passages_and_the_manifest(run_folder):
    text = page_of(run_folder).text
    for part in ("Het tweede feit", "Verwacht: 2.2", "persoonsgegevens gelekt", "settings.top_k", "abc123"):
        assert part in text


def test_against_a_baseline_new_misses_come_first(run_folder, baseline):
    page = page_of(run_folder, baseline)
    first = next(row for row in page.all("tr") if "data-faults" in row)
    assert "data-new" in first
    assert first["data-faults"] == "vital"
    assert "1 beter, 0 slechter" in page.text


def test_summary_for_a_pull_request_is_safe_markdown(run_folder, baseline):
    write_report(run_folder, baseline)
    text = (run_folder / "report.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {6}
    assert "| Een goede passage bij de eerste 5 | 87,5% | 80,0% tot 95,0% | +50,0 | 1 / 0 |" in table
    outside = re.sub(r"`[^`\n]*`", "", text)
    assert "<" not in outside
    assert "@" not in outside
    assert "### Nieuw fout" in text
    assert "### Nu goed\n\n- `dev-001`" in text


def test_a_run_without_misses_or_optional_parts(tmp_path):
    (tmp_path / "results.jsonl").write_text(json.dumps(a_result(1)) + "\n\n")
    (tmp_path / "summary.json").write_text(json.dumps({"splits": {"dev": {"n": 1, "measures": {}}}}))
    (tmp_path / "manifest.json").write_text("{}")
    assert "Er zijn geen fouten." in page_of(tmp_path).text


def test_line_separators_inside_a_question_do_not_break_a_line(run_folder):
    row = a_result(5, **{"hit@5": 0.0}) | {"question": "Een\u2028vraag"}
    (run_folder / "results.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    assert "Een\u2028vraag" in page_of(run_folder).text


@pytest.mark.parametrize("name", ["results.jsonl", "summary.json", "manifest.json"])
def test_a_file_that_is_missing_or_broken_is_named(run_folder, name):
    (run_folder / name).write_text("[1]")
    with pytest.raises(CorpusError, match=name):
        write_report(run_folder)
    (run_folder / name).write_text("{")
    with pytest.raises(CorpusError, match=name):
        write_report(run_folder)
    (run_folder / name).unlink()
    with pytest.raises(CorpusError, match=name):
        write_report(run_folder)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, []),
        ({"hit@5": 1.0, "vital_recall": 1.0, "leaks": 0.0, "refused": 1.0}, []),
        ({"hit@5": 0.0, "vital_recall": 0.9}, ["hit", "vital"]),
        ({"answered": 0.0}, ["refused"]),
        ({"refused": 0.0, "leaks": 2.0, "status_ok": 0.0}, ["leak", "answered", "status"]),
        ({"quotes_contained": 0.5}, ["quote"]),
    ],
)
def test_faults(figures, expected):
    assert faults(figures) == expected
    assert set(expected) <= set(FAULTS)


def test_change_is_paired_and_knows_which_way_is_better():
    rows = [a_result(n, leaks=1.0, **{"hit@5": float(n % 2)}) for n in range(20)]
    before = {row["id"]: {"hit@5": 1.0, "leaks": 0.0} for row in rows[:10]}
    hits, leaks = change(rows, before, "hit@5"), change(rows, before, "leaks")
    assert hits is not None
    assert leaks is not None
    assert (hits["n"], hits["mean"], hits["better"], hits["worse"], hits["good"]) == (10, -0.5, 0, 5, False)
    assert (hits["p"], hits["sure"], leaks["sure"]) == (0.0625, False, True)
    assert leaks["good"] is False
    assert change(rows, before, "rr") is None


def test_numbers_are_dutch():
    assert plots.shown("hit@5", 0.8333) == "83,3%"
    assert plots.shown("hit@5", -0.02, signed=True) == "−2,0"
    assert plots.shown("rr", 0.5) == "0,500"
    assert plots.shown("words", 40.25) == "40,2"
    assert plots.shown("leaks", None) == "–"
    assert plots.milliseconds(3.14) == "3,1 ms"


def test_plots_escape_and_stay_inside_their_axes():
    svg = plots.interval(HOSTILE, 1.4, -0.2, 2.0, 0.5) + plots.bar(HOSTILE, 7.0, 8.0)
    svg += plots.curve("k", HOSTILE, [(0.0, 0.0), (1.5, 3.0)]) + plots.curve("e", "leeg", [])
    assert "<script" not in svg
    assert all(0 <= float(x) <= 100 for x in re.findall(r'(?:cx|x1|x2|width)="([-\d.]+)%"', svg))


def test_compared_systems_stand_beside_ours(run_folder: Path) -> None:
    assert "Wat elk deel oplevert" not in write_report(run_folder).read_text(encoding="utf-8")
    table = {"uit een <handleiding>": {"hit@1": 0.27, "words": 500.0}, "verbind-bot": {"hit@1": 0.92}}
    (run_folder / "peers-dev.json").write_text(json.dumps(table), encoding="utf-8")
    page = write_report(run_folder).read_text(encoding="utf-8")
    assert "Wat elk deel oplevert" in page
    assert "uit een &lt;handleiding&gt;" in page
    assert plots.shown("hit@1", 0.92) in page
