"""The tools and resources for programs, through the client of the SDK, over both transports and in a real process."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time

import httpx
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from tests.channels.telemetry.conftest import bot_environment, free_port
from tests.conftest import ROOT

from verbind_bot.channels.mcp_serving import place_of
from verbind_bot.errors import SettingsError

pytestmark = pytest.mark.model
RUN = "from verbind_bot.channels.cli import main; main()"
PRIVATE = "Waar woont leerling Daan Pietersen (bsn 123456782) met zijn korf?"


def run(server, story):
    async def tell():
        async with Client(server, read_timeout_seconds=120) as client:
            return await story(client)

    return asyncio.run(tell())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mcp")


@pytest.fixture(scope="module")
def stdio(folder):
    env = bot_environment(folder, VERBIND_LOG_LEVEL="info")
    return StdioServerParameters(command=sys.executable, args=["-c", RUN, "mcp"], env=env, cwd=folder)


@pytest.fixture(scope="module")
def http(tmp_path_factory):
    """The address of a real process that serves over HTTP."""
    folder, port = tmp_path_factory.mktemp("mcp-http"), free_port()
    command = [sys.executable, "-c", RUN, "mcp", "--http", f"127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=bot_environment(folder), stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/mcp"
    for _ in range(1200):
        assert process.poll() is None, (folder / "log").read_text("utf-8")
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                break
        time.sleep(0.05)
    yield address
    process.terminate()
    process.wait(60)
    written = (folder / "log").read_text("utf-8")
    assert "Daan" not in written
    assert "answer request_id=" in written


async def whole_story(client):
    tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == {"ask", "search", "passage"}
    assert all(tool.output_schema["type"] == "object" and tool.annotations.read_only_hint for tool in tools)

    answered = await client.call_tool("ask", {"question": "Welke soorten kasten zijn er volgens Jansen?"})
    answer = answered.structured_content
    assert answer["status"] == "answered"
    assert answer["conversation_id"] is None
    assert "[1]" in answered.content[0].text
    assert "Jansen (1999)" in answered.content[0].text
    followed = await client.call_tool(
        "ask", {"question": "en wie zegt dat?", "history": ["Welke soorten kasten zijn er volgens Jansen?"]}
    )
    assert followed.structured_content["retrieved"][0]["passage_id"] in ("1:kast", "referentie:jansen1999")

    found = (await client.call_tool("search", {"text": "honing oogsten", "limit": 2})).structured_content["passages"]
    assert len(found) == 2
    assert found[0]["passage_id"] == "1:jaar"
    assert found[0]["score"] >= found[1]["score"]
    passage = await client.call_tool("passage", {"passage_id": answer["citations"][0]["passage_id"]})
    assert answer["citations"][0]["quote"] in passage.structured_content["text"]

    listed = (await client.list_resources()).resources
    assert [str(resource.uri) for resource in listed] == ["verbind://onderdelen"]
    sections = (await client.read_resource("verbind://onderdelen")).contents[0].text
    assert "verbind://onderdelen/1 Bijen houden" in sections
    assert "simplexkast" in (await client.read_resource("verbind://onderdelen/1")).contents[0].text


async def faults(client):
    private = await client.call_tool("ask", {"question": PRIVATE})
    assert private.structured_content["status"] == "privacy"
    assert "Daan" not in private.model_dump_json()
    searched = await client.call_tool("search", {"text": PRIVATE})
    assert not searched.is_error
    for name, arguments, said in (
        ("ask", {"question": "  "}, "leeg"),
        ("ask", {"question": "x" * 1001}, "te lang"),
        ("search", {"text": ""}, "leeg"),
        ("passage", {"passage_id": "../etc/passwd"}, "bestaat niet"),
        ("search", {"text": "bijen", "limit": 1000}, "limit"),
    ):
        result = await client.call_tool(name, arguments)
        assert result.is_error, name
        assert said in result.content[0].text
    with pytest.raises(Exception, match="Dit onderdeel staat niet in de bronnen"):
        await client.read_resource("verbind://onderdelen/99")
    assert (await client.call_tool("ask", {"question": "Wat is een korf?"})).structured_content["status"] == "answered"


def test_a_program_asks_searches_and_reads_over_stdio(stdio):
    run(stdio, whole_story)


def test_faults_are_results_and_personal_data_goes_nowhere_over_stdio(stdio):
    run(stdio, faults)


def test_the_same_over_http(http):
    run(http, whole_story)
    run(http, faults)


def test_pages_of_other_sites_cannot_use_it_over_http(http):
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    kinds = {"Accept": "application/json, text/event-stream"}
    assert httpx.post(http, json=call, headers={**kinds, "Origin": "https://evil.example"}).status_code == 403
    assert httpx.post(http, json=call, headers={**kinds, "Host": "evil.example"}).status_code == 421


def test_standard_output_carries_only_the_protocol(folder, stdio):
    begin = (
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
        '"clientInfo":{"name":"t","version":"1"}}}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
        '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"ask","arguments":{"question":"Korf?"}}}\n'
    )
    process = subprocess.Popen(
        [stdio.command, *stdio.args], cwd=folder, env=stdio.env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdin.write(begin)
    process.stdin.flush()
    first, second = process.stdout.readline(), process.stdout.readline()
    process.stdin.close()
    rest, log = process.stdout.read(), process.stderr.read()
    assert process.wait(60) == 0
    assert '"id":1' in first
    assert '"id":2' in second
    assert rest == ""
    assert "answer" in log
    assert "Korf" not in log


@pytest.mark.parametrize("place", ["0.0.0.0:8001", "example.org:8001", "127.0.0.1", "127.0.0.1:x", "", "8001"])
def test_it_listens_on_this_machine_only(place):
    with pytest.raises(SettingsError, match="bijvoorbeeld 127"):
        place_of(place)


def test_places_of_this_machine():
    assert place_of("127.0.0.1:8001") == ("127.0.0.1", 8001)
    assert place_of("[::1]:9") == ("::1", 9)
    assert place_of("localhost:0") == ("localhost", 0)
