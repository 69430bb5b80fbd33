"""The note's own text is recognised in every format, by its headings."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.corpus.making import invented_note, pdf, texts_of, word

from verbind_bot.corpus.gathering import SourceFile, passages_of
from verbind_bot.corpus.library import load_corpus, read_outline
from verbind_bot.corpus.reading.document import Limits
from verbind_bot.corpus.reading.plain import read_text
from verbind_bot.corpus.reading.source_reader import SourceReader
from verbind_bot.errors import CorpusError
from verbind_bot.types import Edition, Source

ORIGINAL = ROOT.parent / "shared" / "bron" / "notitie.txt"
OUTLINE = read_outline(ROOT / "corpus")
LOCATORS = [section.locator for section in OUTLINE]


def passages(path: Path):
    return passages_of(SourceReader().read(path), SourceFile(path), OUTLINE, {})


def locators(found) -> list[str]:
    return list(dict.fromkeys(passage.locator for passage in found))


def made(kind: str, folder: Path, texts) -> Path:
    if kind == "pdf":
        return pdf(folder / "iets.pdf", texts)
    if kind == "docx":
        return word(folder / "iets.docx", texts)
    text = "\n\n".join(f"{'#' * level} {words}" if level and kind == "md" else words for level, words in texts)
    (folder / f"iets.{kind}").write_text(text, encoding="utf-8")
    return folder / f"iets.{kind}"


@pytest.mark.parametrize("kind", ["txt", "md", "docx", "pdf"])
def test_a_text_with_the_notes_headings_is_the_note(tmp_path, kind):
    found = passages(made(kind, tmp_path, invented_note(OUTLINE)))
    assert sorted(locators(found)) == sorted(LOCATORS)
    assert {(p.source, p.edition) for p in found} == {(Source.NOTE, Edition.ORIGINAL)}
    for n, section in enumerate(OUTLINE):
        text = " ".join(p.text for p in found if p.locator == section.locator)
        assert [f" {n * 10 + k} fietsen" in text for k in range(3)] == [True] * 3
        assert f" {(n + 1) * 10} fietsen" not in text
    pages = [p.page for p in found]
    if kind == "pdf":
        assert pages[0] == 1
        assert pages == sorted(pages)
        assert pages[-1] > 3


def test_headings_of_a_style_need_no_number(tmp_path):
    texts = [
        (level, section.title if level else words) for section in OUTLINE for level, words in ((2, ""), (0, "Tekst."))
    ]
    assert sorted(locators(passages(word(tmp_path / "a.docx", texts)))) == sorted(LOCATORS)


def test_a_table_of_contents_is_not_the_text(tmp_path):
    contents = [
        (0, f"{s.locator}. {s.title} ............ {n}") for n, s in enumerate(OUTLINE) if s.locator[0].isdigit()
    ]
    found = passages(pdf(tmp_path / "a.pdf", [*contents, (-1, ""), *invented_note(OUTLINE)]))
    assert sorted(locators(found)) == sorted(LOCATORS)
    assert not any("....." in p.text for p in found)


def test_a_few_of_the_headings_do_not_make_a_text_the_note(tmp_path):
    found = passages(word(tmp_path / "a.docx", invented_note(OUTLINE[:5])))
    assert {p.source for p in found} == {Source.OWN}


def test_two_texts_cannot_both_be_the_note(tmp_path, small_corpus):
    (small_corpus / "bronnen").mkdir()
    for name in ("a.txt", "b.txt"):
        text = f"1. Bijen houden\n\nEen imker oogst zijn honing, schrijft {name}.\n"
        (small_corpus / "bronnen" / name).write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.txt"):
        load_corpus(small_corpus)


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the note's own text is not on this machine: it is NJi's")
@pytest.mark.parametrize("kind", ["txt", "docx", "pdf"])
def test_the_note_itself_is_recognised_whole(tmp_path, kind):
    text = ORIGINAL.read_bytes()
    path = ORIGINAL if kind == "txt" else made(kind, tmp_path, texts_of(read_text(text, Limits()), OUTLINE))
    found = passages(path)
    assert sorted(locators(found)) == sorted(LOCATORS)
    assert len(found) > 100
    in_note, in_passages = (
        {word.strip(".,;:()‘’“”\"'") for word in words.split()}
        for words in (text.decode(), " ".join(f"{p.title} {p.heading} {p.text}" for p in found))
    )
    lost = {word for word in in_note - in_passages if len(word) > 6 and word.isalpha()}
    assert len(lost) < 0.02 * len(in_note), sorted(lost)[:20]
