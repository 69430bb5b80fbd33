"""Releases side by side: each reader sees one, whatever else is in the collections."""

from __future__ import annotations

import numpy as np
import pytest

from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import IndexingError, WrongModelError
from verbind_bot.index.build import open_index, open_release
from verbind_bot.index.chroma import open_client
from verbind_bot.index.entries import own_ids
from verbind_bot.index.moving import look, roll_back, unpin
from verbind_bot.index.snapshots import read_snapshot, snapshot_path, write_snapshot
from verbind_bot.index.vectors import KINDS, VectorIndex


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


@pytest.fixture
def change(small_corpus):
    """A function that puts another month in the corpus and reads it."""
    file = small_corpus / "notitie" / "1.md"
    text = file.read_text(encoding="utf-8")

    def changed(month):
        file.write_text(text.replace("juli", month), encoding="utf-8")
        return load_corpus(small_corpus)

    return changed


def in_it(index, corpus):
    """Whether all that an index returns is of its own corpus, and all of it can be found."""
    own = own_ids(corpus)
    vector = index.embedder.embed_queries(["Wanneer oogst een imker?"])[0]
    return all(set(index.vectors.entries(kind, vector, 100)) == own[kind] for kind in KINDS)


def test_the_old_release_answers_from_its_own_while_the_new_one_is_there(change, embedder, tmp_path):
    july, august = change("juli"), change("augustus")
    old = open_index(july, embedder, tmp_path)
    new = open_index(august, embedder, tmp_path)
    assert own_ids(july) != own_ids(august)
    for index, corpus in ((old, july), (new, august)):
        assert in_it(index, corpus)
        assert index.vectors.count() == sum(map(len, own_ids(corpus).values()))
    pointer = look(tmp_path)
    assert (pointer.current.corpus, pointer.previous.corpus) == (august.hash, july.hash)


