import pytest

from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import CorpusError
from verbind_bot.types import Edition, Source


def test_reads_passages_references_and_terms(small_corpus):
    corpus = load_corpus(small_corpus)
    assert list(corpus.by_id) == ["1:kast", "1:jaar", "referentie:jansen1999", "begrip:korf"]
    kast = corpus.by_id["1:kast"]
    assert kast.questions == ("Waar wonen bijen in?", "Welke kasten zijn er?")
    assert kast.references == ("jansen1999",)
    assert corpus.by_id["referentie:jansen1999"].source is Source.REFERENCE
    assert corpus.references["jansen1999"].label == "Jansen, P. (1999)"
    assert corpus.by_id["begrip:korf"].locator == "1"


def test_the_span_is_where_the_passage_stands_in_its_file(small_corpus):
    passage = load_corpus(small_corpus).by_id["1:jaar"]
    text = (small_corpus / "notitie" / "1.md").read_text(encoding="utf-8")
    assert text[slice(*passage.span)].startswith("## Het jaar van de imker")
    assert "verenigingen" in text[slice(*passage.span)]


def test_the_hash_changes_with_the_text_only(small_corpus):
    before = load_corpus(small_corpus).hash
    assert load_corpus(small_corpus).hash == before
    file = small_corpus / "notitie" / "1.md"
    file.write_text(file.read_text(encoding="utf-8").replace("juli", "augustus"), encoding="utf-8")
    assert load_corpus(small_corpus).hash != before


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('locator: "1"', 'locator: "1', 2, "YAML-kop"),
        ("title: Bijen houden", "titel: Bijen houden", None, "title"),
        ("---\nlocator", "locator", 1, "ontbreekt"),
        ("{#jaar}", "", 19, "kop moet"),
        ("references: [jansen1999]", "references: []", 1, "jansen1999"),
    ],
)
def test_a_broken_file_is_named_with_its_line(small_corpus, old, new, line, message):
    file = small_corpus / "notitie" / "1.md"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CorpusError, match=message) as caught:
        load_corpus(small_corpus)
    assert caught.value.path == str(file)
    if line is not None:
        assert caught.value.line == line


def test_a_double_passage_id_is_refused(small_corpus):
    file = small_corpus / "notitie" / "1.md"
    file.write_text(file.read_text(encoding="utf-8").replace("{#jaar}", "{#kast}"), encoding="utf-8")
    with pytest.raises(CorpusError, match="twee keer"):
        load_corpus(small_corpus)


def test_an_unknown_reference_is_refused(small_corpus):
    file = small_corpus / "notitie" / "1.md"
    file.write_text(file.read_text(encoding="utf-8").replace("jansen1999", "jansen2000"), encoding="utf-8")
    with pytest.raises(CorpusError, match="jansen2000"):
        load_corpus(small_corpus)


def test_a_broken_bibtex_entry_is_named(small_corpus):
    (small_corpus / "referenties.bib").write_text("@book{x,\n title = {Y}\n}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="locators") as caught:
        load_corpus(small_corpus)
    assert caught.value.line == 1


def test_an_empty_folder_says_what_to_set(tmp_path):
    with pytest.raises(CorpusError, match="VERBIND_CORPUS_DIR"):
        load_corpus(tmp_path)


def test_the_original_takes_the_place_of_the_edition_and_its_questions(small_corpus):
    original = small_corpus / "bronnen" / "origineel.txt"
    original.parent.mkdir()
    original.write_text("1. Bijen houden\n\nEen imker oogst zijn honing altijd in juli.\n", encoding="utf-8")
    corpus = load_corpus(small_corpus)
    (passage,) = [p for p in corpus.passages if p.source is Source.NOTE]
    assert (passage.locator, passage.edition) == ("1", Edition.ORIGINAL)
    assert "Wanneer haal je honing uit de kast?" in passage.questions


def test_another_text_is_a_source_of_its_own(small_corpus):
    own = small_corpus / "bronnen" / "Over hommels.md"
    own.parent.mkdir()
    own.write_text("# Hommels\n\nEen hommel is groter dan een bij.\n", encoding="utf-8")
    corpus = load_corpus(small_corpus)
    assert corpus.by_id["bron:over-hommels:1"].source is Source.OWN
    assert "1:kast" in corpus.by_id


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a\x00b"])
def test_a_source_that_is_no_text_is_refused(small_corpus, content):
    own = small_corpus / "bronnen" / "x.txt"
    own.parent.mkdir()
    own.write_bytes(content)
    with pytest.raises(CorpusError, match=r"x\.txt"):
        load_corpus(small_corpus)
