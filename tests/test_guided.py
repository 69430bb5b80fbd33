"""The intakes as every channel uses them: real flows, real model, real database."""

import pytest

from verbind_bot.errors import ConflictError, InputError, UnknownIntakeError
from verbind_bot.flows.engine import Back, Give, Pause, Restart, Skip
from verbind_bot.flows.report import Table
from verbind_bot.intakes import Intakes
from verbind_bot.privacy import PrivacyFilter
from verbind_bot.storage.database import open_database
from verbind_bot.storage.intakes import IntakeStore

pytestmark = pytest.mark.model
ME = ("mij",)
CSV = b"gwb_code_10;regio;gm_naam;a_inw;a_00_14;g_ink_pi\nWK034403;Overvecht;Utrecht;34500;.;21,4\n"


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/verbind.db"


@pytest.fixture
def service(parts, embedder, url):
    store = IntakeStore(open_database(url))
    return Intakes(parts.intakes.flows, store, PrivacyFilter([]), parts.corpus.by_id, embedder.embed_queries)


def answered(service, name, **answers):
    """A new intake with these answers; everything else is not known yet."""
    intake = service.start(ME, name)
    while step := intake.view.step:
        intake = service.move(intake.id, ME, Give(step.id, answers.get(step.id)), intake.state_version)
    return intake


def test_every_step_says_why_it_is_asked_and_from_which_passage(service, corpus):
    for name in service.flows:
        intake = service.start(ME, name)
        while step := intake.view.step:
            assert step.why.citations
            for citation in intake.view.citations:
                assert citation.quote in corpus.by_id[citation.passage_id].text
            intake = service.move(intake.id, ME, Give(step.id, None), intake.state_version)
        assert intake.status == "done"
        assert intake.view.done == intake.view.total


def test_nobody_else_sees_or_changes_it(service):
    intake = service.start(ME, "wijkanalyse")
    for keys in ((), ("jij",)):
        for attempt in (
            lambda k: service.get(intake.id, k),
            lambda k: service.move(intake.id, k, Give("schooltype", "po")),
            lambda k: service.say(intake.id, k, "basisschool"),
            lambda k: service.report(intake.id, k),
            lambda k: service.share(intake.id, k),
            lambda k: service.admit(intake.id, k, "jij"),
            lambda k: service.delete(intake.id, k),
            lambda k: service.figures(intake.id, k, CSV, "Overvecht", 2024),
        ):
            with pytest.raises(UnknownIntakeError):
                attempt(keys)
    assert service.mine(("jij",)) == []
    assert service.get(intake.id, ME).view.done == 0


def test_two_tabs_the_second_write_must_have_seen_the_first(service):
    intake = service.start(ME, "wijkanalyse")
    service.move(intake.id, ME, Give("schooltype", "po"), seen=1)
    with pytest.raises(ConflictError):
        service.move(intake.id, ME, Give("schooltype", "vo"), seen=1)
    for text in ("dorp", "eh, dat hangt ervan af"):
        with pytest.raises(ConflictError):
            service.say(intake.id, ME, text, seen=1, step="ligging")
    assert service.changed_since(intake.id, ME, 1) == ("Soort school",)
    assert service.changed_since(intake.id, ME, 2) == ()
    assert service.get(intake.id, ME).view.answers[0].value == "po"


def test_personal_data_is_masked_before_it_is_stored(service, url):
    intake = service.start(ME, "wijkanalyse")
    while (step := intake.view.step) and step.kind != "text":
        intake = service.move(intake.id, ME, Give(step.id, None), intake.state_version)
    said = "Leerling Kevin de Boer, BSN 111222333, belt 06-12345678. Minder verzuim."
    intake = service.say(intake.id, ME, said).intake
    assert "persoonsgegevens weggehaald" in intake.notice
    kept = str(service._store.get(intake.id, ME).state)
    assert "Minder verzuim" in kept
    for secret in ("Kevin", "Boer", "111222333", "12345678"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("po", "po"),
        ("2", "vo"),
        ("Wij zijn een basisschool.", "po"),
        ("ROC", "mbo"),
        ("havo en vwo", "vo"),
        ("weet ik nog niet", None),
        ("geen idee", None),
    ],
)
def test_an_answer_in_ones_own_words_is_taken(service, text, value):
    intake = service.start(ME, "wijkanalyse")
    said = service.say(intake.id, ME, text, intake.state_version)
    assert said.confirm is None
    assert said.intake.view.answers[0].value == value


def test_an_answer_that_is_not_sure_is_asked_back_and_not_kept(service):
    intake = service.start(ME, "wijkanalyse")
    said = service.say(intake.id, ME, "we geven les aan kinderen, geen basisschool")
    assert said.confirm is not None
    assert {"po", "vo"} <= {name for name, _ in said.choices}
    assert said.intake.view.done == 0
    assert said.intake.state_version == intake.state_version


