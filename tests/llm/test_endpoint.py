"""Every way in which an endpoint can go wrong, over real HTTP."""

from __future__ import annotations

import json
import logging
import socket
import threading
import traceback

import pytest
from tests.llm_fake.replies import FAULTS, Reply, error, says
from tests.llm_fake.server import MODEL

from verbind_bot.errors import LanguageModelError
from verbind_bot.llm.breaker import Breaker
from verbind_bot.llm.endpoint import Endpoint
from verbind_bot.llm.types import Message, Prices

KEY = "sk-heel-geheim"
PROMPT = """<passage n="1" locator="1" title="Bijen: De kast">
Een bijenvolk woont in een kast. In 1954 telde Nederland 12 imkerverenigingen.
</passage>
<passage n="2" locator="2" title="Bijen: De honing">
Een imker oogst de honing in juli.
</passage>
<vraag>
Waar wonen bijen?
</vraag>"""
MESSAGES = [Message("system", "Antwoord in JSON."), Message("user", PROMPT)]
SCHEMA = {
    "type": "object",
    "properties": {"sentences": {"type": "array"}, "complete": {"type": "boolean"}},
    "required": ["sentences", "complete"],
    "additionalProperties": False,
}


class Recorded(list):
    """Stands in for the wait between two tries: keeps how long it would have been."""

    def __call__(self, seconds):
        self.append(seconds)


@pytest.fixture
def pauses():
    return Recorded()


