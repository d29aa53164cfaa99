from publisher.settings.labels import section_of, where_to_map
from publisher.settings.places import Place, Places
from publisher.settings.schema import Section

SECTIONS = {
    "politics": Section(title={"en": "Politics", "vi": "Chính trị"}, aliases=("NEWS - POLITICS",)),
    "economy": Section(title={"en": "Economy", "vi": "Kinh tế"}, aliases=("BUSINESS",), was=("money",)),
    "culture": Section(title={"en": "Culture", "vi": "Văn hoá"}, aliases=("CULTURE - TOURISM",)),
}


def test_keys_titles_aliases_and_former_keys_are_labels() -> None:
    for label in ("economy", "ECONOMY", "Kinh tế", "KINH TẾ", "business", "money"):
        assert section_of(label, SECTIONS) == "economy"


def test_dashes_spaces_and_the_dash_that_ends_a_label_do_not_matter() -> None:
    for label in (
        "NEWS - POLITICS -",
        "news – politics",
        "News\u00a0—  Politics",
        "NEWS-POLITICS",
        " news - politics\n",
    ):
        assert section_of(label, SECTIONS) == "politics"


def test_a_tone_mark_may_stand_on_either_vowel_and_be_composed_or_not() -> None:
    for label in ("VĂN HOÁ", "VĂN HÓA", "va\u0306n hoa\u0301", "Văn hóa -"):
        assert section_of(label, SECTIONS) == "culture"
    assert section_of("VĂN HOẢ", SECTIONS) is None


def test_unknown_and_empty_labels_name_none() -> None:
    assert section_of("SPORTS", SECTIONS) is None
    assert section_of("", SECTIONS) is None
    assert section_of(" - ", SECTIONS) is None


def test_where_to_map_names_the_likeliest_section_and_its_line() -> None:
    places = Places(
        {"sections": Place("config/site.yaml", 12, 1), "sections.culture": Place("config/site.yaml", 20, 3)}
    )
    assert (
        where_to_map("CULTURE - SPORTS", SECTIONS, places)
        == 'config/site.yaml:20: sections.culture.aliases: add "CULTURE - SPORTS"'
    )
    assert (
        where_to_map("ECONOMIC -", SECTIONS) == 'config/site.yaml: sections.economy.aliases: add "ECONOMIC"'
    )


def test_where_to_map_leaves_the_choice_when_nothing_is_alike() -> None:
    assert (
        where_to_map("Thể thao", SECTIONS)
        == 'config/site.yaml: sections: add "Thể thao" to the aliases of one of politics, economy, culture'
    )
    assert where_to_map("SPORTS", {}) == 'config/site.yaml: sections: add a section with aliases: ["SPORTS"]'
