import pytest

from verbind_bot.errors import InputError
from verbind_bot.flows.figures import read_figures

YEARLY = (
    "gwb_code_10;gwb_code_8;regio;gm_naam;recs;a_inw;a_00_14;g_ink_pi;p_hh_li\n"
    "WK034403;034403;Overvecht;Utrecht;Wijk;34.5;6350;21,4;.\n"
    "BU16800101;16800101;Centrum;Aa en Hunze;Buurt;410;.;;x\n"
    "BU03440101;03440101;Centrum;Utrecht;Buurt;900;80;30,1;9,5\n"
)
STATLINE = (
    '"ID";"WijkenEnBuurten";"Gemeentenaam_1";"Codering_3";"Perioden";"AantalInwoners_5";"k_0Tot15Jaar_8"\n'
    '"1";"Wijk 03 Overvecht";"Utrecht   ";"WK034403  ";"2024JJ00";"34500";"       ."\n'
)


def values(flows, text, area, year=None, encoding="utf-8"):
    return read_figures(flows["wijkanalyse"], text.encode(encoding), area, year)


def test_reads_the_yearly_file_by_code_and_marks_source_and_year(flows):
    found = values(flows, YEARLY.replace("34.5;", "34500;"), "wk034403", 2024)
    assert found.values["inwoners"] == 34500
    assert found.values["inkomen"] == 21.4
    assert "laag-inkomen" in found.missing
    assert found.source == "CBS Kerncijfers wijken en buurten 2024, Overvecht (WK034403), Utrecht"


def test_reads_a_download_from_statline_with_its_own_year(flows):
    found = values(flows, STATLINE, "WK034403")
    assert (found.year, found.values["inwoners"]) == (2024, 34500)
    assert "kinderen" in found.missing


def test_the_year_of_the_row_itself_counts(flows):
    older = STATLINE.splitlines()[1].replace("2024JJ00", "2022JJ00").replace("34500", "33000")
    both = STATLINE + older + "\n"
    for area in ("WK034403", "Wijk 03 Overvecht"):
        for year, people in ((2022, 33000), (2024, 34500)):
            found = values(flows, both, area, year)
            assert (found.year, found.values["inwoners"]) == (year, people)
        with pytest.raises(InputError, match=r"meer jaren: 2022, 2024\. Noem het jaar"):
            values(flows, both, area)
    with pytest.raises(InputError, match="geen cijfers van 2023, wel van: 2024"):
        values(flows, STATLINE, "WK034403", 2023)


def test_a_name_that_occurs_twice_asks_for_the_code_or_the_town(flows):
    with pytest.raises(InputError, match=r"2 keer.*BU16800101 .Aa en Hunze.*BU03440101 .Utrecht."):
        values(flows, YEARLY, "centrum", 2024)
    assert values(flows, YEARLY, "Centrum, utrecht", 2024).code == "BU03440101"


def test_an_older_encoding_is_read(flows):
    text = YEARLY.replace("Overvecht", "Sùdwest")
    assert values(flows, text, "Sùdwest", 2024, encoding="cp1252").area == "Sùdwest"


@pytest.mark.parametrize(
    ("data", "area", "year", "said"),
    [
        (b"naam;waarde\nx;1\n", "x", 2024, "andere indeling"),
        (b"", "x", 2024, "andere indeling"),
        (b"PK\x03\x04rest", "x", 2024, "geen tekstbestand"),
        (b"\x00\x01\x02", "x", 2024, "geen tekstbestand"),
        (YEARLY.encode(), "Nergens", 2024, "staat niet in dit bestand"),
        (YEARLY.encode(), " ", 2024, "Noem de naam of de code"),
        (YEARLY.encode(), "WK034403", None, "Noem het jaar"),
        (b"gwb_code_10;regio;iets\nBU1;Hier;4\n", "Hier", 2024, "geen enkele kolom"),
        (YEARLY.encode() + b'"' + b"x" * 200_000 + b'"', "Nergens", 2024, "niet te lezen als CSV"),
        (YEARLY.encode("utf-16"), "WK034403", 2024, "geen tekstbestand"),
    ],
)
def test_a_wrong_file_is_explained(flows, data, area, year, said):
    with pytest.raises(InputError, match=said):
        read_figures(flows["wijkanalyse"], data, area, year)


def test_a_flow_without_figures_says_so(flows):
    with pytest.raises(InputError, match="geen cijfers"):
        read_figures(flows["spelregeltoets"], YEARLY.encode(), "WK034403")
