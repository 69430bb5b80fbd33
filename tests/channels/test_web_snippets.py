"""What a search shows of a passage."""

from verbind_bot.channels.web.snippets import snippet
from verbind_bot.index.dutch import content_terms

TEXT = "De school ligt in een wijk.\n\n- Een buurtteam helpt gezinnen;\n- de wijkagent <b>helpt</b> scholen & ouders."


def test_the_words_that_were_asked_are_marked_and_html_stays_text():
    shown = snippet(TEXT, "school", content_terms)
    assert "<mark>school</mark> ligt" in shown
    assert "<mark>scholen</mark> &amp; ouders." in shown
    assert "&lt;b&gt;helpt&lt;/b&gt;" in shown
    assert "- Een" not in shown


def test_a_long_text_is_cut_around_the_first_word():
    shown = snippet(
        f"{'Vooraf staat er iets anders. ' * 30}Hier woont de imker. {'Daarna volgt meer. ' * 30}",
        "imker",
        content_terms,
    )
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "Hier woont de <mark>imker</mark>." in shown
    assert 150 < len(shown) < 260


def test_without_the_word_the_beginning_is_shown():
    assert snippet(TEXT, "fiets", content_terms).startswith("De school ligt")
    assert snippet("", "fiets", content_terms) == ""
    assert len(snippet("x" * 900, "fiets", content_terms)) < 210