def test_nothing_of_a_release_is_missed_among_many_of_others(embedder, tmp_path):
    random = np.random.default_rng(3)
    rows = random.normal(size=(2000, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = [f"p{n}#x" for n in range(len(rows))]
    own = {kind: frozenset(ids[::40]) for kind in KINDS}
    index = VectorIndex(open_client(tmp_path), "m", 384, "verbind-proef", own)
    index.add("passages", ids, rows)
    for question in rows[random.choice(2000, 20)]:
        exact = sorted(range(0, 2000, 40), key=lambda n: -float(rows[n] @ question))[:10]
        found = index.entries("passages", question, 10)
        assert set(found) <= own["passages"]
        assert len(set(found) & {ids[n] for n in exact}) >= 9
        assert list(found.values()) == sorted(found.values(), reverse=True)


def test_what_neither_release_needs_is_removed_and_the_rest_is_not(change, embedder, tmp_path):
    corpora = [change(month) for month in ("juli", "augustus", "september")]
    for corpus in corpora:
        last = open_release(corpus, embedder, tmp_path, grace_seconds=0).index
    assert last.vectors.ids("passages") == own_ids(corpora[1])["passages"] | own_ids(corpora[2])["passages"]
    assert {path.name for path in (tmp_path / "releases").iterdir()} == {f"{c.hash}.json.gz" for c in corpora[1:]}
    assert {path.name for path in (tmp_path / "words").iterdir()} == {c.hash for c in corpora[1:]}


def test_a_reader_that_has_not_looked_yet_keeps_its_release(change, embedder, tmp_path):
    corpora = [change(month) for month in ("juli", "augustus", "september")]
    first = open_index(corpora[0], embedder, tmp_path)
    for corpus in corpora[1:]:
        open_index(corpus, embedder, tmp_path)
    assert in_it(first, corpora[0])


def test_collections_of_an_earlier_version_go_with_the_first_release(small_corpus, embedder, tmp_path):
    client = open_client(tmp_path / "chroma")
    for kind in KINDS:
        client.create_collection(f"verbind-{kind}", metadata={"model": "x", "dimension": 3}, embedding_function=None)
    client.create_collection("van-een-ander", embedding_function=None)
    index = open_index(load_corpus(small_corpus), embedder, tmp_path)
    names = {collection.name for collection in client.list_collections()}
    assert names == {"verbind", "van-een-ander", *(f"{index.release.prefix}-{kind}" for kind in KINDS)}


def test_a_rebuild_embeds_all_beside_and_the_old_one_goes_on(small_corpus, embedder, tmp_path):
    corpus, counting = load_corpus(small_corpus), Counting(embedder)
    old = open_index(corpus, embedder, tmp_path)
    new = open_index(corpus, counting, tmp_path, rebuild=True)
    assert len(counting.texts) == old.vectors.count() == new.vectors.count()
    assert new.release.prefix != old.release.prefix
    assert in_it(old, corpus)
    assert in_it(new, corpus)


def test_rolled_back_it_stays_so_until_it_is_freed(change, embedder, tmp_path):
    july, august = change("juli"), change("augustus")
    for corpus in (july, august):
        open_index(corpus, embedder, tmp_path)
    pointer = roll_back(tmp_path, None, embedder.name)
    assert (pointer.pinned, pointer.current.corpus) == (True, july.hash)
    counting = Counting(embedder)
    opened = open_release(august, counting, tmp_path)
    assert opened.corpus == july
    assert counting.texts == []
    assert in_it(opened.index, july)
    counting.texts.clear()
    assert unpin(tmp_path)
    assert not unpin(tmp_path)
    again = open_release(august, counting, tmp_path)
    assert again.corpus == august
    assert counting.texts == []
    assert not look(tmp_path).pinned


def test_there_is_no_way_back_without_a_release_before_or_to_another_model(change, embedder, tmp_path):
    with pytest.raises(IndexingError, match="geen vorige"):
        roll_back(tmp_path, None, embedder.name)
    open_index(change("juli"), embedder, tmp_path)
    open_index(change("augustus"), Counting(embedder, "ander-model"), tmp_path)
    with pytest.raises(WrongModelError, match="VERBIND_EMBEDDING_MODEL"):
        roll_back(tmp_path, None, "ander-model")
    roll_back(tmp_path, None, embedder.name)
    with pytest.raises(WrongModelError, match="vastgezet"):
        open_index(change("augustus"), Counting(embedder, "ander-model"), tmp_path)


def test_a_release_that_is_not_whole_is_not_put_back(change, embedder, tmp_path):
    july = change("juli")
    open_index(july, embedder, tmp_path)
    index = open_index(change("augustus"), embedder, tmp_path)
    gone = sorted(own_ids(july)["passages"] - own_ids(change("augustus"))["passages"])
    index.vectors.remove("passages", gone)
    with pytest.raises(IndexingError, match="niet heel meer: 1 van de"):
        roll_back(tmp_path, None, embedder.name)
    assert not look(tmp_path).pinned


def test_a_snapshot_gives_the_whole_corpus_back(corpus, small_corpus, tmp_path):
    for each in (corpus, load_corpus(small_corpus)):
        write_snapshot(tmp_path, each)
        assert read_snapshot(tmp_path, each.hash) == each


def test_a_broken_snapshot_is_said(small_corpus, tmp_path):
    corpus = load_corpus(small_corpus)
    write_snapshot(tmp_path, corpus)
    path = snapshot_path(tmp_path, corpus.hash)
    whole = path.read_bytes()
    for broken in (whole[:-20], b"geen gzip", whole[:40] + b"xx" + whole[42:]):
        path.write_bytes(broken)
        with pytest.raises(IndexingError, match="verbind-bot ingest"):
            read_snapshot(tmp_path, corpus.hash)
    other = snapshot_path(tmp_path, "0" * 16)
    other.write_bytes(whole)
    with pytest.raises(IndexingError, match="niet wat de index zegt"):
        read_snapshot(tmp_path, "0" * 16)
