"""The verifier by itself: labelled claims, and every statement of the corpus with one thing altered in it."""

from __future__ import annotations

import pytest
from tests.answering import altering
from tests.answering.judging import Sure
from tests.conftest import ROOT

from verbind_bot.answering.attributing import Attribution
from verbind_bot.answering.drafting import DraftSentence, DraftSource
from verbind_bot.answering.verifying import Claim, Reason, Verifier
from verbind_bot.evaluation import claims
from verbind_bot.evaluation.checking import load_thresholds
from verbind_bot.index.entailment import ENTAILMENT, Entailment
from verbind_bot.index.words import WordIndex

EVALS = ROOT / "evals"


@pytest.fixture(scope="module")
def verifier(corpus):
    judge = Entailment.load(ROOT / "corpus" / ENTAILMENT)
    return Verifier(WordIndex.build(corpus.passages, corpus.terms).analyzer, corpus.terms, judge)


@pytest.fixture(scope="module")
def verify(verifier):
    return Attribution(verifier).verify


@pytest.fixture(scope="module")
def statements(corpus):
    """Every tenth whole sentence of the corpus, with its passage."""
    found = [(p, s) for p in corpus.passages for s in p.statements if not s.items and 6 <= len(s.lead.split()) <= 40]
    return [(p, s) for p, s in found[::10] if "www" not in s.lead and "http" not in s.lead]


@pytest.mark.parametrize("split", claims.SPLITS)
def test_labelled_claims_are_judged_as_well_as_the_thresholds_say(split, corpus, verify):
    judged = claims.judge(claims.load_claims(EVALS / f"claims-{split}.jsonl"), corpus.by_id, verify)
    counts = claims.counts(judged)
    assert counts["caught"] >= 100
    assert counts["dropped"] >= 100
    limits = load_thresholds(EVALS / "thresholds.toml")[f"claims-{split}"]
    assert claims.check(f"claims-{split}", judged, limits) == []


def test_a_fabrication_does_not_pass_by_quoting_a_statement_more(corpus, verify):
    passed, count = [], 0
    for claim in claims.load_claims(EVALS / "claims-dev.jsonl"):
        passage = corpus.by_id[claim.passage]
        at = next((n for n, s in enumerate(passage.statements) if passage.quote(s) == claim.quote), None)
        if claim.supported or at is None or len(passage.statements) == at + 1:
            continue
        count += 1
        wider = passage.quote(*passage.statements[at : at + 2])
        if _shown(verify, claim.sentence, wider, passage) and not _shown(verify, claim.sentence, claim.quote, passage):
            passed.append(claim.sentence)
    assert count >= 100
    assert len(passed) <= 0.01 * count, passed


def _shown(verify, text, quote, passage):
    sentence = DraftSentence(text=text, sources=(DraftSource(passage=1, quote=quote),))
    return not isinstance(verify(sentence, [passage]), Reason)


def test_what_the_source_says_literally_is_shown(statements, verify):
    for passage, statement in statements:
        quote = passage.quote(statement)
        sentence = DraftSentence(text=statement.lead, sources=(DraftSource(passage=1, quote=quote),))
        assert not isinstance(verify(sentence, [passage]), Reason), statement.lead


@pytest.mark.parametrize(
    "alter",
    [
        altering.numbers_changed,
        altering.names_changed,
        altering.denied,
        altering.turned,
        altering.actors_changed,
        altering.strengthened,
        altering.invented,
        altering.exchanged,
    ],
    ids=lambda alter: alter.__name__,
)
def test_a_statement_with_one_thing_altered_is_not_shown(alter, statements, verifier):
    names = list(dict.fromkeys(name for _, s in statements for name in altering.names(s.lead)))
    shown, count = [], 0
    for n, (passage, statement) in enumerate(statements):
        others = names[n % len(names) :] + names
        altered = alter(statement.lead, others) if alter is altering.names_changed else alter(statement.lead)
        for sentence in altered:
            count += 1
            quote = passage.quote(statement)
            if not verifier.objection(Claim.about(sentence, quote, passage)):
                shown.append(sentence)
    assert count >= 10
    assert len(shown) <= 0.01 * count + 1, shown


