"""Whole intakes: contrasting schools, their reports as golden files, and every format opened again."""

import io
import os
import re
from datetime import date

import pytest
import yaml
from docx import Document
from pypdf import PdfReader
from tests.conftest import ROOT

from verbind_bot.channels.reports.formats import FORMATS, render
from verbind_bot.errors import InputError
from verbind_bot.flows.composing import Basis, Material, compose
from verbind_bot.flows.engine import Give, Skip, advance, current
from verbind_bot.flows.model import Condition
from verbind_bot.flows.report import Point, Points, Scores
from verbind_bot.flows.state import State

GOLDEN = ROOT / "tests" / "data" / "reports"
SCRIPTS = sorted((ROOT / "tests" / "data" / "intakes").glob("*.yaml"))
DAY = date(2026, 1, 15)


def play(flows, path):
    """The state after a scripted intake; every step must be asked in its turn."""
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    flow = flows[script["flow"]]
    state = State(flow.name, flow.version)
    while step := current(flow, state):
        skips = step.id in script.get("skipped", [])
        state, _ = advance(flow, state, Skip(step.id) if skips else Give(step.id, script["answers"].pop(step.id)))
    assert script["answers"] == {}
    return flow, state


def material(flows, corpus, path):
    flow, state = play(flows, path)
    basis = None
    if flow.takes_up:
        source, taken = play(flows, path.with_name(path.name.replace(flow.name, flow.takes_up)))
        basis = Basis(source, taken, DAY)
    return Material(flow, state, corpus.by_id, basis=basis)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_report_of_a_whole_intake(flows, corpus, path):
    """Set VERBIND_GOLDEN=write to accept new reports; then read them."""
    report = compose(material(flows, corpus, path), DAY)
    text = render(report, "md", corpus.references).content.decode()
    golden = GOLDEN / f"{path.stem}.md"
    if os.environ.get("VERBIND_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def points(report):
    return [p for s in report.sections for block in s.blocks if isinstance(block, Points) for p in block.items]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_argument_has_a_source_that_exists(flows, corpus, path):
    report = compose(material(flows, corpus, path), DAY)
    assert points(report)
    for point in points(report):
        assert isinstance(point, Point)
        assert point.sentence.citations
    known = {citation.n: citation for citation in report.citations}
    assert sorted(known) == list(range(1, len(known) + 1))
    for citation in known.values():
        assert citation.quote in corpus.by_id[citation.passage_id].text
    used = {n for point in points(report) for n in point.sentence.citations}
    assert used <= known.keys()


@pytest.mark.parametrize("name", ["wijkanalyse", "schoolmodel", "samenwerkingsscan", "spelregeltoets"])
def test_contrasting_schools_get_contrasting_arguments(flows, corpus, name):
    paths = [path for path in SCRIPTS if path.name.startswith(name)]
    said = [{p.sentence.text for p in points(compose(material(flows, corpus, path), DAY))} for path in paths]
    assert len(said) == 3
    for a, b in [(0, 1), (0, 2), (1, 2)]:
        assert len(said[a] & said[b]) <= 2 / 3 * min(len(said[a]), len(said[b]))


def test_what_was_skipped_is_judged_as_not_known(small_flow):
    rule = Condition.model_validate({"step": "wens", "unknown": True})
    flow = small_flow.model_copy(update={"rules": (small_flow.rules[2].model_copy(update={"when": rule}),)})
    state = State(flow.name, flow.version)
    for move in (Give("plek", "tuin"), Give("dieren", ["bij"]), Skip("wens")):
        state, _ = advance(flow, state, move)
    assert [p.sentence.text for p in points(compose(Material(flow, state, {}), DAY))] == ["Kies een plek."]


def test_a_comparison_without_arguments_says_its_own_words(small_flow):
    plan = small_flow.report
    sections = tuple(s.model_copy(update={"empty": f"Leeg: {s.kind}."}) for s in plan.sections)
    flow = small_flow.model_copy(update={"report": plan.model_copy(update={"sections": sections})})
    text = render(compose(Material(flow, State(flow.name, flow.version), {}), DAY), "md", {}).content.decode()
    assert text.count("Leeg: comparison.") == 2


def test_the_choice_of_a_model_is_a_comparison_not_a_verdict(flows, corpus):
    for path in (p for p in SCRIPTS if p.name.startswith("schoolmodel")):
        text = render(compose(material(flows, corpus, path), DAY), "md", corpus.references).content.decode()
        for model in ("Multifunctionele school", "Sobere school", "Netwerkschool"):
            assert re.search(model, text, re.IGNORECASE)
        assert "geen voorkeur" in text
        assert "wenkend perspectief" in text
        assert not re.search(r"\b(?:beste keuze|advies is|kies dus|aanbevolen)\b", text, re.IGNORECASE)
    flow = flows["schoolmodel"]
    bare = compose(Material(flow, State(flow.name, flow.version), corpus.by_id), DAY)
    assert "wijkanalyse" in render(bare, "md", {}).content.decode().lower()


def test_a_shared_scan_shows_agreement_and_spread(flows, corpus):
    flow, state = play(flows, next(p for p in SCRIPTS if p.stem == "samenwerkingsscan-po-stad"))
    others = [play(flows, p)[1] for p in SCRIPTS if p.stem.startswith("samenwerkingsscan") and "po-stad" not in p.stem]
    report = compose(Material(flow, state, corpus.by_id, others=others), DAY)
    (scores,) = [b for s in report.sections for b in s.blocks if isinstance(b, Scores)]
    assert len(scores.items) == 8
    given = [s.answers.get("integriteit") for s in (state, *others)]
    (integriteit,) = [item for item in scores.items if item.label == flow.step("integriteit").short]
    assert list(integriteit.values) == [float(v) for v in given if v is not None]
    html = render(report, "html", corpus.references).content.decode()
    assert html.count("<circle") >= 8
    assert "verdeeld" in html


def test_every_format_opens_and_says_the_same(flows, corpus):
    path = next(p for p in SCRIPTS if p.stem == "samenwerkingsscan-po-stad")
    report = compose(material(flows, corpus, path), DAY)
    files = {form: render(report, form, corpus.references) for form in FORMATS}
    word = Document(io.BytesIO(files["docx"].content))
    headings = [p.text for p in word.paragraphs if p.style.name.startswith("Heading 1")]
    pdf = PdfReader(io.BytesIO(files["pdf"].content))
    outline = [item.title for item in pdf.outline if not isinstance(item, list)]
    expected = [*(section.title for section in report.sections), "Bronnen"]
    assert headings == outline == expected
    assert word.tables
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    html = files["html"].content.decode()
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", re.sub(r"<(?:li|p|blockquote|td)[^>]*>.*?</", "", html))
    for point in points(report):
        assert " ".join(point.sentence.text.split()[:6]) in text
    with pytest.raises(InputError, match="odt"):
        render(report, "odt", {})


@pytest.mark.parametrize(
    ("wish", "word", "times"),
    [
        ("zebra " * 660, "zebra", 660),
        ("\n".join(f"- zebra {n}" for n in range(300)), "zebra", 300),
        ("z" * 3900, "z", 3900),
    ],
)
def test_an_answer_longer_than_a_page_is_whole_in_the_pdf(small_flow, wish, word, times):
    state = State(small_flow.name, small_flow.version)
    for move in (Give("plek", "tuin"), Give("dieren", ["bij"]), Give("wens", wish)):
        state, _ = advance(small_flow, state, move)
    pdf = PdfReader(io.BytesIO(render(compose(Material(small_flow, state, {}), DAY), "pdf", {}).content))
    text = "".join("".join(page.extract_text() for page in pdf.pages).split())
    assert text.count(word) >= times


def test_a_title_of_any_letters_makes_a_plain_name_of_the_file(small_flow):
    state, _ = advance(small_flow, State(small_flow.name, small_flow.version), Give("plek", "tuin"))
    titled = small_flow.model_copy(update={"title": 'Scan – "één"/school'})
    assert render(compose(Material(titled, state, {}), DAY), "md", {}).name.startswith("scan-een-school-")


def test_what_a_user_typed_stays_text_in_every_format(small_flow):
    state = State(small_flow.name, small_flow.version)
    hostile = "# kop\n<script>alert(1)</script> | [x](javascript:1) **vet** 😀\n1. een"
    for move in (Give("plek", "tuin"), Give("dieren", ["bij"]), Give("wens", hostile)):
        state, _ = advance(small_flow, state, move)
    report = compose(Material(small_flow, state, {}), DAY)
    html = render(report, "html", {}).content.decode()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    markdown = render(report, "md", {}).content.decode()
    assert "\n# kop" not in markdown
    assert "\\[x](" in markdown
    assert all(render(report, form, {}).content for form in ("docx", "pdf"))
