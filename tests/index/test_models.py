"""Any embedding model, by name or path: a real second one from a package, and a tiny one made here."""

import numpy as np
import pytest
from tests.tiny_models import DIMENSION, save_embedder

from verbind_bot.bootstrap import build
from verbind_bot.errors import SettingsError
from verbind_bot.evaluation.peers import tutorial_model
from verbind_bot.index.embedding import load_embedder
from verbind_bot.types import Status

pytestmark = pytest.mark.model
TEXTS = ["Waar wonen bijen in?", "Een bijenvolk woont in een kast."]
PROMPTS = {"query": "vraag: ", "document": "tekst: "}


def test_the_prompts_of_a_model_are_its_own(tmp_path):
    plain = load_embedder(str(save_embedder(tmp_path / "a")))
    prompted = load_embedder(str(save_embedder(tmp_path / "b", PROMPTS)))
    assert plain.dimension == prompted.dimension == DIMENSION
    assert np.allclose(plain.embed_queries(TEXTS), plain.embed_documents(TEXTS), atol=1e-6)
    for embed, prompt in ((prompted.embed_queries, "vraag: "), (prompted.embed_documents, "tekst: ")):
        assert np.allclose(embed(TEXTS), plain.embed_documents([prompt + text for text in TEXTS]), atol=1e-5)
    assert not np.allclose(prompted.embed_queries(TEXTS), prompted.embed_documents(TEXTS), atol=1e-3)
    assert np.allclose(np.linalg.norm(prompted.embed_queries(TEXTS), axis=1), 1, atol=1e-5)


def test_a_model_of_another_length_indexes_and_answers(small_settings, tmp_path):
    model = str(save_embedder(tmp_path, PROMPTS))
    changed = small_settings.model_copy(update={"embedding_model": model, "data_dir": tmp_path / "data"})
    parts = build(changed)
    answer = parts.assistant.ask("Wanneer oogst de imker honing?", history=())
    assert parts.index.embedder.name == model
    assert {"1:kast", "1:jaar"} <= {found.passage_id for found in answer.retrieved}


def test_a_second_real_model_answers_and_refuses(small_settings, tmp_path):
    folder = tutorial_model()
    if folder is None:
        pytest.skip("the package with the second model is not installed")
    changed = small_settings.model_copy(update={"embedding_model": str(folder), "data_dir": tmp_path / "data"})
    parts = build(changed)
    answer = parts.assistant.ask("Waar wonen bijen in?", history=())
    assert answer.status is Status.ANSWERED
    assert answer.citations[0].passage_id == "1:kast"
    refused = parts.assistant.ask("Wat kost een treinkaartje naar Parijs?", history=())
    assert refused.status in (Status.NOT_IN_CORPUS, Status.OUT_OF_SCOPE)


def test_a_model_that_is_not_there_is_said_with_the_setting(tmp_path):
    with pytest.raises(SettingsError, match="VERBIND_EMBEDDING_MODEL"):
        load_embedder(str(tmp_path / "nergens"))
