"""A backup holds all that there is, comes back without embedding, and is not trusted on its word."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import write_small_corpus

from verbind_bot.bootstrap import add_source, build
from verbind_bot.errors import ArchiveError, HeldError, VerbindError
from verbind_bot.index.holding import hold
from verbind_bot.index.moving import look, roll_back
from verbind_bot.keeping.backup import make_backup
from verbind_bot.keeping.restore import restore_backup
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
QUESTION = "Wat maak je van bijenwas?"


def settings_in(folder, corpus):
    return Settings(_env_file=None, data_dir=folder / "data", corpus_dir=corpus)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Settings with an own source, two releases and a conversation, and a backup of them."""
    folder = tmp_path_factory.mktemp("kept")
    settings = settings_in(folder, write_small_corpus(folder / "corpus"))
    build(settings)
    (folder / "was.md").write_text("# Was\n\n## Kaarsen\n\nVan bijenwas maak je kaarsen.\n", encoding="utf-8")
    add_source(settings, folder / "was.md")
    parts = build(settings)
    answer = parts.assistant.ask(QUESTION)
    assert "kaarsen" in answer.text
    made = make_backup(settings, folder / "kopie.tar.gz")
    assert (made.vectors, made.sources) == (parts.index.vectors.count(), 1)
    return settings, folder / "kopie.tar.gz", answer


def test_on_another_machine_everything_is_there_and_nothing_is_embedded(kept, tmp_path):
    settings, archive, answer = kept
    other = settings_in(tmp_path, settings.corpus_dir)
    restore_backup(other, archive)
    told = []
    parts = build(other, lambda done, total: told.append(done))
    assert told == []
    assert parts.assistant.ask(QUESTION, history=()).text == answer.text
    assert parts.assistant.archive.get(answer.id).text == answer.text
    assert (other.data_dir / "bronnen" / "was.md").read_bytes() == (settings.data_dir / "bronnen/was.md").read_bytes()
    assert [r.corpus for r in look(other.index_dir).releases] == [r.corpus for r in look(settings.index_dir).releases]
    roll_back(other.index_dir, None, parts.index.embedder.name)
    assert "bijenwas" not in " ".join(passage.text for passage in build(other).corpus.passages)


def test_what_came_after_the_backup_is_replaced(kept, tmp_path):
    settings, archive, answer = kept
    other = settings_in(tmp_path, settings.corpus_dir)
    (tmp_path / "later.md").write_text("# Later\n\n## Zwerm\n\nEen zwerm vliegt in mei.\n", encoding="utf-8")
    add_source(other, tmp_path / "later.md")
    later = build(other).assistant.ask("Wanneer vliegt een zwerm?")
    restore_backup(other, archive)
    parts = build(other)
    assert parts.assistant.archive.get(later.id) is None
    assert parts.assistant.archive.get(answer.id)
    assert not (other.data_dir / "bronnen" / "later.md").exists()
    assert not list(other.data_dir.glob(".restore-*"))


def test_a_database_on_another_disk_is_put_back_and_no_source_is_lost_when_it_cannot(kept, tmp_path, monkeypatch):
    settings, archive, answer = kept
    other = settings_in(tmp_path, settings.corpus_dir)
    (tmp_path / "later.md").write_text("# Later\n\n## Zwerm\n\nEen zwerm vliegt in mei.\n", encoding="utf-8")
    add_source(other, tmp_path / "later.md")
    full = other.model_copy(update={"database_url": "sqlite:////proc/verbind.db"})
    with pytest.raises(ArchiveError, match="kan niet teruggezet worden"):
        restore_backup(full, archive)
    assert (other.data_dir / "bronnen" / "later.md").exists()
    elsewhere = Path("/dev/shm") / tmp_path.name / "verbind.db"
    there = other.model_copy(update={"database_url": f"sqlite:///{elsewhere}"})
    try:
        restore_backup(there, archive)
        assert build(there).assistant.archive.get(answer.id)
    finally:
        shutil.rmtree(elsewhere.parent, ignore_errors=True)


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_behind(kept):
    settings, archive, _ = kept
    assert archive.stat().st_mode & 0o077 == 0
    assert not list(settings.data_dir.glob(".backup-*"))
    assert not list(archive.parent.glob(".*.part"))


