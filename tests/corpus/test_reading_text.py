"""Plain text and Markdown, in whatever encoding and layout they were saved."""

from __future__ import annotations

import pytest
from tests.corpus.making import lines_of

from verbind_bot.corpus.chunks import chunks
from verbind_bot.corpus.importer import Origin, import_passages
from verbind_bot.corpus.reading.document import Document, Limits, Line
from verbind_bot.corpus.reading.markdown import read_markdown
from verbind_bot.corpus.reading.plain import decode, read_text
from verbind_bot.errors import CorpusError

TEXT = "Een café in de wijk, voor ouders én kinderen: ‘samen’ eten voor € 2."


def shown(document: Document) -> list[tuple[int, str]]:
    return [(line.level, line.text) for line in document.lines if line.text]


def passages(document: Document):
    return import_passages(document, Origin("x", "X", "x.txt"), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_usual_encoding_is_read(encoding):
    assert decode(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("content", [bytes(range(256)) * 20, b"\xff\xfe\x00", b"a\x00b", b"\x00" * 50, b"\x81\x8d\x8f"])
def test_what_is_no_text_is_refused(content):
    with pytest.raises(CorpusError, match="geen tekst"):
        decode(content)


def test_lines_that_were_broken_to_a_width_are_one_paragraph_and_broken_words_are_whole():
    wide = "De school en de wijk werken samen aan een veilige buurt voor alle kin-"
    document = read_text(
        f"{wide}\nderen die daar wonen, met onder-\nen bovenbouw, en met Verwey-\nJonker.\n".encode(), Limits()
    )
    (passage,) = passages(document)
    assert passage.text == (
        "De school en de wijk werken samen aan een veilige buurt voor alle kinderen die daar wonen, "
        "met onder- en bovenbouw, en met Verwey-Jonker."
    )


def test_a_word_keeps_its_hyphen_when_the_text_writes_it_so():
    text = "Zo'n buurt-school is er al, en die buurt-school groeit met de buurt mee. Nog een buurt-\nschool komt er."
    assert "Nog een buurt-school komt" in passages(read_text(text.encode(), Limits()))[0].text


def test_a_dash_in_a_sentence_is_no_item_and_a_list_without_a_lead_is_one():
    text = "Kinderen leren op school en in de wijk\n– met hulp van ouders – hoe zij samenleven.\n\n- een\n- twee\n"
    (passage,) = passages(read_text(text.encode(), Limits()))
    assert passage.text == (
        "Kinderen leren op school en in de wijk – met hulp van ouders – hoe zij samenleven.\n\n- een\n- twee"
    )


def test_form_feeds_part_the_pages_and_what_runs_on_is_left_out():
    pages = [
        f"Rapport 2014\n\nOp deze bladzijde staat feit nummer {'abcd'[n]} over de wijk.\n\n- {n + 1} -"
        for n in range(4)
    ]
    document = read_text("\f".join(pages).encode(), Limits())
    assert [line.page for line in document.lines if line.text] == [1, 2, 3, 4]
    assert "Rapport" not in " ".join(line.text for line in document.lines)
    assert [p.page for p in passages(document)] == [1]
    assert [s.page for s in passages(document)[0].statements] == [1, 2, 3, 4]


def test_a_short_row_with_room_around_it_is_a_heading():
    long = "Een team in de wijk helpt gezinnen die daar zelf om vragen, en werkt met scholen en huisartsen samen."
    document = read_text(f"{long}\n\nDe rol van de school\n\n{long}\n".encode(), Limits())
    assert shown(document)[1] == (2, "De rol van de school")


def test_unseen_characters_do_not_come_in():
    odd = (
        "Een \u202ewijk\u200b met\x07 \ue010\ue00012\ue011 buurt\u00adhuizen en ﬁetsen, waarin iedereen mee kan doen.\n"
    )
    document = read_text(odd.encode(), Limits())
    assert shown(document) == [(0, "Een wijk met 12 buurthuizen en fietsen, waarin iedereen mee kan doen.")]


def test_more_text_than_allowed_is_refused():
    with pytest.raises(CorpusError, match="meer dan 100 tekens"):
        read_text(b"woord " * 50, Limits(characters=100))


def test_markdown_is_read_without_its_markup():
    source = """---
title: x
---
# Samen *sterk* {#sterk}

Een **wijkteam** [helpt](https://example.org) `gezinnen`. ![plaatje](a.png)
<!-- niet
tonen --><b>Echt</b> snake_case_blijft.

Tweede kop
----------

```python
print("code")
```

* een
  gaat door
* twee

1. eerst
1. dan

| rol | taak |
|---|---|
| spelleider | spelregels |
"""
    document = read_markdown(source.encode(), Limits())
    assert document.title == "Samen sterk"
    assert shown(document) == [
        (1, "Samen sterk"),
        (0, "Een wijkteam helpt gezinnen."),
        (0, "Echt snake_case_blijft."),
        (2, "Tweede kop"),
        (0, "- een"),
        (0, "  gaat door"),
        (0, "- twee"),
        (0, "1. eerst"),
        (0, "1. dan"),
        (0, "- rol; taak"),
        (0, "- spelleider; spelregels"),
    ]
    last = passages(document)[-1]
    assert "- een gaat door\n- twee" in last.text
    assert "1. eerst\n2. dan" in last.text


def test_addresses_in_markdown_and_a_text_between_rules_are_text():
    document = read_markdown(b"---\nEen wijk.\n\n---\n\nKijk op <https://www.nji.nl> of mail <info@nji.nl>.", Limits())
    assert [text for _, text in shown(document)] == ["Een wijk.", "Kijk op https://www.nji.nl of mail info@nji.nl."]


def test_a_numbered_list_with_points_inside_keeps_its_numbers():
    (packed,) = chunks(lines_of("1. Gebruik het overleg.", "2. Let op:", "- tijd;", "- geld.", "3. Kies samen."))
    assert [(block.first, len(block.items)) for block in packed] == [(1, 2), (1, 2), (3, 1)]


def test_a_long_paragraph_is_cut_between_sentences_and_every_part_knows_its_page():
    sentence = "Een zin van negen woorden over de wijk en school. "
    lines = (Line(sentence * 12, page=3), Line(sentence * 12, page=4))
    found = import_passages(Document(lines), Origin("x", "X", "x.pdf"), ())
    assert [len(p.text.split()) <= 130 for p in found] == [True] * len(found)
    assert {s.page for p in found for s in p.statements} == {3, 4}
    assert all(p.quote(s) == s.text for p in found for s in p.statements)
    assert not any("\ue010" in p.text for p in found)


def test_a_text_without_an_end_is_cut_all_the_same():
    found = passages(Document(lines_of("woord " * 2000)))
    assert max(len(p.text.split()) for p in found) <= 240
    assert sum(len(p.text.split()) for p in found) == 2000
