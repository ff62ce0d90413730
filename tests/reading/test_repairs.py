import numpy as np
import pytest

from reading.ocr.recognition import Character, _parted
from reading.ocr.repairs import repaired, unjoined, with_ringgit


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("RMO.08", "RM0.08"),
        ("1O,5l", "10,51"),
        ("Te1:", "Tel:"),
        ("Ma11", "Mall"),
        ("No.01", "No.01"),
        ("A01", "A01"),
        ("Room1", "Room1"),
        ("G30", "G30"),
        ("NO.12,JA:AN", "NO.12,JALAN"),
        ("SE_ANGOR", "SELANGOR"),
        ('"EBRAU', '"EBRAU'),
        ("Jaça,", "Jaya,"),
        ("Utarna,", "Utama,"),
        ("Isnail", "Ismail"),
        ("Terminal:Annexe", "Terminal:Annexe"),
        ("façade", "façade"),
        ("Herrnann@example.org", "Herrnann@example.org"),
        ("Lernoine", "Lernoine"),
        ("FA_1001", "FA_1001"),
        ("1'accueil", "l'accueil"),
        ("(1’œuvre", "(l’œuvre"),
        ("1'5", "1'5"),
        ("11'accueil", "11'accueil"),
        ("d'œæuvre", "d'œuvre"),
    ],
)
def test_lookalikes_are_put_right_where_the_word_says_so(read, meant):
    assert repaired(read) == meant


def test_an_unknown_sign_of_money_stays_as_it_is():
    assert repaired("RH4O.50") == "RH40.50"


def test_an_amount_is_in_ringgit_where_others_of_the_page_are():
    assert with_ringgit(["RM", "5.20", "RH45.50", "RH"]) == ["RM", "5.20", "RM45.50", "RH"]
    assert with_ringgit(["RM1.00", "RH45.50"]) == ["RM1.00", "RM45.50"]
    assert with_ringgit(["RMA", "RH45.50"]) == ["RMA", "RH45.50"]


@pytest.mark.parametrize(
    ("read", "meant"),
    [("WESTERNEASTERN", "WESTERN EASTERN"), ("Supermarket", "Supermarket"), ("Xyzzyplugh", "Xyzzyplugh")],
)
def test_only_two_well_known_words_are_parted(read, meant):
    assert unjoined(read) == meant


@pytest.mark.parametrize(
    ("text", "chance", "gap", "shown"),
    [
        ("ab", 0.3, 4, "a b"),
        ("ab", 0.1, 4, "ab"),
        ("ab", 0.1, 9, "a b"),
        ("12", 0.3, 9, "12"),
        ("12", 0.4, 4, "1 2"),
    ],
)
def test_blanks_that_were_all_but_seen_part_words(text, chance, gap, shown):
    """Four characters at the usual step of four columns, then `text` with `gap` between its two."""
    letters = "wxyz" + text
    peaks = [0, 4, 8, 12, 16, 16 + gap]
    blank = np.zeros(40, np.float32)
    blank[16 + gap // 2] = chance
    characters = [Character(letter, peak / 40, 1.0, peak) for letter, peak in zip(letters, peaks, strict=True)]

    found = "".join(character.text for character in _parted(characters, blank))

    assert found == "wxyz" + shown
