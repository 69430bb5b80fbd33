"""The maintainer's page, the API key, and the limit on questions."""

import pytest
from fastapi.testclient import TestClient

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.channels.web.owners import COOKIE
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
TOKEN = "een-lang-token"


@pytest.fixture
def visit(parts, tmp_path):
    clients = []

    def open_with(client=("testclient", 50000), **more):
        loader = Loader(lambda progress: parts)
        app = create_app(Settings(_env_file=None, data_dir=tmp_path, **more), loader)
        found = TestClient(app, raise_server_exceptions=False, headers={"Accept": "text/html"}, client=client)
        found.__enter__()
        clients.append(found)
        loader._thread.join()
        return found

    yield open_with
    for client in clients:
        client.__exit__(None, None, None)


def test_there_is_no_such_page_without_a_token_set(visit):
    browser = visit()
    assert browser.get("/beheer").status_code == 404
    assert browser.post("/beheer", data={"token": ""}).status_code == 404
    assert browser.get("/beheer/meting").status_code == 404


def test_only_the_token_opens_it_and_it_shows_masked_questions(visit, tmp_path):
    browser = visit(admin_token=TOKEN)
    assert browser.get("/beheer").status_code == 401
    assert browser.post("/beheer", data={"token": "fout"}).status_code == 403
    browser.post("/api/ask", json={"question": "Hoeveel salaris krijgt een spelleider in het wijkteam?"})
    page = browser.post("/beheer", data={"token": TOKEN})
    assert page.status_code == 200
    assert "Hoeveel salaris krijgt een spelleider" in page.text
    assert "Passages" in page.text
    assert browser.get("/beheer").headers["cache-control"] == "no-store"
    assert browser.get("/beheer/meting").status_code == 404
    (tmp_path / "runs" / "1").mkdir(parents=True)
    (tmp_path / "runs" / "1" / "report.html").write_text("<h1>Meting</h1>", encoding="utf-8")
    report = browser.get("/beheer/meting")
    assert "Meting" in report.text
    assert "script-src" not in report.headers["content-security-policy"]
    browser.post("/beheer/uit")
    assert browser.get("/beheer").status_code == 401


def test_whoever_tries_many_tokens_has_to_wait_also_on_this_machine(visit):
    browser = visit(("127.0.0.1", 50000), admin_token=TOKEN)
    codes = [browser.post("/beheer", data={"token": f"gok {n}"}).status_code for n in range(12)]
    assert codes == [403] * 10 + [429] * 2
    refused = browser.post("/beheer", data={"token": TOKEN})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert browser.get("/beheer").status_code == 401


def test_a_trusted_proxy_may_name_the_admin_and_nobody_else(visit):
    header = {"X-Admin": "beheerder"}
    assert visit(("10.0.0.9", 1), admin_header="X-Admin").get("/beheer", headers=header).status_code == 404
    trusted = visit(("10.0.0.1", 1), admin_header="X-Admin", trusted_proxies="10.0.0.1")
    assert trusted.get("/beheer", headers=header).status_code == 200
    assert trusted.get("/beheer", headers={**header, "X-Forwarded-For": "9.9.9.9"}).status_code == 200
    assert trusted.get("/beheer").status_code == 404


def test_an_api_key_is_asked_of_programs_only(visit):
    client = visit(api_key="sleutel")
    body = {"question": "Wat is een OOGO?"}
    assert client.post("/api/ask", json=body).status_code == 401
    assert client.post("/api/ask", json=body, headers={"X-API-Key": "fout"}).status_code == 401
    assert client.post("/api/ask", json=body, headers={"X-API-Key": "sleutel"}).status_code == 200
    said = {"Sec-Fetch-Site": "same-origin", "Cookie": f"{COOKIE}=verzonnen.handtekening"}
    assert client.post("/api/ask", json=body, headers=said).status_code == 401
    client.post("/", data={"vraag": body["question"]})
    assert client.post("/api/ask", json=body).status_code == 200
    assert client.post("/api/ask", json=body, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/healthz").status_code == 200


def test_too_many_questions_must_wait_but_not_on_this_machine(visit):
    far, here = visit(questions_per_minute=3), visit(("127.0.0.1", 1), questions_per_minute=3)
    body = {"question": "Wat is een OOGO?"}
    codes = [far.post("/api/ask", json=body).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    refused = far.post("/api/ask", json=body)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert {here.post("/api/ask", json=body).status_code for _ in range(6)} == {200}
    assert {visit(questions_per_minute=0).post("/api/ask", json=body).status_code for _ in range(5)} == {200}
