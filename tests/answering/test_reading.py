import pytest

from verbind_bot.answering.language import is_english
from verbind_bot.answering.reading import leans_on_history, read_question, split_parts
from verbind_bot.answering.wanted import Wanted, holds_kind, wanted_answer


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Hoeveel kost een buurtteam per jaar?", Wanted.AMOUNT),
        ("In welk jaar verscheen het rapport?", Wanted.TIME),
        ("Wat is het verschil tussen A en B?", Wanted.COMPARISON),
        ("Waarom werkt dat niet?", Wanted.REASON),
        ("Wie heeft dat bedacht?", Wanted.PERSON),
        ("In welke gemeente is dat geprobeerd?", Wanted.PLACE),
        ("Wat betekent OOGO?", Wanted.DEFINITION),
        ("Welke stappen zijn er?", Wanted.LIST),
        ("Hoe pak ik dat aan?", Wanted.PROCEDURE),
        ("ouders betrekken vo", Wanted.ANY),
    ],
)
def test_reads_the_kind_of_answer(question, wanted):
    assert wanted_answer(question) is wanted


@pytest.mark.parametrize(
    ("text", "wanted", "holds"),
    [
        ("Er zijn acht factoren.", Wanted.AMOUNT, True),
        ("Er zijn factoren.", Wanted.AMOUNT, False),
        ("Het begon in 2012.", Wanted.TIME, True),
        ("Het begon in maart.", Wanted.TIME, False),
        ("Volgens Kanter werkt het.", Wanted.PERSON, True),
        ("Volgens iedereen werkt het.", Wanted.PERSON, False),
        ("Wat dan ook", Wanted.LIST, True),
    ],
)
def test_sees_whether_a_text_holds_the_kind(text, wanted, holds):
    assert holds_kind(text, wanted) is holds


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("en voor het vo?", True),
        ("Wie zegt dat?", True),
        ("Waarom?", True),
        ("Noem de andere ook", True),
        ("Welke tips zijn er om ouders te betrekken bij school?", False),
        ("Wat is een netwerkorganisatie volgens Morgan?", False),
        ("Geef een voorbeeld", True),
        ("Geef drie voorbeelden van ouderbetrokkenheid op een brede school", False),
        ("Leg dat eens uit", True),
        ("👍", False),
        ("...", False),
    ],
)
def test_knows_a_question_that_leans_on_the_one_before(question, leans):
    assert leans_on_history(question) is leans


def test_a_follow_up_gets_the_question_it_leans_on_also_two_steps_back():
    history = ["Wat kost de bus?", "Hoe betrek je ouders in het basisonderwijs?", "en in het vo?"]
    reading = read_question("wie zegt dat?", history)
    assert reading.standalone == "Hoe betrek je ouders in het basisonderwijs? en in het vo? wie zegt dat?"


def test_a_new_subject_forgets_the_old_one():
    reading = read_question("Welke acht factoren noemt Kanter voor samenwerking?", ["Hoe betrek je ouders?"])
    assert reading.standalone == reading.question


def test_splits_a_double_question_into_what_was_asked_and_what_is_searched_for():
    parts = split_parts("Wat is een spelleider en wie wijst hem aan?")
    assert [part.question for part in parts] == ["Wat is een spelleider?", "Wie wijst hem aan?"]
    assert [part.standalone for part in parts] == [
        "Wat is een spelleider?",
        "Wie wijst hem aan? (Wat is een spelleider)",
    ]
    assert split_parts("Wat zijn school en wijk?") == ()
    assert split_parts("Wat is een netwerkschool? Leg het eens simpel uit.") == ()
    assert len(split_parts("Wat is een spelleider? Leg uit wie hem aanwijst.")) == 2


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Welke normen en waarden horen bij een wijk?", []),
        ("Hoe kan ik ouders betrekken en waarderen?", []),
        ("Wat is een wijkteam en waarvoor is het?", ["Wat is een wijkteam?", "Waarvoor is het?"]),
        ("Wat is een wijkteam? Alvast bedankt!", []),
        ("Waar is dit op gebaseerd? Ik wil mijn team niet alleen met meningen aankomen.", []),
        ("Wat is een wijkteam en wie werkt er? Thanks! 👍", ["Wat is een wijkteam?", "Wie werkt er?"]),
        ("Wat is een wijkteam? Wie werkt er?? 👍", ["Wat is een wijkteam?", "Wie werkt er?"]),
        (
            "Wat is een wijkteam? Noem drie voorbeelden van activiteiten in de wijk.",
            ["Wat is een wijkteam?", "Noem drie voorbeelden van activiteiten in de wijk?"],
        ),
        ("What is a network school? And who works there", ["What is a network school?", "And who works there?"]),
    ],
)
def test_only_what_asks_is_a_part(question, parts):
    assert [part.question for part in read_question(question).parts] == parts


def test_a_remark_behind_a_question_is_not_searched_for():
    reading = read_question("Waar is dit op gebaseerd? Ik wil niet alleen met meningen aankomen.")
    assert reading.standalone == "Waar is dit op gebaseerd?"
    for whole in ("Wat dan? Een leerling wordt gepest.", "Kun je me helpen? Ik zoek tips voor ouders."):
        assert read_question(whole).standalone == whole


def test_a_part_asks_for_a_kind_of_answer_of_its_own():
    amount, person = split_parts("Hoeveel scholen doen mee en wie betaalt dat?")
    assert (amount.wanted, person.wanted) == (Wanted.AMOUNT, Wanted.PERSON)


def test_recognises_english():
    assert is_english("What does the note say about parents?")
    assert not is_english("Wat zegt de notitie over ouders?")


def test_a_question_in_capitals_is_read_as_any_other_and_a_name_keeps_them():
    shouted = read_question("WAT IS PASSEND ONDERWIJS?")
    assert shouted.standalone == "wat is passend onderwijs?"
    assert shouted.question == "WAT IS PASSEND ONDERWIJS?"
    assert read_question("OOGO?").standalone == "OOGO?"
