"""Whole stories in Slack, over real HTTP on both sides: a fake Slack and the real server."""

import asyncio
import json
import logging
import re
import socket
import threading
import time

import httpx
import pytest
import uvicorn
import yaml
from fastapi import FastAPI
from tests.conftest import ROOT
from tests.slack_fake.member import SECRET, Member, find, text_of
from tests.slack_fake.server import BOT, FakeSlack

from verbind_bot.channels.slack.answers import paragraphs
from verbind_bot.channels.slack.app import COMMAND, create_slack_app
from verbind_bot.channels.slack.checking import slack_checks
from verbind_bot.channels.slack.desk import conversation
from verbind_bot.channels.slack.installing import SCOPES
from verbind_bot.channels.slack.running import _connect, mount, run_socket_mode
from verbind_bot.channels.telemetry.lines import line_of
from verbind_bot.errors import SettingsError
from verbind_bot.flows.engine import Give
from verbind_bot.settings import Settings
from verbind_bot.types import Answer, CitedSentence, Status

pytestmark = pytest.mark.model
QUESTION = "Wat is een netwerkschool?"


@pytest.fixture(scope="module")
def slack():
    fake = FakeSlack().start()
    yield fake
    fake.stop()


def serve(app):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    return server, thread, f"http://127.0.0.1:{port}"


def settings_for(slack, tmp, **more):
    given = {"slack_bot_token": "xoxb-T1", "slack_signing_secret": SECRET, "slack_api_url": slack.api, **more}
    return Settings(_env_file=None, data_dir=tmp, public_url="https://school.example", **given)


@pytest.fixture(scope="module")
def bot(slack, parts, tmp_path_factory):
    app = FastAPI()
    mount(app, settings_for(slack, tmp_path_factory.mktemp("slack")), lambda: parts)
    server, thread, url = serve(app)
    yield url
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def me(slack, bot, request):
    """A member with a user id of their own in every test, and a Slack without earlier calls."""
    slack.calls.clear()
    slack.refused.clear()
    yield Member(slack, bot, user=f"U{abs(hash(request.node.name)) % 10**8}")
    assert slack.refused == []


def answers(slack, channel, thread):
    return [m for m in slack.said(channel, thread) if not m["only"]]


def action_ids(message):
    return {e.get("action_id") for b in message["blocks"] for e in b.get("elements", [])}


def one_answer(slack, channel, thread, count=1):
    found = slack.wait(lambda: (a := answers(slack, channel, thread)) and len(a) >= count and a[-1]["blocks"] and a)
    return found[-1]


def test_a_question_in_a_direct_message_is_streamed_with_its_sources(slack, me):
    ts = me.say(QUESTION)
    message = one_answer(slack, me.dm, ts)
    assert message.get("streamed")
    assert "[1]" in message["text"]
    shown = text_of(message)
    assert "https://school.example/passages/2.2%3A" in shown or "https://school.example/passages/2.2:" in shown
    assert slack.of("assistant.threads.setStatus")[0].params["status"]
    find(message["blocks"], "oordeel")
    find(message["blocks"], "Bekijk de citaten")


def test_a_mention_is_answered_once_in_its_thread_and_a_follow_up_needs_none(slack, me):
    ts = me.mention(QUESTION)
    one_answer(slack, "C1", ts)
    me.say("en welke andere varianten zijn er?", "C1", thread=ts)
    second = one_answer(slack, "C1", ts, 2)
    assert "multifunctionele" in second["text"]
    time.sleep(0.5)
    assert len(answers(slack, "C1", ts)) == 2


def test_talk_of_other_people_in_the_thread_is_left_alone(slack, me):
    ts = me.mention(QUESTION)
    one_answer(slack, "C1", ts)
    other = Member(slack, me.bot, user="U999")
    other.say("Zullen we dat dinsdag bespreken?", "C1", thread=ts)
    other.say("wat vind jij?", "C1", thread=ts)
    me.say("Ja, dat lijkt me goed.", "C1", thread=ts)
    me.say("<@U999> kun jij dat doen?", "C1", thread=ts)
    me.say("Wat is een wijkteam?", "C1")
    me.event(me.message(QUESTION, "C1", thread=ts, bot_id="B2"))
    me.event(me.message(QUESTION, "C1", thread=ts, subtype="channel_join"))
    time.sleep(1.0)
    assert len(answers(slack, "C1", ts)) == 1


