import numpy as np
import pytest

from verbind_bot.bootstrap import load_adapted
from verbind_bot.errors import SettingsError
from verbind_bot.index.adapting import ADAPTER, AdaptedEmbedder, Adapter, adapted, plain
from verbind_bot.index.embedding import DEFAULT_MODEL, load_embedder
from verbind_bot.settings import Settings, shipped


class Two:
    """Embeds 'x' and 'y' as the axes of a plane."""

    name = "twee"
    dimension = 2

    def embed_queries(self, texts):
        return np.array([[1.0, 0.0] if text == "x" else [0.0, 1.0] for text in texts], dtype=np.float32)

    embed_documents = embed_queries


TURN = np.array([[0, 2], [-2, 0]], dtype=np.float32)  # a quarter turn, twice as long
SAME = np.eye(2, dtype=np.float32)


def test_questions_and_documents_each_go_through_their_own_map_and_stay_unit_vectors():
    embedder = AdaptedEmbedder(Two(), Adapter(TURN, SAME, "twee"))
    assert embedder.embed_queries(["x", "y"]).tolist() == [[0, 1], [-1, 0]]
    assert embedder.embed_documents(["x", "y"]).tolist() == [[1, 0], [0, 1]]
    assert embedder.embed_queries(["x"]).dtype == np.float32
    assert embedder.dimension == 2


def test_a_saved_adapter_maps_the_same_and_another_one_has_another_name(tmp_path):
    Adapter(TURN, SAME, "twee").save(tmp_path / ADAPTER)
    embedder = adapted(Two(), tmp_path / ADAPTER)
    assert embedder.embed_queries(["x"]).tolist() == [[0, 1]]
    other = AdaptedEmbedder(Two(), Adapter(SAME, TURN, "twee"))
    assert embedder.name.startswith("twee + adapter ")
    assert embedder.name != other.name
    assert plain(embedder).name == plain(Two()).name == "twee"


@pytest.mark.model
def test_changed_layers_come_back_from_the_file_and_change_the_name(tmp_path):
    rng, name = np.random.default_rng(1), "encoder.layer.11.attention.self.value"
    layers = {name: (rng.normal(0, 0.1, (2, 384)).astype(np.float32), rng.normal(0, 0.1, (384, 2)).astype(np.float32))}
    same = np.eye(384, dtype=np.float32)
    adapter = Adapter(same, same, DEFAULT_MODEL, layers)
    adapter.save(tmp_path / ADAPTER)
    model = load_embedder()
    changed = adapted(model, tmp_path / ADAPTER)
    assert changed.name == f"{DEFAULT_MODEL} + adapter {adapter.mark}"
    assert adapter.mark != Adapter(same, same, DEFAULT_MODEL).mark
    (vector,), (before,) = changed.embed_queries(["Wat is po?"]), model.embed_queries(["Wat is po?"])
    assert 0.5 < float(vector @ before) < 0.999
    with pytest.raises(SettingsError, match="twee"):
        AdaptedEmbedder(Two(), Adapter(SAME, SAME, "twee", layers))


def test_without_an_adapter_for_the_model_the_embedder_stays_as_it_is(tmp_path):
    embedder = Two()
    assert adapted(embedder, tmp_path / ADAPTER) is embedder
    Adapter(TURN, SAME, "een ander").save(tmp_path / ADAPTER)
    assert adapted(embedder, tmp_path / ADAPTER) is embedder
    Adapter(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32), "twee").save(tmp_path / ADAPTER)
    assert adapted(embedder, tmp_path / ADAPTER) is embedder


def test_a_broken_adapter_is_named(tmp_path):
    (tmp_path / ADAPTER).write_text("kapot")
    with pytest.raises(SettingsError, match=r"adapter\.npz"):
        adapted(Two(), tmp_path / ADAPTER)


@pytest.mark.model
def test_the_shipped_adapter_is_for_the_default_model(tmp_path):
    embedder = load_adapted(Settings(_env_file=None, data_dir=tmp_path, corpus_dir=shipped("corpus")))
    assert plain(embedder).name == DEFAULT_MODEL
    assert embedder.name != DEFAULT_MODEL
    assert np.linalg.norm(embedder.embed_queries(["Wat is een spelleider?"])) == pytest.approx(1, abs=1e-5)
