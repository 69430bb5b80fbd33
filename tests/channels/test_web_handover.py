"""An intake goes from Slack to the web page and back; Slack's door on the same server."""

import re

import pytest
from fastapi.testclient import TestClient

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
SLACK = {"slack_signing_secret": "geheim", "slack_bot_token": "xoxb-1", "slack_api_url": "http://127.0.0.1:9/api/"}
ME = ("slack:T1:U1",)


@pytest.fixture
def browser(parts, tmp_path):
    loader = Loader(lambda progress: parts)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path, **SLACK), loader)
    with TestClient(app, raise_server_exceptions=False, headers={"Accept": "text/html"}) as client:
        loader._thread.join()
        yield client


def test_a_link_from_slack_opens_the_intake_once_after_a_click(browser, parts):
    intake = parts.intakes.start(ME, "spelregeltoets")
    code = parts.intakes.hand_over(intake.id, ME)
    for _ in range(2):  # looking at the link uses nothing up
        assert "Ga hier verder" in browser.get(f"/vragenlijsten/overnemen/{code}").text
    assert browser.get(f"/vragenlijsten/{intake.id}").status_code == 404
    done = browser.post(f"/vragenlijsten/overnemen/{code}")
    assert done.status_code == 200
    assert intake.flow.title in done.text
    assert browser.get(f"/vragenlijsten/{intake.id}").status_code == 200
    assert browser.post(f"/vragenlijsten/overnemen/{code}").status_code == 404
    assert parts.intakes.get(intake.id, ME).id == intake.id


def test_the_page_gives_a_command_for_slack(browser, parts):
    page = browser.post("/vragenlijsten", data={"flow": "spelregeltoets"})
    (place,) = set(re.findall(r"/vragenlijsten/([\w-]{32})/slack", page.text))
    shown = browser.post(f"/vragenlijsten/{place}/slack").text
    (code,) = re.findall(r"/verbind verder ([\w-]+)", shown)
    assert parts.intakes.take_over(code, "slack:T1:U9") == place


def test_slack_is_served_only_when_it_is_set_up(browser, parts, tmp_path):
    assert browser.post("/slack/events", json={"type": "url_verification", "challenge": "x"}).status_code == 401
    loader = Loader(lambda progress: parts)
    with TestClient(create_app(Settings(_env_file=None, data_dir=tmp_path), loader)) as without:
        loader._thread.join()
        assert without.post("/slack/events", json={}).status_code == 404
        page = without.post("/vragenlijsten", data={"flow": "spelregeltoets"})
        assert "Verder in Slack" not in page.text
