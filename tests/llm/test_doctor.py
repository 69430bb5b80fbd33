"""`verbind-bot doctor` with a language model that is set."""

from __future__ import annotations

import pytest
from tests.llm_fake.server import MODEL

from verbind_bot.channels import doctor
from verbind_bot.index import gemma_package
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


def judge_check(settings):
    return doctor._guard("Beoordelaar", lambda: doctor._judge(settings), "Zie docs/llm.md.")


@pytest.mark.model
def test_the_judge_is_loaded_and_says_what_it_knows(tmp_path):
    check = judge_check(Settings(_env_file=None, data_dir=tmp_path))
    assert check.ok
    assert "passages" in check.detail


def test_a_corpus_without_a_judge_is_well(small_corpus, tmp_path):
    check = judge_check(Settings(_env_file=None, data_dir=tmp_path, corpus_dir=small_corpus))
    assert check.ok
    assert "regels" in check.detail


def test_a_judge_without_its_weights_says_which_package_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(gemma_package, "_PACKAGE", "gemma_dat_er_niet_is")
    check = judge_check(Settings(_env_file=None, data_dir=tmp_path))
    assert not check.ok
    assert "gemma_dat_er_niet_is" in check.detail
