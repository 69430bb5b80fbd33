import numpy as np
import pytest
import torch

from verbind_bot.evaluation.tuning import LowRank, Tuned, precise_enough
from verbind_bot.index.e5 import E5, E5Embedder
from verbind_bot.index.embedding import QUERY_PROMPT
from verbind_bot.index.low_rank import changes

TEXTS = ["Wat is een zorgplicht?", "Wie betaalt de brugfunctionaris op een school in de wijk?"]


def test_a_low_rank_layer_starts_as_the_layer_that_it_replaces_and_learns_its_own_two_matrices():
    linear = torch.nn.Linear(6, 4)
    linear.requires_grad_(False)
    layer, rows = LowRank(linear, rank=2), torch.randn(3, 6)
    assert torch.equal(layer(rows), linear(rows))
    torch.nn.init.normal_(layer.up)
    assert not torch.allclose(layer(rows), linear(rows))
    layer(rows).sum().backward()
    assert [name for name, matrix in layer.named_parameters() if matrix.grad is not None] == ["down", "up"]


@pytest.mark.model
def test_what_was_learned_gives_the_same_vectors_in_the_embedder_that_answers():
    tuned = Tuned(E5(), first=9)
    assert len(tuned.parameters) == 3 * 6 * 2
    torch.manual_seed(1)
    with torch.no_grad():
        for matrix in tuned.parameters:
            matrix += 0.02 * torch.randn_like(matrix)
    rows = [tuned.e5.row(row) for row in tuned.e5.tokens.rows([QUERY_PROMPT + text for text in TEXTS])]
    states = tuned.lower(rows)
    with torch.inference_mode(), precise_enough():
        learned = tuned.vectors(states).numpy()
    changed = changes(tuned.layers())
    assert {".".join(name.split(".")[:3]) for name in changed} == {f"encoder.layer.{n}" for n in (9, 10, 11)}
    answering = E5Embedder(changed).embed_queries(TEXTS)
    assert (learned * answering).sum(axis=1) == pytest.approx(1, abs=1e-2)  # bfloat16 while learning
    assert float(answering[0] @ E5Embedder().embed_queries(TEXTS)[0]) < 0.99


@pytest.mark.model
def test_learning_brings_a_question_to_its_text():
    tuned = Tuned(E5(), first=10)
    rows = [tuned.e5.row(row) for row in tuned.e5.tokens.rows([*TEXTS, "Het samenwerkingsverband zoekt een plek."])]
    states = tuned.lower(rows)
    before = tuned.vectors(states).detach().numpy()
    optimiser = torch.optim.Adam(tuned.parameters, lr=1e-3)
    for _ in range(5):
        question, other, text = tuned.vectors(states)
        loss = question @ other - question @ text
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    after = tuned.vectors(states).detach().numpy()
    assert after[0] @ after[2] - after[0] @ after[1] > before[0] @ before[2] - before[0] @ before[1]
    assert np.isfinite(after).all()
