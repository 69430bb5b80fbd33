import json
from collections import Counter

import pytest
from tests.conftest import ROOT

from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.dataset import load_cases

QUERY = {
    "_id": "q1",
    "text": "Wat?",
    "metadata": {"split": "dev", "kind": "plain", "persona": "ouder", "status": ["answered"]},
}
NUGGET = {"qid": "q1", "query": "Wat?", "nuggets": [{"text": "a", "importance": "vital", "accept": [["a"]]}]}
HEAD = "query-id\tcorpus-id\tscore\n"


@pytest.fixture
def write(tmp_path):
    def files(queries=(QUERY,), nuggets=(NUGGET,), qrels=HEAD + "q1\t2.1\t2\n"):
        (tmp_path / "qrels").mkdir()
        for name, rows in (("queries", queries), ("nuggets", nuggets)):
            text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
            (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
        (tmp_path / "qrels" / "dev.tsv").write_text(qrels, encoding="utf-8")
        return tmp_path

    return files


def test_a_case_has_its_question_locators_and_nuggets(write):
    (case,) = load_cases(write(), "dev")
    assert case.query.text == "Wat?"
    assert case.locators == {"2.1": 2}
    assert case.passages == {}
    assert case.nuggets[0].importance == "vital"
    assert case.answerable


def test_a_passage_may_be_relevant_without_the_rest_of_its_section(write):
    (case,) = load_cases(write(qrels=HEAD + "q1\t2.1\t2\nq1\t2.2:schotten\t1\n"), "dev")
    assert (case.locators, case.passages) == ({"2.1": 2}, {"2.2:schotten": 1})


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"queries": (QUERY, "{stuk")}, r"queries\.jsonl, regel 2"),
        ({"queries": (QUERY, QUERY)}, r"queries\.jsonl, regel 2.*twee keer"),
        ({"queries": ({**QUERY, "extra": 1},)}, r"queries\.jsonl, regel 1"),
        (
            {"nuggets": (NUGGET | {"nuggets": [{"text": "a", "importance": "vital", "accept": []}]},)},
            r"nuggets\.jsonl, regel 1",
        ),
        ({"nuggets": (NUGGET | {"qid": "q9"},)}, "q9"),
        ({"qrels": HEAD + "q9\t2.1\t2\n"}, r"dev\.tsv, regel 2"),
        ({"qrels": HEAD + "q1\t2.1\n"}, r"dev\.tsv, regel 2"),
        ({"qrels": "q1\t2.1\t2\n"}, r"dev\.tsv, regel 1"),
    ],
)
def test_a_bad_record_is_named_with_file_and_line(write, broken, place):
    with pytest.raises(CorpusError, match=place):
        load_cases(write(**broken), "dev")


def test_the_questions_cover_every_locator_and_kind(corpus):
    cases = [*load_cases(ROOT / "evals", "dev"), *load_cases(ROOT / "evals", "test")]
    assert len(cases) >= 200
    assert {s.locator for s in corpus.sections} <= {locator for c in cases for locator in c.locators}
    kinds = Counter(c.query.metadata.kind for c in cases)
    assert min(kinds.values()) >= 4
    assert len({c.query.text.lower() for c in cases}) == len(cases)


def test_no_labelled_question_is_near_one_that_is_stored_with_a_passage(corpus):
    from verbind_bot.index.dutch import content_terms

    stored = [frozenset(content_terms(q)) for p in corpus.passages for q in p.questions]
    near = []
    for case in (*load_cases(ROOT / "evals", "dev"), *load_cases(ROOT / "evals", "test")):
        terms = frozenset(content_terms(case.query.text))
        if case.answerable and not case.query.metadata.history and len(terms) > 2:
            near += [case.query.id for other in stored if len(terms & other) >= 0.8 * len(terms | other)]
    assert near == []