def test_a_folder_that_is_not_there_is_said(kept, tmp_path):
    with pytest.raises(ArchiveError, match="de map bestaat niet"):
        make_backup(kept[0], tmp_path / "weg" / "kopie.tar.gz")


def test_nothing_is_put_back_under_a_server_that_runs(kept, tmp_path):
    settings, archive, _ = kept
    other = settings_in(tmp_path, settings.corpus_dir)
    held = hold(other.index_dir)
    try:
        with pytest.raises(VerbindError) as caught:
            restore_backup(other, archive)
        assert isinstance(caught.value, HeldError)
    finally:
        held.release()


def members(archive):
    with tarfile.open(archive) as tar:
        return [(m, tar.extractfile(m).read()) for m in tar.getmembers()]


def write(path, content, kind="gz"):
    with tarfile.open(path, f"w:{kind}") as tar:
        for member, data in content:
            if member.isreg():
                member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def listing(content, change):
    """The members with another manifest."""
    (first, data), *rest = content
    manifest = json.loads(data)
    change(manifest)
    return [(first, json.dumps(manifest).encode()), *rest]


def named(name, data=b"x", kind=tarfile.REGTYPE, link=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member, data


def content(data):
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def with_file(content_, name, data=b"x"):
    """A member that the manifest names too."""
    return [*listing(content_, lambda m: m["files"].__setitem__(name, content(data))), named(name, data)]


def replaced(content_, end, data):
    """The first member whose name ends so, with other data and the right checksum."""
    name = next(m.name for m, _ in content_ if m.name.endswith(end))
    other = listing(content_, lambda m: m["files"].__setitem__(name, content(data)))
    return [(m, data if m.name == name else old) for m, old in other]


def other_vectors(content_):
    data = next(d for m, d in content_ if m.name.endswith("passages/0.npz"))
    with np.load(io.BytesIO(data)) as arrays:
        ids, vectors = arrays["ids"], arrays["vectors"].copy()
    vectors[0, 0] = np.nan
    packed = io.BytesIO()
    np.savez(packed, ids=ids, vectors=vectors)
    return replaced(content_, "passages/0.npz", packed.getvalue())


def pickled(content_):
    packed = io.BytesIO()
    np.savez(packed, ids=np.array([{"a": 1}], dtype=object), vectors=np.zeros((1, 384), np.float32))
    return replaced(content_, "passages/0.npz", packed.getvalue())


def squeezed(content_):
    packed = io.BytesIO()
    np.savez_compressed(packed, ids=np.array(["a"]), vectors=np.zeros((1, 384), np.float32))
    return replaced(content_, "passages/0.npz", packed.getvalue())


def with_trigger(content_, tmp_path):
    file = tmp_path / "db"
    file.write_bytes(next(d for m, d in content_ if m.name == "verbind.db"))
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON keys BEGIN SELECT 1; END")
    connection.close()
    return replaced(content_, "verbind.db", file.read_bytes())


HOSTILE = {
    "a path out": (lambda c: with_file(c, "../../erbuiten.txt"), "er niet in horen"),
    "an absolute path": (lambda c: with_file(c, "/tmp/erbuiten.txt"), "er niet in horen"),
    "a path out of the sources": (lambda c: with_file(c, "bronnen/../../erbuiten.txt"), "er niet in horen"),
    "a file of its own": (lambda c: with_file(c, "verbind.env"), "er niet in horen"),
    "a file that is not named": (lambda c: [*c, named("bronnen/extra.md")], "er niet in hoort"),
    "a file twice": (lambda c: [*c, c[-1]], "er niet in hoort"),
    "a symbolic link": (
        lambda c: [*c, named("bronnen/link.md", b"", tarfile.SYMTYPE, "/etc/passwd")],
        "er niet in hoort",
    ),
    "a hard link": (lambda c: [*c, named("bronnen/link.md", b"", tarfile.LNKTYPE, "verbind.db")], "er niet in hoort"),
    "a file missing": (lambda c: c[:-1], "niet heel"),
    "no manifest": (lambda c: c[1:], "overzicht ontbreekt"),
    "a newer format": (lambda c: listing(c, lambda m: m.update(format=2)), "nieuwere versie"),
    "a wrong checksum": (lambda c: [*c[:-1], (c[-1][0], c[-1][1][:-1] + bytes([c[-1][1][-1] ^ 1]))], "beschadigd"),
    "vectors that are no numbers": (other_vectors, "vectoren.*beschadigd"),
    "vectors that run code": (pickled, "vectoren.*beschadigd"),
    "vectors squeezed together": (squeezed, "vectoren.*beschadigd"),
    "a release that lacks vectors": (
        lambda c: [
            (m, d)
            for m, d in listing(c, lambda m: [m["files"].pop(k) for k in list(m["files"]) if "/questions/" in k])
            if "/questions/" not in m.name
        ],
        "niet heel",
    ),
    "no database in it": (lambda c: replaced(c, "verbind.db", b"geen database" * 100), "geen SQLite"),
    "another corpus": (lambda c: replaced(c, ".json.gz", gzip.compress(b'{"kind":"corpus"}\n')), "beschadigd"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_an_archive_that_cannot_be_trusted_changes_nothing(kind, kept, tmp_path):
    settings, archive, _ = kept
    change, message = HOSTILE[kind]
    bad = write(tmp_path / "kwaad.tar.gz", change(members(archive)))
    other = settings_in(tmp_path, settings.corpus_dir)
    (other.data_dir / "bronnen").mkdir(parents=True)
    (other.data_dir / "bronnen" / "mijn.md").write_text("van mij")
    with pytest.raises(ArchiveError, match=message):
        restore_backup(other, bad)
    assert not (tmp_path / "erbuiten.txt").exists()
    assert not (tmp_path.parent / "erbuiten.txt").exists()
    assert (other.data_dir / "bronnen" / "mijn.md").read_text() == "van mij"
    assert look(other.index_dir).current is None
    assert not (other.data_dir / "verbind.db").exists()


def test_a_database_that_does_things_is_refused(kept, tmp_path):
    settings, archive, _ = kept
    bad = write(tmp_path / "kwaad.tar.gz", with_trigger(members(archive), tmp_path))
    with pytest.raises(ArchiveError, match="niet van verbind-bot"):
        restore_backup(settings_in(tmp_path, settings.corpus_dir), bad)


def bomb(path, header, size):
    """A small file that becomes `size` bytes."""
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(header)
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return path


def test_bombs_are_not_unpacked(kept, tmp_path):
    settings = settings_in(tmp_path, kept[0].corpus_dir)
    big = tarfile.TarInfo("manifest.json")
    big.size = 2 << 30
    long_name = tarfile.TarInfo("x")
    long_name.type, long_name.size = tarfile.XHDTYPE, 512 << 20
    for n, member in enumerate((big, long_name)):
        bad = bomb(tmp_path / f"{n}.tar.gz", member.tobuf(), 600 << 20)
        with pytest.raises(ArchiveError):
            restore_backup(settings, bad)
    many = listing(
        members(kept[1]), lambda m: m["files"].update({"bronnen/nul.bin": {"size": 1 << 40, "sha256": "0" * 64}})
    )
    with pytest.raises(ArchiveError, match="veel te groot"):
        restore_backup(settings, write(tmp_path / "veel.tar.gz", many))


@pytest.mark.parametrize("data", [b"", b"geen archief", gzip.compress(b"geen tar" * 200)])
def test_what_is_no_archive_is_said(data, kept, tmp_path):
    (tmp_path / "stuk.tar.gz").write_bytes(data)
    with pytest.raises(ArchiveError):
        restore_backup(settings_in(tmp_path, kept[0].corpus_dir), tmp_path / "stuk.tar.gz")
    with pytest.raises(ArchiveError, match=r"geen bestand .*weg\.tar\.gz"):
        restore_backup(settings_in(tmp_path, kept[0].corpus_dir), tmp_path / "weg.tar.gz")


def test_a_cut_off_archive_is_refused(kept, tmp_path):
    whole = kept[1].read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveError):
        restore_backup(settings_in(tmp_path, kept[0].corpus_dir), tmp_path / "half.tar.gz")
