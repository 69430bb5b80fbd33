"""PDF, Word and HTML as people make them, each read in a process of its own."""

from __future__ import annotations

import pytest
from tests.corpus.making import pdf, word

from verbind_bot.corpus.importer import Origin, import_passages
from verbind_bot.corpus.reading.document import Limits
from verbind_bot.corpus.reading.html_page import read_html
from verbind_bot.corpus.reading.kinds import Kind
from verbind_bot.corpus.reading.source_reader import SourceReader

PARAGRAPH = "De samenwerking tussen school en wijk begint bij een gesprek over wat kinderen nodig hebben. " * 5
TEXTS = [
    (1, "De wijk in beeld"),
    (0, PARAGRAPH),
    (2, "Wat de school doet"),
    (0, "De school doet drie dingen:"),
    (0, "- praten met ouders over wat hun kinderen thuis en in de buurt nodig hebben om mee te kunnen doen aan alles;"),
    (0, "- de deuren openzetten."),
    (-1, ""),
    (2, "Wat de gemeente doet"),
    (0, "De gemeente betaalt 12 buurthuizen."),
    (-1, ""),
    (0, PARAGRAPH),
]


def read(path):
    return SourceReader().read(path)


def by_heading(found):
    return {p.heading: p for p in import_passages(found.document, Origin("x", "X", found.kind), ())}


def test_a_pdf_has_headings_pages_lists_and_no_running_heads(tmp_path):
    found = read(pdf(tmp_path / "a.pdf", TEXTS))
    assert found.kind is Kind.PDF
    passages = by_heading(found)
    assert list(passages) == ["De wijk in beeld", "Wat de school doet", "Wat de gemeente doet"]
    assert passages["De wijk in beeld"].text == " ".join(PARAGRAPH.split())
    school = passages["Wat de school doet"]
    (statement,) = school.statements
    assert (statement.lead, len(statement.items), statement.page) == ("De school doet drie dingen:", 2, 1)
    assert statement.items[0].endswith("mee te kunnen doen aan alles;")
    gemeente = passages["Wat de gemeente doet"]
    assert gemeente.page == 2
    assert [s.page for s in gemeente.statements] == [2, 3, 3, 3, 3, 3]
    everything = " ".join(p.text for p in passages.values())
    assert "Pagina" not in everything
    assert "Rapport over" not in everything


def test_a_sentence_that_goes_on_overleaf_is_whole(tmp_path):
    row = "Een zin die op deze pagina begint en waarvan het einde op de"
    texts = [
        (0, PARAGRAPH),
        (9, row),
        (-1, ""),
        (9, "volgende pagina staat. En nog een zin."),
        (-1, ""),
        (0, PARAGRAPH),
    ]
    found = read(pdf(tmp_path / "a.pdf", texts))
    (passage, *_) = import_passages(found.document, Origin("x", "X", "a.pdf"), ())
    texts_and_pages = {s.text: s.page for s in passage.statements}
    assert texts_and_pages[f"{row} volgende pagina staat."] == 1
    assert texts_and_pages["En nog een zin."] == 2


def test_a_pdf_that_only_its_owner_may_change_opens(tmp_path):
    found = read(pdf(tmp_path / "a.pdf", TEXTS, user="", owner="geheim"))
    assert "Wat de school doet" in by_heading(found)


def test_a_word_file_has_headings_lists_and_pages(tmp_path):
    path = word(tmp_path / "a.docx", [*TEXTS, (1, "Stappen"), (0, "1. kijken"), (0, "1. doen")])
    found = read(path)
    assert found.kind is Kind.WORD
    passages = by_heading(found)
    assert passages["Wat de school doet"].statements[0].items[1] == "de deuren openzetten."
    assert passages["Wat de gemeente doet"].page == 2
    assert "1. kijken\n2. doen" in passages["Stappen"].text


def test_a_word_table_is_read_and_deleted_or_hidden_text_is_not(tmp_path):
    import docx
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    file = docx.Document()
    paragraph = file.add_paragraph("Dit staat er. ")
    hidden = paragraph.add_run("Dit is verborgen. ")
    hidden.font.hidden = True
    gone = paragraph.add_run("Dit is weg. ")
    deleted = OxmlElement("w:del")
    gone._r.addprevious(deleted)
    deleted.append(gone._r)
    new = paragraph.add_run("Dit is ingevoegd.")
    inserted = OxmlElement("w:ins")
    inserted.set(qn("w:author"), "x")
    new._r.addprevious(inserted)
    inserted.append(new._r)
    table = file.add_table(3, 3)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells],
        ["rol", "taak", "wie", "spelleider", "regels maken", "gemeente", "partner", "meedoen", "school"],
        strict=True,
    ):
        cell.text = text
    file.save(str(tmp_path / "a.docx"))
    (passage,) = import_passages(read(tmp_path / "a.docx").document, Origin("x", "X", "x"), ())
    assert passage.text == (
        "Dit staat er. Dit is ingevoegd.\n\n"
        "- rol: spelleider; taak: regels maken; wie: gemeente\n- rol: partner; taak: meedoen; wie: school"
    )