def test_ten_deliveries_of_one_event_are_answered_once(slack, me):
    event = me.message(QUESTION)
    for attempt in range(10):
        headers = {"X-Slack-Retry-Num": str(attempt)} if attempt else {}
        assert me.event(event, event_id=f"EvTen{me.user}", headers=headers).status_code == 200
    one_answer(slack, me.dm, event["ts"])
    time.sleep(1.0)
    assert len(answers(slack, me.dm, event["ts"])) == 1


def test_the_slash_command_answers_the_user_alone_and_can_share(slack, me):
    response = me.command(f"vraag {QUESTION}", "C2")
    assert "zoek" in response.text
    (private,) = slack.wait(lambda: slack.said("C2", user=me.user))
    assert "netwerkschool" in text_of(private)
    me.press(private, "Deel in dit kanaal")
    shared = slack.wait(lambda: [m for m in slack.said("C2") if m["only"] is None])
    assert f"<@{me.user}>" in shared[0]["text"]


def test_quotes_feedback_and_follow_up_buttons(slack, me, parts):
    ts = me.say("Welke drie varianten van scholen noemt de Onderwijsraad?")
    message = one_answer(slack, me.dm, ts)
    before = len(slack.views)
    me.press(message, "Bekijk de citaten")
    view = slack.wait(lambda: slack.views[before:])[0]
    assert "De notitie geeft weer wat" in json.dumps(view, ensure_ascii=False)
    element = find(message["blocks"], "oordeel")[1]
    value = element["negative_button"]["value"]
    me.interact(
        {
            "type": "block_actions",
            "actions": [{"type": "feedback_buttons", "action_id": "oordeel", "block_id": "b", "value": value}],
            **me._around(message),
        }
    )
    given = slack.wait(lambda: [f for f in parts.assistant.archive.judged() if f.answer_id == value.partition("|")[2]])
    assert (given[0].verdict, given[0].channel) == ("down", "slack")
    me.press(message, "vraag_0")
    one_answer(slack, me.dm, ts, 3)


def test_personal_data_is_told_to_the_user_alone_and_kept_nowhere(slack, me, parts):
    me.mention("Leerling Kevin de Boer (BSN 111222333) spijbelt, wat nu?")
    warned = slack.wait(lambda: slack.said("C1", user=me.user))[0]
    assert "Verwijder je bericht" in text_of(warned)
    assert not warned["thread_ts"]
    assert not {"citaten", "oordeel"} & action_ids(warned)
    sent = json.dumps([c.params for c in slack.calls], ensure_ascii=False)
    assert "Kevin" not in sent
    assert "111222333" not in sent


def test_a_warning_in_a_thread_with_replies_stays_there(slack, me):
    ts = me.mention(QUESTION)
    one_answer(slack, "C1", ts)
    me.mention("Leerling Kevin de Boer spijbelt, wat nu?", thread=ts)
    slack.wait(lambda: slack.said("C1", ts, user=me.user))


def test_nothing_is_offered_that_needs_a_kept_answer_where_none_is_kept(slack, parts, tmp_path):
    app = FastAPI()
    mount(app, settings_for(slack, tmp_path, history_days=0), lambda: parts)
    server, thread, url = serve(app)
    member = Member(slack, url, user="UNIETS")
    message = one_answer(slack, member.dm, member.say(QUESTION))
    assert "vraag_0" in action_ids(message)
    assert not {"citaten", "oordeel"} & action_ids(message)
    member.command(f"vraag {QUESTION}", "C3")
    assert "deel" not in action_ids(slack.wait(lambda: slack.said("C3", user="UNIETS"))[0])
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*The sources are in Dutch.*\n\nEen zin. [1]", ["_The sources are in Dutch._", "Een zin. [1]"]),
        ("Dit zijn er twee: [1]\n- een <a>; [1]\n- b. [1]\n\nSlot.", [
            "Dit zijn er twee: [1]\n• een &lt;a&gt;; [1]\n• b. [1]", "Slot.",
        ]),
        ("Zo begin je: [1]\n1. kijk; [1]\n2. kies. [1]", ["Zo begin je: [1]\n1. kijk; [1]\n2. kies. [1]"]),
    ],
)  # fmt: skip
def test_an_answer_keeps_its_lists_and_notes(text, shown):
    sentences = (CitedSentence("Een zin.", (1,)),)
    assert paragraphs(Answer("a", "?", Status.ANSWERED, text, sentences=sentences)) == shown
    assert paragraphs(Answer("a", "?", Status.OUT_OF_SCOPE, text)) == shown


