"""`verbind-bot doctor` with a language model that is set."""

from __future__ import annotations

import pytest
from tests.llm_fake.server import MODEL

from verbind_bot.channels import doctor
from verbind_bot.settings import Settings


def check_of(fake_model, tmp_path):
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        llm_base_url=fake_model.url,
        llm_model=MODEL,
        llm_api_key="sk-geheim",
        llm_retries=0,
    )
    return doctor._guard("Taalmodel", lambda: doctor._language_model(settings), "Zie docs/llm.md.")


def test_a_model_that_answers_is_well(fake_model, tmp_path):
    check = check_of(fake_model, tmp_path)
    assert check.ok
    assert MODEL in check.detail
    assert "bron" not in fake_model.bodies[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("fault", "said"), [("wrong_key", "VERBIND_LLM_API_KEY"), ("wrong_model", "VERBIND_LLM_MODEL")]
)
def test_a_model_that_does_not_says_why(fake_model, tmp_path, fault, said):
    fake_model.always(fault)
    check = check_of(fake_model, tmp_path)
    assert not check.ok
    assert said in check.detail
    assert "sk-geheim" not in check.detail
