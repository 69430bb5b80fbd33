import pytest

from verbind_bot.index.dutch import Analyzer, CompoundSplitter, content_terms, fold, words


def test_folds_case_accents_and_apostrophes():
    assert fold("Oekraïense Überraschung’s") == "oekraiense uberraschung's"
    assert words("Dont’s en do’s: één OOGO!") == ["dont", "en", "do", "een", "oogo"]


def test_content_terms_leave_out_small_words_and_keep_years():
    assert list(content_terms("Wat zegt de Onderwijsraad in 2008?")) == ["onderwijsrad", "2008"]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("schoolmodel", ("school", "model")),
        ("samenwerkingsverband", ("samenwerking", "verband")),
        ("wijkteamleider", ("wijkteam", "leider")),
        ("school", ()),
        ("onbekendding", ()),
    ],
)
def test_splits_compounds_of_known_words(word, parts):
    splitter = CompoundSplitter(["school", "model", "samenwerking", "verband", "wijkteam", "leider", "wijk", "team"])
    assert splitter.parts(word) == parts


def test_the_analyzer_gives_the_compound_and_its_parts():
    analyzer = Analyzer.of(["school en model"])
    assert analyzer.terms("Het schoolmodel") == ("schoolmodel", "schol", "model")