def test_a_hostile_message_mentions_nobody_and_makes_no_link(slack, me):
    ts = me.say("Wat is <!channel> *een* <https://kwaad.example|netwerkschool> &lt;@U999&gt;?")
    shown = text_of(one_answer(slack, me.dm, ts))
    for bad in ("<!channel>", "<@U999>", "kwaad.example"):
        assert bad not in shown


@pytest.mark.parametrize("fault", ["unknown_method", 500, 429])
def test_without_streaming_the_answer_is_posted(slack, me, fault):
    slack.fail("chat.startStream", fault, 1 if fault != 500 else 3)
    message = one_answer(slack, me.dm, me.say(QUESTION))
    assert "netwerkschool" in text_of(message)


def test_a_stream_that_breaks_off_is_completed_in_place(slack, me):
    slack.fail("chat.stopStream", "internal_error")
    message = (
        slack.wait(lambda: [m for m in slack.said(me.dm) if m.get("edited")], what="an update")
        if me.say(QUESTION)
        else []
    )
    assert "[1]" in text_of(message[0])


def test_a_rate_limit_is_obeyed(slack, me):
    slack.fail("chat.startStream", "not_allowed")
    slack.fail("chat.postMessage", 429)
    one_answer(slack, me.dm, me.say(QUESTION))
    first, second = slack.of("chat.postMessage")[:2]
    assert second.at - first.at >= 1.0


def test_a_failure_is_told_with_an_id_that_the_log_has(slack, me, caplog):
    slack.fail("chat.startStream", "not_allowed")
    slack.fail("chat.postMessage", "invalid_blocks")
    with caplog.at_level(logging.ERROR):
        ts = me.say(QUESTION)
        told = slack.wait(lambda: [m for m in slack.said(me.dm, ts) if "noem dan nummer" in m["text"]])[0]
    number = told["text"].split("nummer ")[1].split()[0]
    failures = [record for record in caplog.records if record.getMessage() == "slack listener failed"]
    assert [line_of(record)["request_id"] for record in failures] == [number]


@pytest.mark.parametrize("wrong", ["signature", "old", "unsigned"])
def test_a_wrong_or_old_signature_gets_401(slack, me, wrong):
    body = json.dumps(me.envelope(me.message(QUESTION)))
    headers = {"X-Slack-Signature": "v0=00"} if wrong == "signature" else {}
    at = time.time() - 400 if wrong == "old" else None
    if wrong == "unsigned":
        headers = {"X-Slack-Signature": "", "X-Slack-Request-Timestamp": ""}
    assert me.post(body, "application/json", headers, at).status_code == 401


@pytest.mark.parametrize("left", ["nothing", "a tombstone"])
def test_an_edited_question_is_answered_again_and_a_removed_one_forgotten(slack, me, parts, left):
    event = me.message(QUESTION)
    me.event(event)
    one_answer(slack, me.dm, event["ts"])
    new = me.edit(event, "Wat is een sobere school?")
    assert "sobere" in text_of(one_answer(slack, me.dm, event["ts"], 2))
    if left == "nothing":
        me.event({**me.change(new), "subtype": "message_deleted", "deleted_ts": event["ts"]})
    else:
        tombstone = {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}
        me.event(me.change(new, {**tombstone, "ts": event["ts"], "thread_ts": event["ts"]}))
    name = conversation("T1", me.dm, event["ts"])
    slack.wait(lambda: not parts.assistant.archive.of(name), what="the question to be forgotten")
    time.sleep(0.5)
    assert len(answers(slack, me.dm, event["ts"])) == 2


@pytest.mark.parametrize("first", ["Leerling Kevin de Boer spijbelt, wat nu?", "Wat is dit? " * 600])
def test_a_direct_message_edited_as_advised_is_answered(slack, me, first):
    event = me.message(first)
    me.event(event)
    slack.wait(lambda: slack.said(me.dm, event["ts"]))
    new = me.edit(event, QUESTION)
    assert "[1]" in one_answer(slack, me.dm, event["ts"], 2)["text"]
    me.event(me.change(new, {**new, "attachments": [{"title": "een link"}]}))
    time.sleep(0.5)
    assert len(answers(slack, me.dm, event["ts"])) == 2


