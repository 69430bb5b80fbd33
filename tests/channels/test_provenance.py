"""Every channel says who speaks: the note, a work by way of the note, the work itself, or another source; and where."""

from __future__ import annotations

import pytest
from tests.conftest import write_small_corpus
from tests.corpus.making import pdf

from verbind_bot.answering.composing import cite
from verbind_bot.channels.slack.answers import Places, quotes_view
from verbind_bot.channels.web.interface import templates, words
from verbind_bot.channels.web.turns import passage_html, turn_of
from verbind_bot.corpus.library import Corpus, load_corpus
from verbind_bot.types import Answer, Status

TEXT = "De spaarkast is in 1905 bedacht door een imker die veel honing wilde. "


@pytest.fixture(scope="module")
def read(tmp_path_factory) -> Corpus:
    folder = write_small_corpus(tmp_path_factory.mktemp("herkomst") / "corpus")
    (folder / "bronnen").mkdir()
    pdf(folder / "bronnen" / "jansen1999.pdf", [(1, "Kasten"), (0, TEXT * 3), (-1, ""), (2, "Korven"), (0, TEXT * 2)])
    (folder / "bronnen" / "imkerblad.md").write_text("De imker draagt een witte kap.\n", encoding="utf-8")
    return load_corpus(folder)


@pytest.fixture(scope="module")
def answer(read) -> Answer:
    ids = ["1:jaar", "1:kast", "werk:jansen1999:2", "bron:imkerblad:1"]
    found = [read.by_id[key] for key in ids]
    citations = tuple(cite(n, passage, passage.statements[-1]) for n, passage in enumerate(found, 1))
    return Answer("a", "vraag?", Status.ANSWERED, "Tekst.", citations=citations)


def test_the_web_page_says_who_speaks_and_on_which_page(read, answer):
    shown = turn_of(answer, read, words("nl"), kept=False).sources
    assert [source.says for source in shown] == [
        "De notitie zegt",
        "De notitie geeft weer wat Jansen, P. (1999) zegt",
        "Jansen, P. (1999) zegt zelf",
        "De bron imkerblad zegt",
    ]
    assert [source.citation.relayed for source in shown] == [False, True, False, False]
    assert shown[2].place == "Jansen, P. (1999), blz. 2 (het werk zelf)"


def test_slack_says_who_speaks_and_on_which_page(read, answer):
    texts = [block["text"]["text"] for block in quotes_view(answer, Places(read.references))["blocks"]]
    headings = [text for text in texts if text.startswith("*[")]
    for heading, says in zip(
        headings, ("De notitie zegt", "geeft weer wat", "zegt zelf", "De bron imkerblad"), strict=True
    ):
        assert says in heading
    assert "blz. 2 (het werk zelf)" in headings[2]


@pytest.mark.parametrize(("language", "says"), [("nl", "het werk zelf, blz. 2"), ("en", "the work itself, p. 2")])
def test_the_page_of_a_passage_says_it_too(read, language, says):
    passage = read.by_id["werk:jansen1999:2"]
    values = {"passage": passage, "inhoud": passage_html(passage), "pad": [], "genoemd": [], "deel": True}
    works = [read.references["jansen1999"]]
    page = templates.get_template("passage_deel.html").render(w=words(language), werken=works, **values)
    assert says in page
    assert words(language).text_of in page
    assert words(language).relays not in page