@pytest.fixture
def endpoint(fake_model, pauses):
    made = []

    def make(**given):
        options = {"timeout": 20.0, "first_token_timeout": 10.0, "sleep": pauses, **given}
        made.append(Endpoint(options.pop("base_url", fake_model.url), MODEL, options.pop("api_key", KEY), **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def read(endpoint, **given):
    """The whole text, the stream, and the error if there is one."""
    stream = endpoint.stream(MESSAGES, SCHEMA, **given)
    text = ""
    try:
        with stream:
            for delta in stream:
                text += delta
    except LanguageModelError as error:
        return text, stream, error
    return text, stream, None


def test_words_come_as_they_are_written(endpoint, fake_model):
    stream = endpoint(prices=Prices(million_in=1000.0, million_out=2000.0)).stream(MESSAGES, SCHEMA)
    with stream:
        deltas = list(stream)
    assert len(deltas) > 5
    answer = json.loads("".join(deltas))
    assert [s["sources"] for s in answer["sentences"]] == [
        [{"passage": 1, "quote": "Een bijenvolk woont in een kast."}],
        [{"passage": 2, "quote": "Een imker oogst de honing in juli."}],
    ]
    assert stream.finish_reason == "stop"
    usage = stream.usage
    assert usage.prompt_tokens == sum(len(m.content) for m in MESSAGES) // 4
    assert usage.completion_tokens == len("".join(deltas)) // 4
    assert usage.cost == pytest.approx(usage.prompt_tokens / 1000 + usage.completion_tokens / 500)
    assert 0 < usage.first_token_ms <= usage.total_ms


def test_the_request_is_what_an_endpoint_expects(endpoint, fake_model):
    read(endpoint(max_tokens=321))
    body = fake_model.bodies[0]
    assert body["model"] == MODEL
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in MESSAGES]
    assert (body["temperature"], body["stream"], body["max_tokens"]) == (0, True, 321)
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert fake_model.exchanges[0].headers["Authorization"] == f"Bearer {KEY}"


def test_one_call_can_ask_for_fewer_tokens(endpoint, fake_model):
    read(endpoint(max_tokens=321), max_tokens=50)
    assert fake_model.bodies[0]["max_tokens"] == 50


def test_nothing_is_sent_before_a_word_is_asked_for(endpoint, fake_model):
    with endpoint().stream(MESSAGES, SCHEMA) as stream:
        pass
    assert fake_model.exchanges == []
    assert stream.usage.total_ms == 0


def test_no_schema_is_asked_for_when_there_is_none(endpoint, fake_model):
    with endpoint().stream(MESSAGES) as stream:
        assert "".join(stream)
    assert "response_format" not in fake_model.bodies[0]


def test_the_request_tells_nothing_about_this_machine(endpoint, fake_model, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-van-een-ander")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-van-een-ander")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Eigen: iets\nAuthorization: Bearer van-een-ander")
    read(endpoint())
    read(endpoint(api_key=None))
    first, second = (e.headers for e in fake_model.exchanges)
    allowed = {"Host", "Connection", "Content-Type", "Content-Length", "Accept", "Accept-Encoding", "User-Agent"}
    assert {name.title() for name in first} == allowed | {"Authorization"}
    assert {name.title() for name in second} == allowed
    assert "van-een-ander" not in fake_model.received


REASONS = {
    "slow_first": "timeout",
    "slow_status": "timeout",
    "slow_comments": "timeout",
    "stall": "timeout",
    "no_credit": "rate_limited",
    "cut": "cut_off",
    "closed": "cut_off",
    "error_midway": "unavailable",
    "garbled": "misconfigured",
    "refusal": "refused",
    "filtered": "refused",
    "filtered_prompt": "refused",
    "too_long": "too_long",
    "wrong_key": "wrong_key",
    "wrong_model": "misconfigured",
    "elsewhere": "misconfigured",
    "html": "misconfigured",
}
IMPATIENT = {"slow_first", "slow_status", "slow_comments", "stall"}


@pytest.mark.parametrize(("fault", "reason"), REASONS.items())
def test_a_fault_that_another_try_does_not_mend_is_said_after_one_request(endpoint, fake_model, pauses, fault, reason):
    fake_model.next(fault)
    given = {"first_token_timeout": 0.5} if fault in IMPATIENT else {}
    _, stream, error = read(endpoint(**given))
    assert error is not None
    assert error.reason == reason
    assert len(fake_model.exchanges) == 1
    assert pauses == []
    assert stream.usage.total_ms > 0


AGAIN = {
    "failing": "unavailable",
    "loading": "unavailable",
    "html_error": "unavailable",
    "limited": "rate_limited",
    "cut_first": "cut_off",
}


@pytest.mark.parametrize("fault", AGAIN)
def test_a_fault_that_passes_is_tried_again(endpoint, fake_model, pauses, fault):
    fake_model.next(fault)
    text, stream, error = read(endpoint())
    assert error is None
    assert json.loads(text)["complete"] is True
    assert stream.finish_reason == "stop"
    assert [e.ended for e in fake_model.exchanges][1:] == ["done"]
    assert len(pauses) == 1


@pytest.mark.parametrize(("fault", "reason"), AGAIN.items())
def test_tries_end(endpoint, fake_model, pauses, fault, reason):
    fake_model.always(fault)
    text, _, error = read(endpoint(retries=3))
    assert (text, error.reason) == ("", reason)
    assert len(fake_model.exchanges) == 4
    assert len(pauses) == 3


def test_waits_between_tries_grow(endpoint, fake_model, pauses):
    fake_model.always("failing")
    read(endpoint(retries=4, backoff=1.0, timeout=600.0))
    assert len(pauses) == 4
    for number, pause in enumerate(pauses):
        assert 2**number / 2 <= pause <= 2**number


def test_a_wait_that_the_endpoint_asks_for_is_kept(endpoint, fake_model, pauses):
    fake_model.next(error(429, "slow down", Retry_After="7"))
    assert read(endpoint(backoff=0.01))[2] is None
    assert pauses == [7.0]


def test_a_wait_may_be_a_date(endpoint, fake_model, pauses):
    fake_model.next(error(503, "busy", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"))
    assert read(endpoint(backoff=0.01))[2] is None
    assert len(pauses) == 1
    assert pauses[0] <= 0.01


@pytest.mark.parametrize("wait", ["3600", "inf", "1e300"])
def test_a_wait_past_our_own_limit_is_not_begun(endpoint, fake_model, pauses, wait):
    fake_model.always(error(429, "come back later", Retry_After=wait))
    assert read(endpoint())[2].reason == "rate_limited"
    assert pauses == []
    assert len(fake_model.exchanges) == 1


@pytest.mark.parametrize("wait", ["morgen", "-5", "nan", ""])
def test_a_wait_that_says_nothing_is_our_own(endpoint, fake_model, pauses, wait):
    fake_model.next(error(429, "slow down", Retry_After=wait))
    assert read(endpoint(backoff=0.01))[2] is None
    assert len(pauses) == 1
    assert 0 < pauses[0] <= 0.01


@pytest.mark.parametrize("fault", ["cut", "closed", "error_midway", "stall"])
def test_words_that_came_before_the_fault_are_not_lost_and_not_repeated(endpoint, fake_model, fault):
    fake_model.always(fault)
    text, _, error = read(endpoint(first_token_timeout=0.5))
    assert error is not None
    assert text == '{"sentences": [{"text": "Een'[: 4 * 7]
    assert len(fake_model.exchanges) == 1


def test_a_text_that_comes_drop_by_drop_ends_at_the_limit_of_it_all(endpoint, fake_model):
    fake_model.always(Reply(piece=1, between=0.05, endless=True))
    text, _, error = read(endpoint(timeout=1.0))
    assert error.reason == "timeout"
    assert text


def test_a_slow_text_is_no_silence(endpoint, fake_model):
    fake_model.next("drip")
    text, _, error = read(endpoint(first_token_timeout=1.5))
    assert error is None
    assert json.loads(text)["complete"] is True


def test_a_reader_that_takes_its_time_is_no_silence_of_the_model(endpoint, fake_model):
    stop = threading.Event()
    with endpoint(first_token_timeout=0.3).stream(MESSAGES, SCHEMA) as stream:
        first = next(stream)
        stop.wait(0.5)
        assert json.loads(first + "".join(stream))["complete"] is True


@pytest.mark.parametrize("fault", ["endless", "huge"])
def test_a_text_without_end_is_cut_off(endpoint, fake_model, fault):
    fake_model.next(fault)
    text, stream, error = read(endpoint(max_tokens=100))
    assert error is None
    assert stream.finish_reason == "length"
    assert len(text) <= 1000
    fake_model.wait(lambda: fake_model.exchanges[0].ended, what="the connection to be closed")
    assert fake_model.exchanges[0].ended in ("left", "done" if fault == "huge" else "left")


def test_an_endpoint_stops_writing_when_nobody_reads_on(endpoint, fake_model):
    fake_model.next(Reply(endless=True, between=0.01))
    with endpoint().stream(MESSAGES, SCHEMA) as stream:
        next(stream)
    assert fake_model.wait(lambda: fake_model.exchanges[0].ended) == "left"


def test_a_text_that_reached_its_length_says_so(endpoint, fake_model):
    fake_model.next("length")
    text, stream, error = read(endpoint())
    assert error is None
    assert text
    assert stream.finish_reason == "length"


def test_an_endpoint_that_lingers_after_its_last_word_has_answered(endpoint, fake_model):
    fake_model.next("lingering")
    text, _, error = read(endpoint(first_token_timeout=2.0))
    assert error is None
    assert json.loads(text)["complete"] is True
    assert fake_model.wait(lambda: fake_model.exchanges[0].ended) == "left"


def test_no_words_at_all_is_no_error(endpoint, fake_model):
    fake_model.next("empty")
    text, stream, error = read(endpoint())
    assert (text, stream.finish_reason, error) == ("", "stop", None)
    assert len(fake_model.exchanges) == 1


def test_an_endpoint_that_does_not_stream_is_read_whole(endpoint, fake_model):
    fake_model.next("whole")
    text, stream, error = read(endpoint())
    assert error is None
    assert json.loads(text)["complete"] is True
    assert stream.usage.completion_tokens > 0


@pytest.mark.parametrize("content", [[{"type": "text", "text": "goed"}], [{"type": "thinking"}, {"text": "goed"}]])
def test_words_in_parts_are_words(endpoint, fake_model, content):
    body = json.dumps({"choices": [{"delta": {"content": content}, "finish_reason": "stop"}]})
    fake_model.next(Reply(raw=f"data: {body}\r\n\r\ndata: [DONE]\r\n\r\n", content_type="text/event-stream"))
    assert read(endpoint())[0] == "goed"


def test_thinking_is_not_said(endpoint, fake_model):
    thought = json.dumps({"choices": [{"delta": {"reasoning_content": "even denken"}}]})
    said = json.dumps({"choices": [{"delta": {"content": "klaar"}}]})
    fake_model.next(Reply(raw=f"data: {thought}\n\ndata: {said}\n\ndata: [DONE]\n\n", content_type="text/event-stream"))
    text, stream, error = read(endpoint())
    assert (text, stream.finish_reason, error) == ("klaar", "stop", None)


HOSTILE = [
    "data: []",
    "data: 12",
    'data: {"choices": {}}',
    'data: {"choices": [{"delta": "x"}]}',
    'data: {"choices": [{"delta": {"content": 5}}]}',
    'data: {"usage": {"prompt_tokens": -5}, "choices": []}',
    "data: " + "[" * 100_000,
    "[" * 100_000,
    "\x00\xff\xfe",
    '{"object": "list", "data": []}',
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_completion_is_no_answer(endpoint, fake_model, raw):
    fake_model.always(Reply(raw=raw, content_type="text/event-stream"))
    text, _, error = read(endpoint())
    assert (text, error.reason) == ("", "misconfigured")


def test_an_empty_body_is_a_connection_that_broke(endpoint, fake_model):
    fake_model.always(Reply(raw=""))
    assert read(endpoint())[2].reason == "cut_off"
    assert len(fake_model.exchanges) == 3


def formats(fake_model):
    return [(body.get("response_format") or {}).get("type") for body in fake_model.bodies]


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        ("no_schema", ["json_schema", "json_object", "json_object"]),
        ("no_format", ["json_schema", "json_object", None, None]),
    ],
)
def test_an_endpoint_that_takes_no_schema_is_asked_for_less_and_not_twice(endpoint, fake_model, pauses, fault, asked):
    fake_model.always(fault)
    one = endpoint(retries=0)
    assert read(one)[2] is None
    assert read(one)[2] is None
    assert formats(fake_model) == asked
    assert pauses == []


def test_an_endpoint_that_wants_other_parameters_gets_them(endpoint, fake_model):
    fake_model.always("newer")
    assert read(endpoint(max_tokens=99))[2] is None
    last = fake_model.bodies[-1]
    assert last["max_completion_tokens"] == 99
    assert {"max_tokens", "temperature"}.isdisjoint(last)
    assert last["response_format"]["type"] == "json_schema"


def test_an_endpoint_that_does_not_count_still_answers(endpoint, fake_model):
    fake_model.always("older")
    text, stream, error = read(endpoint())
    assert error is None
    assert text
    assert stream.usage.completion_tokens == 0
    assert stream.usage.cost == 0


def test_an_endpoint_that_refuses_all_we_can_leave_out_is_not_asked_for_ever(endpoint, fake_model):
    message = "response_format stream_options temperature max_completion_tokens"
    fake_model.always(error(400, message))
    assert read(endpoint())[2].reason == "misconfigured"
    assert len(fake_model.exchanges) == 6


def test_nobody_listening_is_unavailable(endpoint, pauses):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        _, _, error = read(endpoint(base_url=f"http://127.0.0.1:{port}/v1"))
    assert error.reason == "unavailable"
    assert len(pauses) == 2


def test_a_redirect_takes_the_question_nowhere_else(endpoint, fake_model):
    fake_model.next("elsewhere")
    read(endpoint())
    assert [e.path for e in fake_model.exchanges] == ["/v1/chat/completions"]


SECRETS = ["wrong_key", "failing", "html", "html_error", "filtered_prompt", "too_long", "wrong_model", "cut", "garbled"]


@pytest.mark.parametrize("fault", SECRETS)
def test_errors_are_dutch_and_say_nothing_of_the_key_or_the_question(endpoint, fake_model, caplog, fault):
    caplog.set_level(logging.DEBUG)
    fake_model.always(fault)
    one = endpoint(retries=1)
    _, stream, error = read(one)
    shown = "".join(traceback.format_exception(error)) + repr(one) + repr(stream) + caplog.text
    for secret in (KEY, "sk-geheim", "bijenvolk", "Waar wonen"):
        assert secret not in shown
    assert "taalmodel" in str(error)
    assert str(error).endswith((".", ")"))


@pytest.mark.parametrize("key", ["sk-géhéim-✓", "sk-heel\ngeheim"])
def test_a_key_that_cannot_be_sent_is_not_shown(endpoint, key):
    _, _, error = read(endpoint(api_key=key, retries=0))
    assert error is not None
    assert "sk-" not in "".join(traceback.format_exception(error))


def test_the_breaker_opens_and_tries_again(endpoint, fake_model):
    now = [0.0]
    one = endpoint(retries=0, breaker=Breaker(failures=3, seconds=30, clock=lambda: now[0]))
    fake_model.always("failing")
    for _ in range(3):
        assert read(one)[2].reason == "unavailable"
    assert one.breaker.state == "open"
    fake_model.always("honest")
    assert read(one)[2].reason == "unavailable"
    assert len(fake_model.exchanges) == 3  # the endpoint was left alone
    now[0] = 30.0
    assert one.breaker.state == "half-open"
    assert read(one)[2] is None
    assert one.breaker.state == "closed"


def test_a_probe_that_fails_opens_the_breaker_again(endpoint, fake_model):
    now = [0.0]
    one = endpoint(retries=0, breaker=Breaker(failures=1, seconds=30, clock=lambda: now[0]))
    fake_model.always("failing")
    read(one)
    now[0] = 30.0
    read(one)
    assert one.breaker.state == "open"
    assert len(fake_model.exchanges) == 2


@pytest.mark.parametrize("fault", ["refusal", "filtered_prompt", "too_long", "empty"])
def test_an_endpoint_that_answers_keeps_the_breaker_closed(endpoint, fake_model, fault):
    one = endpoint(breaker=Breaker(failures=1))
    fake_model.next(fault)
    read(one)
    assert one.breaker.state == "closed"


@pytest.mark.parametrize("fault", ["cut", "garbled", "html", "wrong_key", "stall"])
def test_an_endpoint_that_does_not_answer_as_it_should_counts(endpoint, fake_model, fault):
    one = endpoint(breaker=Breaker(failures=1), first_token_timeout=0.5)
    fake_model.next(fault)
    read(one)
    assert one.breaker.state == "open"


def test_a_probe_that_nobody_reads_to_the_end_still_counts(endpoint, fake_model):
    now = [0.0]
    one = endpoint(retries=0, breaker=Breaker(failures=1, seconds=30, clock=lambda: now[0]))
    fake_model.next("failing")
    read(one)
    now[0] = 30.0
    with one.stream(MESSAGES, SCHEMA) as stream:
        next(stream)
    assert one.breaker.state == "closed"


def test_several_threads_share_an_endpoint(endpoint, fake_model):
    one = endpoint()
    texts = []

    def ask(number):
        with one.stream([Message("user", PROMPT.replace("kast", f"kast {number}"))]) as stream:
            texts.append((number, "".join(stream)))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(100, 108)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(number for number, _ in texts) == list(range(100, 108))
    for number, text in texts:
        assert f"kast {number}" in text


def test_every_fault_of_the_fake_ends(endpoint, fake_model):
    """No fault makes us wait for ever, and none gives anything but words or our own error."""
    reasons = {}
    for name in FAULTS:
        fake_model.reset()
        fake_model.next(name)
        text, _, error = read(endpoint(first_token_timeout=0.5, timeout=5.0, retries=0, max_tokens=100))
        reasons[name] = error.reason if error else "words" if text else "none"
    assert {name for name, reason in reasons.items() if reason == "none"} == {"empty", "huge"}
    assert reasons["honest"] == reasons["fenced"] == reasons["invented_citation"] == "words"


def test_a_scripted_text_is_what_comes_out(endpoint, fake_model):
    fake_model.next(says("Een “tekst” met ë, 🐝 en\neen regel."))
    assert read(endpoint())[0] == "Een “tekst” met ë, 🐝 en\neen regel."