def test_a_mention_that_an_edit_adds_is_answered_once(slack, me):
    event = me.message(QUESTION, "C1")
    me.event(event)
    new = me.edit(event, f"<@{BOT}> {QUESTION}")
    me.event({**new, "type": "app_mention"})
    one_answer(slack, "C1", event["ts"])
    other = me.message("Wie haalt er koffie?", "C1")
    me.edit(other, "Wie haalt er thee?")
    time.sleep(0.5)
    assert len(answers(slack, "C1", event["ts"])) == 1
    assert not answers(slack, "C1", other["ts"])


def test_an_edit_that_fails_is_told_below_the_message(slack, me):
    event = me.message(QUESTION)
    me.edit(event, "Wat is dit? " * 600)
    slack.wait(lambda: [m for m in slack.said(me.dm, event["ts"]) if "te lang" in m["text"]])


def test_an_edited_answer_to_a_step_is_no_answer_to_the_next(slack, me):
    me.command("spelregels")
    message = card(slack, me, "Vraag 1 van")
    event = me.message("weet ik nog niet", thread=message["ts"])
    me.event(event)
    slack.wait(lambda: "Vraag 2 van" in text_of(message))
    me.edit(event, "weet ik niet")
    time.sleep(0.5)
    assert "Vraag 2 van" in text_of(message)
    assert not answers(slack, me.dm, message["ts"])


def card(slack, me, contains=""):
    return slack.wait(
        lambda: [m for m in slack.said(me.dm) if not m["thread_ts"] and m["blocks"] and contains in text_of(m)],
        what=f"a card with {contains!r}",
    )[-1]


def test_a_whole_wijkanalyse_with_buttons_up_to_the_report(slack, me, parts):
    assert "bericht gestuurd" in me.command("wijkanalyse").text
    seen = set()
    for _ in range(60):
        message = card(slack, me)
        text = text_of(message)
        if "Verslag als Word" in text:
            break
        ids = [e.get("action_id") for b in message["blocks"] for e in b.get("elements", [])]
        before = json.dumps(message["blocks"])
        kinds = {i.split("_")[0] for i in ids if i}
        if "vinkjes" in ids:
            boxes = find(message["blocks"], "vinkjes")[1]["options"]
            me.press(message, "klaar", ticks=[o["value"] for o in boxes[:2]])
        elif "menu" in ids:
            me.press(message, "menu", option=find(message["blocks"], "menu")[1]["options"][0]["value"])
        elif "typ" in ids:
            count = len(slack.views)
            me.press(message, "typ")
            view = slack.wait(lambda n=count: slack.views[n:])[0]
            assert me.submit(view, "12").status_code == 200
        else:
            me.press(message, next(i for i in ids if i and i.startswith("kies_")))
        seen |= kinds
        slack.wait(lambda m=message, b=before: json.dumps(m["blocks"]) != b, what="the next step")
    assert {"vinkjes", "typ", "kies"} <= seen
    (intake,) = parts.intakes.mine((f"slack:T1:{me.user}",))
    assert intake.status == "done"
    me.press(card(slack, me), "Verslag als Word")
    file = slack.wait(lambda: [f for f in slack.files if f["channel"] == me.dm])[0]
    assert file["filename"].endswith(".docx")
    assert file["content"].startswith(b"PK")
    assert any("Volgende stappen" in text_of(m) for m in slack.said(me.dm))
    me.press(card(slack, me), "Begin opnieuw")
    card(slack, me, "Vraag 1 van")


def test_a_dialogue_goes_on_in_its_thread_also_with_a_question_halfway(slack, me, parts):
    me.command("spelregels")
    message = card(slack, me, "Vraag 1 van")
    first = json.dumps(message["blocks"])
    me.say("Wat doet een spelleider?", thread=message["ts"])
    one_answer(slack, me.dm, message["ts"])
    assert json.dumps(message["blocks"]) == first
    me.say("weet ik nog niet", thread=message["ts"])
    slack.wait(lambda: "Vraag 2 van" in text_of(message))
    me.say("terug", thread=message["ts"])
    slack.wait(lambda: "Vraag 1 van" in text_of(message))
    me.press(message, "Waarom vraag je dit?")
    slack.wait(lambda: [m for m in slack.said(me.dm, message["ts"]) if "[1]" in text_of(m) and "Waarom" in m["text"]])
    me.press(message, "Overzicht")
    shown = slack.wait(lambda: [m for m in slack.said(me.dm, message["ts"]) if "Wijzig" in text_of(m)])[0]
    assert "Weet ik nog niet" in text_of(shown)


