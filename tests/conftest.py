"""What every test can ask for; the real model and index are built once a session and kept in .data/tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from verbind_bot.bootstrap import build, read_corpus
from verbind_bot.corpus.library import Corpus
from verbind_bot.index.embedding import Embedder, load_embedder
from verbind_bot.parts import Parts
from verbind_bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]

SECTION = """---
locator: "{locator}"
title: {title}
parent: null
references: [jansen1999]
---

## De bij en haar kast {{#kast}}

Een bijenvolk woont in een kast. Jansen (1999) noemt drie soorten kasten: [@jansen1999]

- de spaarkast;
- de simplexkast;
- de korf van stro.

? Waar wonen bijen in?
? Welke kasten zijn er?

## Het jaar van de imker {{#jaar}}

Een imker oogst de honing in juli. In 1954 telde Nederland 12 imkerverenigingen.

? Wanneer haal je honing uit de kast?
"""
BIB = """@book{jansen1999,
  author = {{Jansen, P.}},
  title = {De kast},
  year = {1999},
  locators = {1},
  annotation = {Jansen (1999) beschrijft drie soorten bijenkasten.},
  vragen = {Wie schreef over bijenkasten? | Boek over kasten}
}
"""
TERMS = """- term: korf
  voluit: strooien korf
  synoniemen: [bijenmand]
  uitleg: Een korf is een kast van stro.
  locators: ["1"]
  vragen:
    - Wat is een korf?
"""


def write_small_corpus(folder: Path) -> Path:
    """Write a whole, tiny corpus on another subject."""
    (folder / "notitie").mkdir(parents=True)
    (folder / "notitie" / "1.md").write_text(SECTION.format(locator="1", title="Bijen houden"), encoding="utf-8")
    (folder / "referenties.bib").write_text(BIB, encoding="utf-8")
    (folder / "begrippen.yaml").write_text(TERMS, encoding="utf-8")
    return folder


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """A folder with a whole, tiny corpus on another subject."""
    return write_small_corpus(tmp_path / "corpus")


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real default model, loaded once."""
    return load_embedder()


@pytest.fixture(scope="session")
def small_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over the tiny corpus, with data of their own."""
    folder = tmp_path_factory.mktemp("small")
    return Settings(_env_file=None, data_dir=folder / "data", corpus_dir=write_small_corpus(folder / "corpus"))


@pytest.fixture(scope="session")
def small_parts(small_settings: Settings) -> Parts:
    """The real assistant over the tiny corpus."""
    return build(small_settings)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The project's own corpus."""
    return read_corpus(Settings(_env_file=None, data_dir=ROOT / ".data" / "tests"))


@pytest.fixture(scope="session")
def parts() -> Parts:
    """The real assistant over the project's own corpus."""
    return build(Settings(_env_file=None, data_dir=ROOT / ".data" / "tests"))