def test_several_choices_in_ones_own_words(service):
    intake = service.start(ME, "wijkanalyse")
    for value in ("vo", "dorp", "meer-wijken"):
        intake = service.move(intake.id, ME, Give(intake.view.step.id, value))
    said = service.say(intake.id, ME, "spijbelen, overgewicht en pesten")
    assert said.confirm is None
    assert set(said.intake.view.answers[-1].value) == {"verzuim", "gezondheid", "gedrag"}


@pytest.mark.parametrize(
    ("text", "value"), [("12.500", 12500), ("ongeveer 300 mensen", 300), ("12,5", 12.5), ("1 250", 1250)]
)
def test_numbers_as_the_dutch_write_them(service, text, value):
    intake = service.start(ME, "wijkanalyse")
    while (step := intake.view.step) and step.kind != "number":
        move = Give(step.id, None) if step.required else Skip(step.id)
        intake = service.move(intake.id, ME, move, intake.state_version)
    assert service.say(intake.id, ME, text).intake.view.answers[-1].value == value
    with pytest.raises(InputError, match="precies één getal"):
        service.say(intake.id, ME, "tussen 3 en 5")


def test_figures_are_filled_in_with_their_source_and_can_be_changed(service):
    intake = service.start(ME, "wijkanalyse")
    figures = service.figures(intake.id, ME, CSV, "Overvecht", 2024)
    assert service.get(intake.id, ME).view.done == 0
    intake = service.fill_in(intake.id, ME, figures, intake.state_version)
    assert "Ingevuld: 2 cijfers" in intake.notice
    while intake.view.step:
        intake = service.move(intake.id, ME, Give(intake.view.step.id, None), intake.state_version)
    given = {answer.step: answer for answer in intake.view.answers}
    assert given["inwoners"].origin == figures.source
    assert given["inwoners"].label == "34.500 inwoners"
    rows = [
        row for s in service.report(intake.id, ME).sections for b in s.blocks if isinstance(b, Table) for row in b.rows
    ]
    assert any("CBS Kerncijfers wijken en buurten 2024" in cell for row in rows for cell in row)
    changed = service.move(intake.id, ME, Give("inwoners", 35000))
    assert {a.step: a.origin for a in changed.view.answers}["inwoners"] == ""


def test_the_choice_of_a_model_takes_up_a_finished_analysis(service):
    bare = service.start(ME, "schoolmodel")
    assert bare.view.done == 0
    answered(service, "wijkanalyse", schooltype="mbo", oplossingsvragen=["werk"])
    intake = service.start(ME, "schoolmodel")
    given = {answer.step: answer for answer in intake.view.answers}
    assert given["schooltype"].value == "mbo"
    assert given["schooltype"].origin.startswith("wijkanalyse van")
    titles = [s.title for s in service.report(intake.id, ME).sections]
    assert titles
    assert service.start(("jij",), "schoolmodel").view.done == 0


def test_several_people_fill_in_one_scan(service):
    mine = answered(service, "samenwerkingsscan", integriteit=2)
    scan = service.share(mine.id, ME)
    other = service.start(("jij",), "samenwerkingsscan", scan)
    while step := other.view.step:
        value = 5 if step.id == "integriteit" else "alleen van jou" if step.kind == "text" else None
        other = service.move(other.id, ("jij",), Give(step.id, value), other.state_version)
    report = str(service.report(mine.id, ME))
    assert "values=(2.0, 5.0)" in report
    assert "verdeeld" in report
    assert "alleen van jou" not in report
    with pytest.raises(InputError, match="alleen in"):
        service.share(service.start(ME, "wijkanalyse").id, ME)
    with pytest.raises(InputError, match="bestaat niet"):
        service.start(ME, "samenwerkingsscan", "gok")


def test_pause_restart_and_delete(service):
    intake = service.start(ME, "wijkanalyse")
    intake = service.move(intake.id, ME, Give("schooltype", "po"))
    assert service.move(intake.id, ME, Pause()).paused
    assert service.move(intake.id, ME, Back()).paused is False
    intake = service.move(intake.id, ME, Restart())
    assert (intake.view.done, intake.view.step.id, intake.view.step.value) == (0, "schooltype", "po")
    service.delete(intake.id, ME)
    assert service.mine(ME) == []


def test_an_intake_of_an_older_version_goes_on(service):
    intake = service.start(ME, "wijkanalyse")
    service.move(intake.id, ME, Give("schooltype", "po"))
    newer = service.flows["wijkanalyse"].model_copy(update={"title": "Nieuwe wijkanalyse"})
    newer.__dict__.pop("version", None)
    service.flows = {**service.flows, "wijkanalyse": newer}
    again = service.get(intake.id, ME)
    assert "vernieuwd" in again.notice
    assert again.view.answers[0].value == "po"
    moved = service.move(intake.id, ME, Give("ligging", "dorp"))
    assert moved.view.done == 2
    assert service.get(intake.id, ME).notice == ""


def test_an_unknown_flow_names_the_known_ones(service):
    with pytest.raises(InputError, match="wijkanalyse"):
        service.start(ME, "wijkanalise")