def test_two_presses_of_one_button_count_once(slack, me, parts):
    me.command("schoolmodel")
    message = dict(card(slack, me, "Vraag 1 van"))
    name = next(
        e["action_id"]
        for b in message["blocks"]
        for e in b.get("elements", [])
        if e.get("action_id", "").startswith("kies_")
    )
    me.press(message, name)
    me.press(message, name)
    slack.wait(lambda: slack.said(me.dm, user=me.user) or [m for m in slack.said(me.dm) if "intussen" in m["text"]])
    (intake,) = parts.intakes.mine((f"slack:T1:{me.user}",))
    assert intake.state_version == 2


def number_modal(slack, me, parts):
    """The modal of the first step of a wijkanalyse that asks for a number, and whose it is."""
    me.command("wijkanalyse")
    key = (f"slack:T1:{me.user}",)
    slack.wait(lambda: parts.intakes.mine(key))
    intake = parts.intakes.mine(key)[0]
    while intake.view.step.kind != "number":
        intake = parts.intakes.move(intake.id, key, Give(intake.view.step.id, None))
    me.command("wijkanalyse")
    message = card(slack, me, "Typ je antwoord")
    count = len(slack.views)
    me.press(message, "typ")
    return slack.wait(lambda: slack.views[count:])[0], key


def test_a_modal_keeps_a_value_that_does_not_fit_and_says_why(slack, me, parts):
    view, key = number_modal(slack, me, parts)
    refused = me.submit(view, "veel")
    assert "getal" in refused.json()["errors"]["antwoord"]
    assert me.submit(view, "12.500").status_code == 200
    slack.wait(lambda: parts.intakes.mine(key)[0].view.answers[-1].value == 12500)


def test_a_modal_is_acknowledged_in_time_while_answers_are_slow(slack, me, parts, monkeypatch):
    view, _ = number_modal(slack, me, parts)
    ask, asking, enough = parts.assistant.ask, threading.Semaphore(0), threading.Event()

    def slow(*given, **more):
        asking.release()
        enough.wait(10)
        return ask(*given, **more)

    monkeypatch.setattr(parts.assistant, "ask", slow)
    questions = [me.say(QUESTION) for _ in range(2)]
    assert all(asking.acquire(timeout=10) for _ in questions)
    started = time.monotonic()
    assert me.submit(view, "12.500").status_code == 200
    assert time.monotonic() - started < 3
    enough.set()
    for ts in questions:
        one_answer(slack, me.dm, ts)


def test_app_home_lists_ones_own_intakes_to_resume_report_and_delete(slack, me, parts):
    opened = {"type": "app_home_opened", "user": me.user, "channel": me.dm, "tab": "home", "event_ts": "1.1"}
    me.event(opened)
    home = slack.wait(lambda: slack.homes.get(me.user))
    assert "nog geen vragenlijst" in json.dumps(home, ensure_ascii=False)
    me.press(home, "begin_spelregeltoets")
    card(slack, me, "Spelregeltoets")
    home = slack.wait(lambda: (h := slack.homes[me.user]) and "Ga verder" in json.dumps(h) and h)
    me.press(home, "Ga verder")
    slack.wait(lambda: len([m for m in slack.said(me.dm) if not m["thread_ts"]]) == 2)
    me.press(home, "Verslag als PDF")
    slack.wait(lambda: [f for f in slack.files if f["channel"] == me.dm and f["content"].startswith(b"%PDF")])
    me.press(home, "Verwijder")
    slack.wait(lambda: not parts.intakes.mine((f"slack:T1:{me.user}",)))
    me.event({**opened, "tab": "messages"})
    call = slack.wait(lambda: slack.of("assistant.threads.setSuggestedPrompts"))[0]
    assert 1 <= len(call.params["prompts"]) <= 4


