"""A maintainer's own source can be read whole, and every passage of it leads there."""

import pytest
from fastapi.testclient import TestClient

from verbind_bot.bootstrap import build
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings
from verbind_bot.types import Source

pytestmark = pytest.mark.model
TEXT = """# Imkerblad

## Honing

Een imker verkoopt zijn honing op de markt.

## Was

Van <b>was</b> maakt een imker kaarsen.
"""


@pytest.fixture
def browser(tmp_path, small_corpus):
    (small_corpus / "bronnen").mkdir()
    for name in ("imkerblad", "begrippen"):
        (small_corpus / "bronnen" / f"{name}.md").write_text(TEXT.replace("Imkerblad", name), encoding="utf-8")
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", corpus_dir=small_corpus)
    parts = build(settings)
    with TestClient(create_app(settings, loader := Loader(lambda progress: parts))) as client:
        loader._thread.join()
        client.headers["Accept"] = "text/html"
        yield client, parts.corpus


@pytest.mark.parametrize("name", ["imkerblad", "begrippen"])
def test_a_source_is_listed_and_read_whole(browser, name):
    client, corpus = browser
    own = [passage for passage in corpus.passages if (passage.source, passage.locator) == (Source.OWN, name)]
    assert len(own) > 1
    assert f'href="/bronnen/eigen/{name}"' in client.get("/bronnen").text
    page = client.get(f"/bronnen/eigen/{name}").text
    assert "honing op de markt" in page
    assert "maakt een imker kaarsen" in page
    assert "<b>" not in page
    assert all(f'href="/passages/{passage.id}"' in page for passage in own)
    assert f'href="/bronnen/eigen/{name}"' in client.get(f"/passages/{own[-1].id}").text


def test_an_older_link_to_a_source_still_opens_it(browser):
    client, _ = browser
    assert "honing op de markt" in client.get("/bronnen/imkerblad").text
    assert "honing op de markt" not in client.get("/bronnen/begrippen").text
    for gone in ("/bronnen/iets-anders", "/bronnen/eigen/iets-anders"):
        assert client.get(gone).status_code == 404
