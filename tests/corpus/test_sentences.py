import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verbind_bot.corpus.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Een zin. Nog een zin!", ["Een zin.", "Nog een zin!"]),
        ("Volgens Distelbrink e.a. (2012) werkt het. Goed.", ["Volgens Distelbrink e.a. (2012) werkt het.", "Goed."]),
        ("Zie www.nji.nl voor meer. Dat is alles.", ["Zie www.nji.nl voor meer.", "Dat is alles."]),
        ("P. Jansen schreef dit. Hij won.", ["P. Jansen schreef dit.", "Hij won."]),
        ("Hij vroeg: ‘Mag dat?’ Ja.", ["Hij vroeg: ‘Mag dat?’", "Ja."]),
        ("Het kost 3.50 euro. Klaar", ["Het kost 3.50 euro.", "Klaar"]),
        ("", []),
    ],
)
def test_splits_where_sentences_end(text, expected):
    assert sentences(text) == expected


@given(st.text(alphabet="Ab .!?\n(1e", max_size=60))
def test_spans_are_in_order_and_lose_nothing_but_white_space(text):
    spans = split_sentences(text)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert "".join("".join(text[s:e] for s, e in spans).split()) == "".join(text.split())