NETWORK = "De gemeente kan in 2014 drie scholen helpen. Het wijkteam helpt niet elke leerling."


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("De gemeente kan drie scholen helpen.", None),
        ("De gemeente kan in 2014 drie scholen steunen.", None),
        ("De gemeente kan vier scholen helpen.", Reason.NUMBER),
        ("De gemeente moet drie scholen helpen.", Reason.STRONGER),
        ("De gemeente Utrecht kan drie scholen helpen.", Reason.NAME),
        ("De gemeente kan drie scholen niet helpen.", Reason.DENIAL),
        ("Het wijkteam helpt elke leerling.", Reason.DENIAL),
        ("De gemeente kan drie scholen geld geven.", Reason.INVENTED),
    ],
)
def test_the_reason_says_what_is_wrong(sentence, reason, verifier):
    assert verifier.objection(Claim(sentence, NETWORK)) == reason


def test_a_number_may_not_go_to_another_noun(verifier):
    quote = "Het netwerk heeft twee scholen en vijf wijkteams."
    assert verifier.objection(Claim("Het netwerk heeft vijf wijkteams.", quote)) is None
    assert verifier.objection(Claim("Het netwerk heeft vijf scholen.", quote)) is Reason.NUMBER


def test_the_number_of_an_item_is_no_amount(verifier):
    quote = "Het rapport doet aanbevelingen:\n1. de gemeente helpt;\n2. de school helpt;\n3. de wijk helpt."
    assert verifier.objection(Claim("Het rapport wil dat drie wijken helpen.", quote)) is Reason.NUMBER


LEARNED = "De school werkt samen met de wijk. Dat gaat goed."


@pytest.mark.parametrize(
    ("sentence", "probability", "objection"),
    [
        ("De school werkt nauw met de buurt.", 0.5, Reason.INVENTED),
        ("De school werkt nauw met de buurt.", 0.7, Reason.INVENTED),
        ("De school werkt nauw met de buurt.", 0.95, None),
        ("Met de wijk werkt de school samen.", 0.5, Reason.UNSUPPORTED),
        ("Met de wijk werkt de school samen.", 0.7, None),
        ("De school werkt niet samen met de wijk.", 0.95, Reason.DENIAL),
        ("De school werkt niet samen met de wijk.", 0.99, None),
        ("Twee scholen werken samen met de wijk.", 0.99, Reason.NUMBER),
        ("De school werkt samen met de wijk.", 0.01, None),
    ],
)
def test_the_judge_overrules_the_rules_but_those_on_numbers_and_names(corpus, sentence, probability, objection):
    analyzer = WordIndex.build(corpus.passages, corpus.terms).analyzer
    claim = Claim(sentence, "De school werkt samen met de wijk.", passage=LEARNED)
    assert Verifier(analyzer, (), Sure(probability, LEARNED)).objection(claim) is objection


def test_a_thing_that_both_name_denies_nothing(verifier):
    quote = "Wijkteams hebben te maken met informatieve en met strategische onzekerheid."
    assert verifier.objection(Claim("Wijkteams hebben te maken met strategische onzekerheid.", quote)) is None
    assert verifier.objection(Claim("Wijkteams hebben niet te maken met onzekerheid.", quote)) is Reason.DENIAL


def test_the_judge_does_not_speak_about_text_that_it_has_not_learned_from(corpus):
    analyzer = WordIndex.build(corpus.passages, corpus.terms).analyzer
    quote, edited = "De school werkt samen met de wijk.", f"{LEARNED} Vaak."
    claim = Claim("De school werkt nauw met de buurt.", quote, passage=edited)
    assert Verifier(analyzer, (), Sure(0.99, LEARNED)).objection(claim) is Reason.INVENTED
    said = Claim("Met de wijk werkt de school samen.", quote)
    assert Verifier(analyzer, (), Sure(0.01, LEARNED)).objection(said) is None