def test_text_in_the_controls_of_a_template_and_paragraphs_of_a_cell_stay_apart(tmp_path):
    import docx
    from docx.oxml import OxmlElement

    file = docx.Document()
    filled = file.add_paragraph("Dit is ingevuld.")
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    filled._p.addprevious(control)
    control.append(content)
    content.append(filled._p)
    cell = file.add_table(1, 1).cell(0, 0)
    cell.text = "Ouders bereiken."
    cell.add_paragraph("Huisbezoek door de mentor.")
    file.save(str(tmp_path / "a.docx"))
    (passage,) = import_passages(read(tmp_path / "a.docx").document, Origin("x", "X", "x"), ())
    assert passage.text == "Dit is ingevuld.\n\n- Ouders bereiken. Huisbezoek door de mentor."


PAGE = """<!doctype html><html><head><title>Wijkteam | site</title><style>p {color: red}</style></head>
<body class="has-sidebar"><form>
<form><label>Zoek</label><input></form><nav><ul><li><a href="/">Menukeuze</a></li></ul></nav>
<div class="cookie-banner">Wij gebruiken koekjes.</div>
<main><header><h1>Het wijkteam</h1></header>
<p>Een wijkteam helpt <b>gezinnen</b> in de&nbsp;buurt.<script>alert("x")</script></p>
<p style="display: none">Onzichtbaar.</p><p hidden>Ook niet.</p><div aria-hidden="true">Evenmin.</div>
<h2>Wie zitten erin?</h2><p>Het team bestaat uit:</p>
<ul><li>een maatschappelijk werker;</li><li><p>een wijkverpleegkundige.</p></li></ul>
<table><tr><th>dag</th><th>plaats</th></tr><tr><td>maandag</td><td>de school</td></tr></table>
<p>Dit is genoeg tekst om van deze pagina te maken wat zij is: een verhaal over een team dat in de wijk werkt en dat
scholen helpt om samen met ouders te zorgen voor kinderen die thuis of op straat in de knel komen.</p>
</main><aside>Reclame</aside><footer>Voettekst</footer></body></html>"""


def test_a_web_page_is_its_own_text_only(tmp_path):
    path = tmp_path / "pagina.html"
    path.write_text(PAGE, encoding="utf-8")
    found = read(path)
    assert (found.kind, found.document.title) == (Kind.HTML, "Het wijkteam")
    passages = by_heading(found)
    assert passages["Het wijkteam"].text == "Een wijkteam helpt gezinnen in de buurt."
    inside = passages["Wie zitten erin?"]
    assert inside.statements[0].items == ("een maatschappelijk werker;", "een wijkverpleegkundige.")
    assert "maandag; de school" in inside.text
    everything = " ".join(p.text for p in passages.values())
    for word_ in (
        "Menukeuze",
        "koekjes",
        "alert",
        "Onzichtbaar",
        "Ook niet",
        "Evenmin",
        "Reclame",
        "Voettekst",
        "color",
    ):
        assert word_ not in everything


def test_a_web_page_says_its_own_encoding():
    page = (
        '<html><head><meta charset="iso-8859-1"></head><body class="has-sidebar"><form><p>Eén café.</p></body></html>'
    )
    assert read_html(page.encode("latin-1"), Limits()).lines[1].text == "Eén café."
    curly = page.replace("Eén café.", "Foto’s voor € 500.")
    assert read_html(curly.encode("cp1252"), Limits()).lines[1].text == "Foto’s voor € 500."


def test_a_page_need_not_close_its_head():
    found = read_html(b"<!doctype html><title>Wijk</title><meta charset=utf-8><body><p>Een wijkteam helpt.", Limits())
    assert (found.title, found.lines[1].text) == ("Wijk", "Een wijkteam helpt.")
    found = read_html(b"<html><head><title>Wijk</title><h1>Het team</h1><p>Het helpt.", Limits())
    assert [line.text for line in found.lines if line.text] == ["Het team", "Het helpt."]


@pytest.mark.parametrize(("name", "kind"), [("a.txt", Kind.PDF), ("a.docx", Kind.PDF), ("zonder", Kind.PDF)])
def test_a_file_is_read_as_what_it_is_whatever_its_name_says(tmp_path, name, kind):
    path = pdf(tmp_path / "a.pdf", TEXTS)
    assert read(path.rename(tmp_path / name)).kind is kind
