"""`verbind-bot doctor`, where it needs no model."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import uvicorn
from fastapi import FastAPI

from verbind_bot.channels import doctor
from verbind_bot.channels.web import api
from verbind_bot.settings import Settings


def port_check(tmp_path, port):
    settings = Settings(_env_file=None, data_dir=tmp_path, port=port)
    return doctor._guard("Poort", lambda: doctor._port(settings), "Stop het andere programma.")


class Other(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"welkom")

    def log_message(self, *_):
        pass


@contextmanager
def another():
    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def silent():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def ours():
    app = FastAPI()
    app.include_router(api.router)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def test_a_port_that_our_own_server_has_is_well(tmp_path):
    with ours() as port:
        check = port_check(tmp_path, port)
    assert check.ok
    assert "draait hier al" in check.detail


@pytest.mark.parametrize("program", [another, silent])
def test_a_port_that_another_program_has_is_a_fault(tmp_path, program):
    with program() as port:
        assert not port_check(tmp_path, port).ok
