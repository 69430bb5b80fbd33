from verbind_bot.index.words import WordIndex
from verbind_bot.types import Passage

PASSAGES = [
    Passage("a", "1", "Bijen", "De kast", "Een bijenvolk woont in een kast.", ()),
    Passage("b", "1", "Bijen", "De honing", "De imker oogst honing in juli.", (), ("Wanneer is er honing?",)),
    Passage("c", "2", "Tuin", "De tuin", "In de tuin groeit klaver.", ()),
]


def test_the_passage_with_the_word_comes_first_and_others_are_left_out():
    index = WordIndex.build(PASSAGES)
    assert list(index.search(index.analyzer.terms("honing oogsten"), 3)) == ["b"]
    assert index.search(index.analyzer.terms("fiets"), 3) == {}
    assert index.search(index.analyzer.terms("honing"), 0) == {}


def test_a_part_of_a_compound_is_found():
    kast = Passage("d", "3", "Kast", "Kast", "Een kast van hout.", ())
    index = WordIndex.build([*PASSAGES, kast, Passage("e", "3", "Hout", "Hout", "De bijenkast is oud.", ())])
    assert set(index.search(index.analyzer.terms("kast"), 5)) == {"a", "d", "e"}


def test_saving_and_loading_changes_nothing(tmp_path):
    built = WordIndex.build(PASSAGES)
    built.save(tmp_path / "words")
    loaded = WordIndex.load(tmp_path / "words")
    terms = built.analyzer.terms("Wanneer oogst de imker honing?")
    assert loaded.analyzer.terms("Wanneer oogst de imker honing?") == terms
    assert loaded.search(terms, 3) == built.search(terms, 3)
    assert loaded.rarity("honing") == built.rarity("honing")


def test_a_word_is_common_in_a_sixth_of_the_passages_and_at_least_three():
    few = WordIndex.build(PASSAGES)
    assert not any(few.is_common(term) for term in few.analyzer.terms("honing tuin kast"))
    many = WordIndex.build([Passage(str(n), "1", "T", "H", f"school woord{n}", ()) for n in range(12)])
    (school,) = many.analyzer.terms("school")[:1]
    assert many.is_common(school)
    assert not any(map(many.is_common, many.analyzer.terms("woord3")))
