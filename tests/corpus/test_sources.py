"""Sources that a maintainer keeps: what the register remembers, and what their passages say of themselves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.corpus.making import pdf

from verbind_bot.answering.composing import cite
from verbind_bot.bootstrap import add_source, fingerprint, kept_sources, read_corpus, source_adder
from verbind_bot.channels.rendering import beir_line, source_line
from verbind_bot.errors import CorpusError
from verbind_bot.settings import Settings
from verbind_bot.types import Source

HOMMEL = "# Hommels\n\nEen hommel is groter dan een bij. {}\n"


@pytest.fixture
def settings(tmp_path, small_corpus) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data", corpus_dir=small_corpus)


def written(path: Path, text: str = HOMMEL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def own(settings: Settings) -> dict[str, str]:
    return {p.id: p.text for p in read_corpus(settings).passages if p.source is Source.OWN}


def test_adding_the_same_content_again_changes_nothing(settings, tmp_path):
    file = written(tmp_path / "over hommels.md")
    assert add_source(settings, file).change == "nieuw"
    before, register = fingerprint(settings), kept_sources(settings).all()
    assert add_source(settings, file).change == "gelijk"
    assert add_source(settings, Path(shutil.copy(file, tmp_path / "kopie.md"))).change == "gelijk"
    assert (fingerprint(settings), kept_sources(settings).all()) == (before, register)


def test_another_text_in_the_same_file_takes_the_place_of_the_first(settings, tmp_path):
    file = written(tmp_path / "a.md")
    add_source(settings, file)
    before = fingerprint(settings)
    assert add_source(settings, written(file, HOMMEL.format("Zij zoemt."))).change == "gewijzigd"
    assert own(settings) == {"bron:a:1": "Een hommel is groter dan een bij. Zij zoemt."}
    assert fingerprint(settings) != before


def test_a_file_that_got_another_name_keeps_its_passages(settings, tmp_path):
    file = written(tmp_path / "oud.md")
    add_source(settings, file)
    before = own(settings)
    added = add_source(settings, file.rename(tmp_path / "nieuw.md"))
    assert (added.change, added.kept.name) == ("hernoemd", "nieuw.md")
    assert own(settings) == before
    assert [path.name for path in kept_sources(settings).folder.glob("*.md")] == ["nieuw.md"]


def test_two_files_of_one_name_are_two_sources(settings, tmp_path):
    for n in (1, 2, 3):
        add_source(settings, written(tmp_path / str(n) / "a.md", HOMMEL.format(f"Nummer {n}.")))
    assert [row.name for row in kept_sources(settings).all()] == ["a-2.md", "a-3.md", "a.md"]
    assert sorted(own(settings)) == ["bron:a-2:1", "bron:a-3:1", "bron:a:1"]
    assert "Nummer 1." in own(settings)["bron:a:1"]


def test_a_name_cannot_lead_elsewhere_or_hide(settings, tmp_path):
    for n, name in enumerate(["...md", ".verborgen.md", "register.json", "a\nb\x1b[31m.md", "x" * 240 + ".md"]):
        add_source(settings, written(tmp_path / str(n) / name, HOMMEL.format(f"Nummer {n}.")))
    names = [row.name for row in kept_sources(settings).all()]
    assert len(names) == 5
    assert all(name.isprintable() and not name.startswith(".") and len(name) < 150 for name in names)
    assert len(own(settings)) == 5


def test_a_source_is_removed_by_name_and_a_typo_is_helped(settings, tmp_path):
    with pytest.raises(CorpusError, match="nog geen"):
        kept_sources(settings).remove("a.md")
    add_source(settings, written(tmp_path / "over hommels.md"))
    with pytest.raises(CorpusError, match=r"Bedoel je 'over hommels\.md'"):
        kept_sources(settings).remove("over homels.md")
    kept_sources(settings).remove("over hommels.md")
    assert own(settings) == {}
    assert kept_sources(settings).all() == []


def test_the_text_of_a_work_says_that_it_is_the_work_itself(settings, tmp_path):
    texts = [(1, "Kasten"), (0, "De spaarkast is in 1905 bedacht. " * 4), (-1, ""), (0, "De korf is ouder. " * 5)]
    add_source(settings, pdf(tmp_path / "scan001.pdf", texts), reference="jansen1999")
    corpus = read_corpus(settings)
    passage = corpus.by_id["werk:scan001:1"]
    assert (passage.source, passage.references, passage.title) == (Source.OWN, ("jansen1999",), "Jansen, P. (1999)")
    last = cite(1, passage, passage.statements[-1])
    assert source_line(last, corpus.references) == "Jansen, P. (1999), blz. 2 (het werk zelf)"
    relayed = corpus.by_id["1:kast"]
    assert "de notitie geeft hier weer" in source_line(cite(1, relayed, relayed.statements[-1]), corpus.references)
    assert beir_line(passage)["metadata"]["page"] == 1


def test_a_file_named_after_a_work_is_that_work(settings, tmp_path, small_corpus):
    add_source(settings, written(tmp_path / "jansen1999.md"))
    assert "werk:jansen1999:1" in own(settings)
    written(small_corpus / "bronnen" / "jansen1999.txt", "In het boek zelf staat nog een andere kast.\n")
    assert sorted(own(settings)) == ["werk:jansen1999-2:1", "werk:jansen1999:1"]


def test_an_unknown_work_is_refused_with_the_nearest_key(settings):
    with pytest.raises(CorpusError, match="Bedoel je 'jansen1999'"):
        source_adder(settings, "janssen1999")


def test_two_files_of_one_name_in_the_corpus_folder_are_two_sources(settings, small_corpus):
    written(small_corpus / "bronnen" / "a" / "x.md", HOMMEL.format("Een."))
    written(small_corpus / "bronnen" / "b" / "x.md", HOMMEL.format("Twee."))
    written(small_corpus / "bronnen" / "c" / "y.md", HOMMEL.format("Een."))
    assert sorted(own(settings)) == ["bron:b-x:1", "bron:x:1"]


def test_a_pdf_is_parsed_once(settings, tmp_path, monkeypatch):
    add_source(settings, pdf(tmp_path / "a.pdf", [(0, "Een hommel is groter dan een bij. " * 5)]))
    before = own(settings)
    monkeypatch.setattr(sys, "executable", "/niet/hier")
    assert own(settings) == before
    shutil.rmtree(settings.data_dir / "cache")
    with pytest.raises((CorpusError, OSError)):
        own(settings)


def test_a_copy_that_the_register_does_not_know_is_read_and_taken_up(settings, tmp_path):
    written(settings.data_dir / "bronnen" / "los.md")
    assert list(own(settings)) == ["bron:los:1"]
    add_source(settings, written(tmp_path / "los.md"))
    assert [(row.name, row.passages) for row in kept_sources(settings).all()] == [("los.md", 1)]


def test_a_broken_register_is_named_and_costs_no_source(settings, tmp_path):
    add_source(settings, written(tmp_path / "a.md"))
    register = settings.data_dir / "bronnen" / "register.json"
    register.write_text("[{", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"register\.json"):
        read_corpus(settings)
    register.unlink()
    assert list(own(settings)) == ["bron:a:1"]


def test_who_adds_at_the_same_time_loses_nothing(settings, tmp_path):
    program = (
        "import sys; from pathlib import Path; from verbind_bot.bootstrap import source_adder\n"
        "from verbind_bot.settings import Settings\n"
        "add = source_adder(Settings(_env_file=None, data_dir=Path(sys.argv[1]), corpus_dir=Path(sys.argv[2])))\n"
        "for file in sys.argv[3:]: add(Path(file))"
    )
    files = [str(written(tmp_path / "in" / f"{n}.md", HOMMEL.format(f"Nummer {n}."))) for n in range(12)]
    base = [sys.executable, "-c", program, str(settings.data_dir), str(settings.corpus_dir)]
    both = [subprocess.Popen([*base, *part]) for part in (files[::2], files[1::2])]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert len(json.loads((settings.data_dir / "bronnen" / "register.json").read_text("utf-8"))) == 12
    assert len(own(settings)) == 12
