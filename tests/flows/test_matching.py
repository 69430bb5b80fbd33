"""Free answers, with an embedder that finds the first option near and no other: what is sure is sure without it."""

import numpy as np
import pytest

from verbind_bot.errors import InputError
from verbind_bot.flows.matching import Matcher
from verbind_bot.flows.model import Step

WHY = {"text": "Daarom."}
VISION = [
    {"id": "ja", "label": "Ja", "also": ["gezamenlijke visie", "korte lijnen"]},
    {"id": "deels", "label": "Gedeeltelijk"},
    {"id": "nee", "label": "Nee"},
]


def step(kind, **more):
    return Step.model_validate({"id": "x", "kind": kind, "short": "X", "question": "X?", "why": WHY, **more})


def match(asked, text):
    def embed(texts):
        return np.array([[0.0, 1.0] if t in ("Gedeeltelijk", "Nee") else [1.0, 0.0] for t in texts])

    return Matcher(embed).match(asked, text, {})


@pytest.mark.parametrize(
    "text",
    [
        "ja, deels",
        "ja, gedeeltelijk",
        "ja, op papier",
        "nou ja, mwah",
        "Een gezamenlijke visie ontbreekt",
        "we hebben nauwelijks een gezamenlijke visie",
        "We missen korte lijnen",
        "amper korte lijnen",
    ],
)
def test_a_wording_with_more_around_it_is_asked_back(text):
    found = match(step("single", options=VISION), text)
    assert not found.sure
    assert "ja" in found.nearest


@pytest.mark.parametrize("text", ["ja", "Ja hoor.", "ja, dat klopt", "er is een gezamenlijke visie"])
def test_a_wording_among_stop_words_is_taken(text):
    found = match(step("single", options=VISION), text)
    assert (found.value, found.sure) == ("ja", True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12 duizend", 12_000), ("12k", 12_000), ("1,2 miljoen", 1_200_000), ("ongeveer 2,3 mln inwoners", 2_300_000)],
)
def test_a_factor_behind_a_number_counts(text, value):
    assert match(step("number", unit="inwoners"), text).value == value


def test_a_step_that_counts_in_thousands_or_percents_takes_these_words():
    assert match(step("number", unit="× 1000 euro"), "21,4 duizend").value == 21.4
    assert match(step("number", unit="%"), "12 procent").value == 12


@pytest.mark.parametrize("text", ["minder dan 500", "meer dan 500", "hooguit 5", "12 procent", "12%", "niet 4"])
def test_a_number_that_says_something_else_is_refused(text):
    with pytest.raises(InputError, match="precies één getal"):
        match(step("number", unit="personen"), text)


@pytest.mark.parametrize(
    "text",
    [
        "ik weet het niet",
        "we weten het niet",
        "Ik weet het nog niet.",
        "nog geen idee",
        "niet bekend",
        "weet ik nog niet precies",
        "dat weet ik niet",
        "weet niet",
        "we hebben geen idee",
        "?",
    ],
)
def test_not_knowing_is_understood(text):
    found = match(step("text"), text)
    assert (found.value, found.sure) == (None, True)


@pytest.mark.parametrize("text", ["ouders weten het niet", "geen goed idee", "we weten niet waar de school staat"])
def test_an_answer_about_not_knowing_stays_an_answer(text):
    assert match(step("text"), text).value == text
