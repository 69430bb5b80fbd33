import pytest

from verbind_bot.answering.smalltalk import SmallTalk
from verbind_bot.prompts import Phrase

TALK = SmallTalk(
    [
        Phrase(name="groet", messages=("hallo",), template="g.j2"),
        Phrase(name="dank", messages=("bedankt",), template="d.j2"),
    ]
)


@pytest.mark.parametrize(
    ("message", "template"), [("Hallo!", "g.j2"), ("bedankt hoor", "d.j2"), ("Hallo, bedankt", "d.j2")]
)
def test_a_whole_message_of_small_talk_is_recognised(message, template):
    assert TALK.template_for(message) == template


def test_of_a_conversation_only_what_is_about_something_counts():
    assert TALK.without(["hallo", "Wat is een wijkteam?", "bedankt", "👍", "..."]) == ["Wat is een wijkteam?"]


@pytest.mark.parametrize("message", ["Hallo, wat is een wijkteam?", "", "?!", "bedankt voor de bloemen"])
def test_a_message_that_asks_something_is_not(message):
    assert TALK.template_for(message) is None
