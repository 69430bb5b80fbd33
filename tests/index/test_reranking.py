import pytest
from tests.tiny_models import save_cross_encoder

from verbind_bot.bootstrap import build
from verbind_bot.errors import SettingsError
from verbind_bot.index.build import passage_text
from verbind_bot.index.reranking import load_reranker
from verbind_bot.retrieval import Retriever

pytestmark = pytest.mark.model
QUESTION = "Waar wonen bijen in?"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(save_cross_encoder(tmp_path_factory.mktemp("cross")))


def test_its_scores_decide_the_order_and_the_figures_of_a_passage_stay_its_own(small_parts, model):
    reranker = load_reranker(model)
    corpus, index = small_parts.corpus, small_parts.index
    plain = Retriever(corpus, index).search(QUESTION).matches
    found = Retriever(corpus, index, reranker=reranker).search(QUESTION)
    scores = reranker.scores(QUESTION, [passage_text(match.passage) for match in plain])
    expected = [plain[i].passage.id for i in sorted(range(len(plain)), key=lambda i: -scores[i])]
    assert [match.passage.id for match in found.matches] == expected
    assert len(set(scores.tolist())) == len(plain) > 2
    assert [match.score for match in found.matches] == [match.score for match in plain]
    words = {match.passage.id: match.words for match in plain}
    assert all(match.words == words[match.passage.id] for match in found.matches)


def test_only_the_best_twenty_are_read_again(parts, model):
    reranker = load_reranker(model)
    question = "Wat is een netwerkschool?"
    plain = Retriever(parts.corpus, parts.index).search(question).matches
    found = Retriever(parts.corpus, parts.index, reranker=reranker).search(question).matches
    assert found[20:] == plain[20:]
    assert {m.passage.id for m in found[:20]} == {m.passage.id for m in plain[:20]}
    assert [m.passage.id for m in found[:20]] != [m.passage.id for m in plain[:20]]


def test_the_setting_switches_it_on_and_its_time_is_told(small_settings, small_parts, model):
    changed = small_settings.model_copy(update={"reranker_model": model, "data_dir": small_settings.data_dir / "again"})
    timings = build(changed).assistant.ask(QUESTION, history=()).timings_ms
    assert timings["rerank"] > 0
    assert sum(ms for step, ms in timings.items() if step != "total") == pytest.approx(timings["total"], abs=0.1)
    assert "rerank" not in small_parts.assistant.ask(QUESTION, history=()).timings_ms


def test_nothing_to_read_is_no_scores(model):
    assert load_reranker(model).scores(QUESTION, []).shape == (0,)


def test_a_model_that_is_not_there_is_said_with_the_setting(tmp_path):
    with pytest.raises(SettingsError, match="VERBIND_RERANKER_MODEL"):
        load_reranker(str(tmp_path / "nergens"))


def test_a_model_with_more_outcomes_is_no_reranker(tmp_path):
    with pytest.raises(SettingsError, match="3 getallen"):
        load_reranker(str(save_cross_encoder(tmp_path, labels=3)))
