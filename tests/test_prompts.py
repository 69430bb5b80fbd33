import pytest

from verbind_bot.errors import PromptError
from verbind_bot.prompts import Prompts


def test_a_missing_variable_is_named_with_what_there_is(tmp_path):
    (tmp_path / "a.j2").write_text("Hoi {{ naam }}", encoding="utf-8")
    with pytest.raises(PromptError, match=r"a\.j2.*'naam' is undefined.*bron"):
        Prompts(tmp_path).render("a.j2", bron="x")


def test_a_broken_template_is_refused_at_the_start_with_its_line(tmp_path):
    (tmp_path / "a.j2").write_text("goed\n{% if %}", encoding="utf-8")
    with pytest.raises(PromptError, match=r"a\.j2, regel 2"):
        Prompts(tmp_path)


def test_a_missing_template_or_folder_is_named(tmp_path):
    with pytest.raises(PromptError, match=r"weg\.j2 ontbreekt"):
        Prompts(tmp_path).render("weg.j2")
    with pytest.raises(PromptError, match="bestaat niet"):
        Prompts(tmp_path / "nergens")


@pytest.mark.parametrize("text", ["- name: x\n", "a: [", "- {name: a, messages: [b], template: c, meer: d}"])
def test_a_broken_phrase_list_is_refused(tmp_path, text):
    (tmp_path / "praatjes.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PromptError, match=r"praatjes\.yaml"):
        Prompts(tmp_path).phrases()
