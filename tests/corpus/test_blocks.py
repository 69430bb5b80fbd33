from verbind_bot.corpus.blocks import build_body, split_blocks


def body_of(text: str):
    return build_body(split_blocks(text.splitlines()))


def test_each_statement_is_an_exact_part_of_the_text():
    body = body_of(
        "Eerste zin. Tweede zin, over\ntwee regels.\n\nEr zijn drie dingen:\n\n- een;\n- twee\n  en meer;\n- drie."
    )
    assert [body.text[s.start : s.end] for s in body.statements] == [
        "Eerste zin.",
        "Tweede zin, over twee regels.",
        "Er zijn drie dingen:\n- een;\n- twee en meer;\n- drie.",
    ]


def test_a_list_keeps_its_lead_items_and_numbers():
    statement = body_of("De stappen zijn:\n1. kiezen\n2. doen").statements[0]
    assert (statement.lead, statement.items, statement.numbered) == ("De stappen zijn:", ("kiezen", "doen"), True)


def test_citation_marks_leave_the_text_and_stay_with_their_sentence():
    body = body_of("Kanter zegt dit. [@kanter1994] De notitie zegt dat. Morgan en Dumay ook. [@morgan1986; @dumay2009]")
    assert body.text == "Kanter zegt dit. De notitie zegt dat. Morgan en Dumay ook."
    assert [s.references for s in body.statements] == [("kanter1994",), (), ("morgan1986", "dumay2009")]


def test_a_mark_on_the_lead_holds_for_the_list():
    assert body_of("Kanter noemt: [@kanter1994]\n- een\n- twee").statements[0].references == ("kanter1994",)


def test_a_list_without_a_lead_stands_by_itself():
    body = body_of("Een zin.\n\n- los")
    assert [s.lead for s in body.statements] == ["Een zin.", ""]
    assert body.text[body.statements[1].start : body.statements[1].end] == "- los"