def test_nobody_opens_the_intake_of_another(slack, me, parts):
    me.command("spelregels")
    message = card(slack, me, "Spelregeltoets")
    thief = Member(slack, me.bot, user="UDIEF")
    thief.press(message, "Waarom vraag je dit?")
    told = slack.wait(lambda: slack.said(me.dm, user="UDIEF"))
    assert "niet van jou" in told[0]["text"]
    twin = Member(slack, me.bot, user=me.user, team="T2")
    twin.press(message, "pauze")
    slack.wait(lambda: len([m for m in slack.said(me.dm, user=me.user) if "niet van jou" in m["text"]]) == 1)


def test_the_same_intake_goes_on_from_the_web_and_back(slack, me, parts):
    intake = parts.intakes.start(("cookie:browser",), "spelregeltoets")
    code = parts.intakes.hand_over(intake.id, ("cookie:browser",))
    me.command(f"verder {code}")
    message = card(slack, me, "Spelregeltoets")
    assert parts.intakes.mine((f"slack:T1:{me.user}",))[0].id == intake.id
    me.command(f"verder {code}")
    slack.wait(lambda: [m for m in slack.said("C1", user=me.user) if "niet van jou" in m["text"]])
    me.press(message, "Verder op de webpagina")
    said = slack.wait(lambda: [m for m in slack.said(me.dm, message["ts"]) if "overnemen/" in text_of(m)])[0]
    code = text_of(said).split("overnemen/")[1].split("|")[0]
    assert parts.intakes.take_over(code, "cookie:ander") == intake.id


@pytest.mark.parametrize("text", ["", "help", "vraag"])
def test_help_is_plain_dutch(me, text):
    assert "Stel je vraag" in me.command(text).text


def test_a_restart_in_the_middle_loses_nothing(slack, me, parts, tmp_path):
    ts = me.mention(QUESTION)
    one_answer(slack, "C1", ts)
    me.command("spelregels")
    message = card(slack, me, "Vraag 1 van")
    app = FastAPI()
    mount(app, settings_for(slack, tmp_path), lambda: parts)
    server, thread, url = serve(app)
    again = Member(slack, url, user=me.user)
    again.say("en welke varianten zijn er nog meer?", "C1", thread=ts)
    one_answer(slack, "C1", ts, 2)
    again.press(message, "weet_niet")
    slack.wait(lambda: "Vraag 2 van" in text_of(message))
    server.should_exit = True
    thread.join(10)


def test_a_server_that_is_still_loading_answers_when_it_is_ready(slack, parts, tmp_path):
    ready = []
    app = FastAPI()
    mount(app, settings_for(slack, tmp_path), lambda: parts if ready else None)
    server, thread, url = serve(app)
    early = Member(slack, url, user="UVROEG")
    ts = early.say(QUESTION)
    time.sleep(0.5)
    assert not answers(slack, early.dm, ts)
    ready.append(True)
    one_answer(slack, early.dm, ts)
    server.should_exit = True
    thread.join(10)


def test_socket_mode_acknowledges_and_answers_and_a_retry_once(slack, parts, tmp_path):
    settings = settings_for(slack, tmp_path, slack_app_token="xapp-1", slack_signing_secret=None)
    loop = asyncio.new_event_loop()
    task = loop.create_task(_connect(settings, "xapp-1", lambda: parts))
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True)))
    thread.start()
    slack.wait(lambda: slack.connected, what="a socket")
    me = Member(slack, "", user="USOCKET")
    payload = me.envelope(me.message(QUESTION))
    names = [slack.send_envelope("events_api", payload, retry_attempt=n) for n in range(3)]
    one_answer(slack, me.dm, payload["event"]["ts"])
    slack.wait(lambda: {a["envelope_id"] for a in slack.acks} >= set(names), what="acknowledgements")
    time.sleep(0.5)
    assert len(answers(slack, me.dm, payload["event"]["ts"])) == 1
    loop.call_soon_threadsafe(task.cancel)
    thread.join(10)


