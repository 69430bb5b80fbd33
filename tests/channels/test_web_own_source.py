"""A maintainer's own source can be read whole, and every passage of it leads there."""

import pytest
from fastapi.testclient import TestClient

from verbind_bot.bootstrap import build
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

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
    (small_corpus / "bronnen" / "imkerblad.md").write_text(TEXT, encoding="utf-8")
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", corpus_dir=small_corpus)
    parts = build(settings)
    with TestClient(create_app(settings, loader := Loader(lambda progress: parts))) as client:
        loader._thread.join()
        client.headers["Accept"] = "text/html"
        yield client, parts.corpus


def test_a_source_is_listed_and_read_whole(browser):
    client, corpus = browser
    own = [passage for passage in corpus.passages if passage.id.startswith("bron:")]
    assert len(own) > 1
    assert f'href="/bronnen/{own[0].locator}"' in client.get("/bronnen").text
    page = client.get(f"/bronnen/{own[0].locator}").text
    assert "honing op de markt" in page
    assert "maakt een imker kaarsen" in page
    assert "<b>" not in page
    assert all(f'href="/passages/{passage.id}"' in page for passage in own)
    assert f'href="/bronnen/{own[0].locator}"' in client.get(f"/passages/{own[-1].id}").text
    assert client.get("/bronnen/iets-anders").status_code == 404
