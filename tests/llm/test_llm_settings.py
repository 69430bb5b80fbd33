"""The settings of the language model: all of it or nothing, and nothing loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from verbind_bot.errors import SettingsError
from verbind_bot.settings import load_settings


@pytest.fixture
def env(tmp_path, monkeypatch):
    for name in ("BASE_URL", "MODEL", "API_KEY"):
        monkeypatch.delenv(f"VERBIND_LLM_{name}", raising=False)

    def write(**given):
        file = tmp_path / "env"
        file.write_text("".join(f"VERBIND_{name.upper()}={value}\n" for name, value in given.items()))
        return file

    return write


def test_there_is_no_language_model_by_default(env):
    settings = load_settings(env())
    assert (settings.llm_base_url, settings.llm_model) == (None, None)


def test_an_address_and_a_model_are_enough(env):
    settings = load_settings(env(llm_base_url="http://127.0.0.1:11434/v1", llm_model="gemma3"))
    assert settings.llm_model == "gemma3"


@pytest.mark.parametrize(("given", "absent"), [("llm_base_url", "LLM_MODEL"), ("llm_model", "LLM_BASE_URL")])
def test_half_a_language_model_is_refused_and_says_what_is_missing(env, given, absent):
    with pytest.raises(SettingsError, match=f"vul VERBIND_{absent} in"):
        load_settings(env(**{given: "http://127.0.0.1:1/v1"}))


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://127.0.0.1", "file:///etc/passwd"])
def test_an_address_that_is_not_of_the_web_is_refused(env, url):
    with pytest.raises(SettingsError, match="geen webadres"):
        load_settings(env(llm_base_url=url, llm_model="gemma3"))


@pytest.mark.parametrize("name", ["llm_timeout_seconds", "llm_first_token_seconds", "llm_max_tokens"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "veel"])
def test_a_limit_that_limits_nothing_is_refused(env, name, value):
    with pytest.raises(SettingsError, match=f"VERBIND_{name.upper()}"):
        load_settings(env(**{name: value}))


def test_the_key_is_not_shown(env):
    settings = load_settings(env(llm_base_url="http://x/v1", llm_model="m", llm_api_key="sk-geheim"))
    assert settings.llm_api_key == "sk-geheim"
    assert "sk-geheim" not in repr(settings)


def test_the_client_is_loaded_when_an_endpoint_is_made():
    code = "import sys, verbind_bot.llm.endpoint; print([m for m in ('openai', 'httpx2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