def test_two_workspaces_by_oauth_each_with_their_own_token(slack, parts, tmp_path):
    more = {"slack_client_id": "1.2", "slack_client_secret": "s", "slack_bot_token": None}
    app = FastAPI()
    mount(app, settings_for(slack, tmp_path, **more), lambda: parts)
    server, thread, url = serve(app)
    with httpx.Client(base_url=url) as admin:
        for team in ("T7", "T8"):
            page = admin.get("/slack/install")
            state = re.search(r"state=([\w-]+)", page.text).group(1)
            cookie = page.headers["set-cookie"].partition(";")[0]
            done = admin.get("/slack/oauth_redirect", params={"code": team, "state": state}, headers={"Cookie": cookie})
            assert done.status_code == 200, done.text
        assert admin.get("/slack/oauth_redirect", params={"code": "T9", "state": "onzin"}).status_code == 400
    for team in ("T7", "T8"):
        member = Member(slack, url, user="USAMEN", team=team)
        ts = member.say(QUESTION)
        message = one_answer(slack, member.dm, ts)
        assert message["team"] == team
        member.command("spelregels")
        slack.wait(lambda t=team: parts.intakes.mine((f"slack:{t}:USAMEN",)))
    first, second = (parts.intakes.mine((f"slack:{team}:USAMEN",)) for team in ("T7", "T8"))
    assert first[0].id != second[0].id
    assert Member(slack, url, team="T9").event(
        {"type": "app_mention", "channel": "C1", "ts": "1.1", "user": "U1", "text": "hoi"}
    )
    server.should_exit = True
    thread.join(10)


def test_doctor_names_each_missing_token_and_scope(slack, tmp_path):
    empty = Settings(_env_file=None, data_dir=tmp_path)
    missing = {check.name for check in slack_checks(empty) if not check.ok}
    assert {"VERBIND_SLACK_BOT_TOKEN", "VERBIND_SLACK_SIGNING_SECRET", "VERBIND_SLACK_APP_TOKEN"} <= missing
    slack.scopes, kept = slack.scopes.replace("files:write,", ""), slack.scopes
    found = list(slack_checks(settings_for(slack, tmp_path, slack_app_token="xapp-1")))
    slack.scopes = kept
    assert [check.name for check in found if not check.ok] == ["Recht files:write"]
    slack.fail("auth.test", "invalid_auth")
    found = {check.name: check for check in slack_checks(settings_for(slack, tmp_path))}
    assert "invalid_auth" in found["Bot-token"].detail


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"slack_bot_token": None, "slack_signing_secret": None}, {"BOT_TOKEN", "SIGNING_SECRET", "APP_TOKEN"}),
        ({}, set()),
        ({"slack_signing_secret": None, "slack_app_token": "xapp-1"}, set()),
        ({"slack_bot_token": None, "slack_client_id": "1.2", "slack_client_secret": "geheim"}, set()),
        ({"slack_bot_token": None, "slack_client_id": "1.2"}, {"CLIENT_SECRET"}),
        ({"slack_app_token": "xoxb-verkeerd"}, {"APP_TOKEN"}),
    ],
)
def test_doctor_wants_only_what_the_chosen_way_needs(slack, tmp_path, given, missing):
    settings = settings_for(slack, tmp_path).model_copy(update=given)
    found = {check.name for check in slack_checks(settings) if not check.ok}
    assert {name.removeprefix("VERBIND_SLACK_") for name in found if name.startswith("VERBIND_")} == missing


def test_the_manifest_has_every_scope_event_and_address_that_the_app_uses():
    manifest = yaml.safe_load((ROOT / "slack" / "manifest.yaml").read_text(encoding="utf-8"))
    assert tuple(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES
    events = {"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im"}
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == events
    assert manifest["features"]["app_home"] == {
        "home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False,
    }  # fmt: skip
    assert manifest["features"]["slash_commands"][0]["command"] == COMMAND


def test_a_missing_token_is_named(tmp_path):
    with pytest.raises(SettingsError, match="VERBIND_SLACK_BOT_TOKEN"):
        create_slack_app(Settings(_env_file=None, data_dir=tmp_path, slack_signing_secret="s"), lambda: None)
    with pytest.raises(SettingsError, match="VERBIND_SLACK_SIGNING_SECRET"):
        create_slack_app(Settings(_env_file=None, data_dir=tmp_path, slack_bot_token="xoxb-1"), lambda: None)
    with pytest.raises(SettingsError, match="VERBIND_SLACK_APP_TOKEN"):
        run_socket_mode(Settings(_env_file=None, data_dir=tmp_path, slack_bot_token="xoxb-1"), lambda: None)
