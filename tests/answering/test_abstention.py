import numpy as np
import pytest

from verbind_bot.answering.abstention import CALIBRATION, Abstention, Calibration, Decision, Logistic, Probe
from verbind_bot.answering.evidence import BY_WORDS, FEATURES, GENERAL, Evidence
from verbind_bot.errors import SettingsError
from verbind_bot.index.embedding import DEFAULT_MODEL
from verbind_bot.settings import shipped
from verbind_bot.types import Source, Status

SURE = Logistic(intercept=0, mean={"match": 0.5}, scale={"match": 0.25}, weights={"match": 2})
DECISION = Decision(answerable=SURE, answer_from=0.5, on_topic=SURE, on_topic_from=0.1)


def test_the_logistic_standardises_weighs_and_squashes():
    assert SURE.probability({"match": 0.5}) == 0.5
    assert SURE.probability({"match": 0.75, "other": 9}) == pytest.approx(1 / (1 + np.exp(-2)))
    assert SURE.probability({"match": -1e9}) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("match", "status"), [(0.6, Status.ANSWERED), (0.4, Status.NOT_IN_CORPUS), (0.1, Status.OUT_OF_SCOPE)]
)
def test_the_thresholds_decide(match, status):
    assert DECISION.decide({"match": match}) is status


def probe() -> Probe:
    return Probe(np.eye(2, dtype=np.float32), np.array([1, -1], dtype=np.float32), 0.25, 1.0)


def test_the_probe_sums_weighted_nearness():
    near = np.array([1, 0], dtype=np.float32)
    assert probe().value(near) == pytest.approx(0.25 + 1 - np.exp(-2))
    assert probe().value(np.ones(3, dtype=np.float32)) == 0.0


def test_a_saved_probe_says_the_same(tmp_path):
    probe().save(tmp_path / "probe.npz")
    near = np.array([1, 0], dtype=np.float32)
    assert Probe.load(tmp_path / "probe.npz").value(near) == pytest.approx(probe().value(near))


def test_the_calibration_counts_for_its_corpus_and_not_for_an_own_source():
    never = Calibration(**(dict(DECISION) | {"answer_from": 1.0, "model": "m", "general": DECISION}))
    both = Abstention(DECISION, never, probe())
    vector = np.array([1, 0], dtype=np.float32)
    found = {source: both.weigh(Evidence((), {"match": 0.6}, vector, source)).status for source in Source}
    assert found[Source.OWN] is Status.ANSWERED
    assert found[Source.NOTE] is found[Source.TERM] is Status.NOT_IN_CORPUS


def test_the_confidence_is_the_probability_that_is_weighed():
    evidence = Evidence((), {"match": 0.75}, np.array([1, 0], dtype=np.float32), Source.NOTE)
    assert Abstention(DECISION).weigh(evidence).confidence == pytest.approx(1 / (1 + np.exp(-2)))


def test_the_calibration_is_for_one_model():
    corpus = shipped("corpus")
    assert Abstention.load(corpus, "another").calibrated is None
    assert Abstention.load().calibrated is None
    general = Abstention.load().general
    assert set(general.answerable.weights) == set(GENERAL)
    fitted = Calibration.model_validate_json((corpus / CALIBRATION).read_text(encoding="utf-8"))
    assert set(fitted.answerable.weights) == {*FEATURES, "probe"}
    loaded = Abstention.load(corpus, fitted.model)
    assert loaded.probe is not None
    assert loaded.general == fitted.general != general


def test_with_another_model_the_words_alone_decide():
    words, ours = Abstention.load(model="another").general, Abstention.load().general
    assert set(words.answerable.weights) == set(words.on_topic.weights) == set(BY_WORDS)
    assert Abstention.load(model=DEFAULT_MODEL).general == ours != words


def test_a_broken_calibration_is_named(tmp_path):
    (tmp_path / CALIBRATION).write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError, match="abstention"):
        Abstention.load(tmp_path, "m")
