"""Editing the schedule at the console: nothing is saved unseen, nothing of anybody's is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.work import configs
from tests.web.consolesite import READER, SCHEDULE, Console, ConsoleSite, Shown, edited, make, with_past

PLACE = "/console/schedule/files/schedule"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ConsoleSite, str]]:
    """One site and server for all of these tests."""
    made = with_past(make(tmp_path_factory.mktemp("editor") / "site"))
    with made.serving() as address:
        yield made, address
    made.store.close()


@pytest.fixture(scope="module")
def console(whole: tuple[ConsoleSite, str]) -> Console:
    return Console(whole[1])


@pytest.fixture
def site(whole: tuple[ConsoleSite, str]) -> ConsoleSite:
    """The site with the schedule that every test begins with."""
    edited(whole[0], SCHEDULE)
    return whole[0]


def checked(console: Console, text: str, page: Shown | None = None) -> Shown:
    """Send a text in to be checked, as a browser does: with Windows' line ends."""
    return console.send(page or console.get(PLACE), PLACE, text=text.replace("\n", "\r\n"), do="check")


def saved(console: Console, page: Shown, **fields: str) -> Shown:
    return console.send(page, PLACE, do="save", **fields)


def number(site: ConsoleSite) -> int:
    found = configs.state(site.desk).revision
    assert found is not None
    return found


def test_moving_the_hour_from_the_job_s_page(console: Console, site: ConsoleSite) -> None:
    mine = number(site) + 1
    job = console.get("/console/schedule/morning")
    look = console.send(job, "/console/schedule/morning", time="07:15")

    assert "morning: every day at 07:15 until now: every day at 06:30 next: Sun, Nov 22, 07:15" in look.text
    assert "moved Sun 2026-11-22 06:30 to 07:15, and 6 more" in look.text
    assert site.file().read_text(encoding="utf-8") == SCHEDULE, "looking saves nothing"
    done = saved(console, look)
    assert (done.status, done.answer.headers["location"]) == (303, f"/console/schedule?saved={mine}")
    after = console.get(f"/console/schedule?saved={mine}")
    assert f"Saved as revision {mine}" in after.part("said")
    assert "morning Sends The Morning When every day at 07:15 Next Sun, Nov 22, 07:15" in after.text
    assert site.file().read_text(encoding="utf-8") == SCHEDULE.replace("30 6 * * *", "15 7 * * *")
    log = console.get("/console/log")
    assert f"console operator · config edited · config revision {mine}" in log.text
    assert "jobs.morning.cron" in log.text


@pytest.mark.parametrize("time", ["25:00", "7", "", "07:60", "<b>"])
@pytest.mark.usefixtures("site")
def test_what_is_no_time_moves_nothing(console: Console, time: str) -> None:
    refused = console.send(console.get("/console/schedule/morning"), "/console/schedule/morning", time=time)

    assert refused.status == 422
    assert "is no time of day; write one like 06:30" in refused.part("wrong")


def test_a_job_without_a_time_of_day_sends_people_to_the_editor(console: Console) -> None:
    shown = console.get("/console/schedule/publish")

    assert "This job has no single time of day." in shown.text
    assert PLACE in shown.links()


def test_every_mistake_has_its_place_a_sentence_and_its_line(console: Console, site: ConsoleSite) -> None:
    before = number(site)
    text = SCHEDULE.replace("30 6 * * *", "30 6 * *").replace("send weekly", "send weekli")
    shown = checked(console, text + "\tlate:\n")
    assert shown.status == 422
    assert "Line 16, column 1" in shown.part("mistakes"), "a tab comes first: nothing else can be read"
    shown = checked(console, text, shown)

    assert "2 mistakes" in shown.part("result")
    assert "Line 11, column 11 jobs.morning.cron a cron line has five fields" in shown.part("mistakes")
    assert "Line 14, column 10 jobs.friday.run" in shown.part("mistakes")
    assert "did you mean send weekly" in shown.part("mistakes")
    assert "11 cron: 30 6 * *" in " ".join(shown.part("mistakes").split())
    assert shown.fields(PLACE)["text"] == text, "what was typed is still there"
    assert not shown.tree.xpath("//button[@value='save']")
    assert saved(console, shown).status == 422, "and cannot be saved by other means"
    assert number(site) == before


@pytest.mark.usefixtures("site")
def test_what_would_change_is_told_in_all_its_kinds(console: Console) -> None:
    text = SCHEDULE.replace("  friday:\n    run: send weekly\n    cron: 0 17 * * fri\n", "")
    shown = checked(console, text)

    assert shown.status == 200
    assert "friday: taken out of the schedule" in shown.part("moves")
    assert "loss weekly" in shown.part("effects")
    assert "7 subscribers" in shown.part("effects")
    assert "no job sends this digest" not in shown.text, "that lint belongs to the other file"
    switched = checked(console, SCHEDULE + "    timezone: Europe/Berlin\n    enabled: false\n")
    assert "friday" in switched.part("moves")
    same = checked(console, SCHEDULE)
    assert "Nothing changes" in same.part("result")
    comment = checked(console, SCHEDULE + "# The end.\n")
    assert "Only comments or layout" in comment.part("result")


def test_a_text_that_was_touched_after_its_check_is_shown_once_more(
    console: Console, site: ConsoleSite
) -> None:
    before = number(site)
    look = checked(console, SCHEDULE.replace("30 6", "0 7"))
    again = saved(console, look, text=SCHEDULE.replace("30 6", "0 8"))

    assert again.status == 200
    assert "The text was changed after it was checked." in again.part("note")
    assert "every day at 08:00" in again.part("moves")
    assert number(site) == before
    assert saved(console, again).status == 303
    assert "cron: 0 8 * * *" in site.file().read_text(encoding="utf-8")


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    made = make(tmp_path / "windows", schedule="\ufeff" + SCHEDULE.replace("\n", "\r\n"))
    with made.serving() as address:
        console = Console(address)
        shown = console.get(PLACE)
        assert shown.fields(PLACE)["text"] == SCHEDULE
        assert "Nothing changes" in checked(console, SCHEDULE).part("result")
        look = checked(console, "\ufeff" + SCHEDULE.replace("30 6", "0 7"))
        assert saved(console, look).status == 303
    made.store.close()

    content = made.file().read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == SCHEDULE.count("\n")
    assert b"cron: 0 7 * * *   # half past six\r\n" in content


def test_an_outdated_text_is_refused_and_both_edits_are_shown(console: Console, site: ConsoleSite) -> None:
    look = checked(console, SCHEDULE.replace("0 17 * * fri", "0 18 * * fri"))
    theirs_is = edited(site, SCHEDULE.replace("30 6", "45 6"))
    refused = saved(console, look)

    assert refused.status == 409
    assert f"Revision {theirs_is} by binh on desk2 came into force" in refused.part("problems")
    theirs, mine = refused.tree.xpath("//div[contains(@class, 'difference')]")
    assert "+    cron: 45 6 * * *" in "".join(theirs.itertext())
    assert "+    cron: 0 18 * * fri" in "".join(mine.itertext())
    assert number(site) == theirs_is

    form = refused.tree.xpath("//section[contains(@class, 'problems')]//form")[0]
    fields = {one.get("name"): one.get("value") for one in form[:3]}
    together = console.post(PLACE, fields | {"do": "check"})
    assert "friday: Friday at 18:00" in together.part("moves")
    assert saved(console, together).status == 303
    text = site.file().read_text(encoding="utf-8")
    assert "45 6 * * *" in text
    assert "0 18 * * fri" in text


def test_two_edits_of_one_line_are_left_to_people(console: Console, site: ConsoleSite) -> None:
    look = checked(console, SCHEDULE.replace("30 6", "0 7"))
    theirs_is = edited(site, SCHEDULE.replace("30 6", "45 6"))
    refused = saved(console, look)

    assert refused.status == 409
    assert "Both changed the same lines" in refused.text
    assert refused.fields(PLACE)["text"] == SCHEDULE.replace("30 6", "0 7"), "nothing of theirs is lost"
    assert saved(console, refused).status == 200
    assert number(site) == theirs_is


def test_the_other_files_can_be_edited_too(console: Console, site: ConsoleSite) -> None:
    place = "/console/schedule/files/site"
    shown = console.get(place)
    text = shown.fields(place)["text"]
    look = console.send(shown, place, text=text.replace("en: Culture", "en: Arts"), do="check")

    assert "feed /feeds/culture changes: it is called Arts" in look.part("effects")
    assert console.send(look, place, do="save").status == 303
    assert "en: Arts" in site.file("site").read_text(encoding="utf-8")
    assert console.get("/console/schedule/files/../../etc/passwd").status == 404
    assert console.get("/console/schedule/files/passwd").status == 404


def test_a_calendar_is_begun_and_named_by_a_job(console: Console, site: ConsoleSite) -> None:
    place = "/console/schedule/files/calendar"
    shown = console.get(place)
    assert shown.fields(place)["text"] == ""
    wrong = console.send(shown, place, text="calendar:\n  tet: {day: [2027-02-05]}\n", do="check")
    assert "Line 2, column 9" in wrong.part("mistakes")
    look = console.send(wrong, place, text="calendar:\n  tet: {title: Tết, days: [2027-02-05]}\n", do="check")
    assert console.send(look, place, do="save").status == 303
    named = SCHEDULE.replace("30 6 * * *   # half past six", "30 6 * * *\n    except: [tet]")
    assert saved(console, checked(console, named)).status == 303

    assert "every day at 06:30, except Tết" in console.get("/console/schedule").text
    assert site.file("calendar").read_text(encoding="utf-8").startswith("calendar:")


def test_revisions_and_going_back(console: Console, site: ConsoleSite) -> None:
    first_is = number(site)
    then_is = edited(site, SCHEDULE.replace("30 6", "45 6"))
    listed = console.get("/console/schedule/revisions/")
    assert f"Revision {then_is} in force" in listed.text
    assert "binh on desk2 · an edited file" in listed.text
    assert "jobs.morning.cron: now 45 6 * * *; it was 30 6 * * *" in listed.text
    newest = console.get(f"/console/schedule/revisions/{then_is}")
    assert "- cron: 30 6 * * * # half past six + cron: 45 6 * * *" in newest.part("difference")
    assert not newest.tree.xpath("//main//form")

    place = f"/console/schedule/revisions/{first_is}"
    first = console.get(place)
    assert "morning: every day at 06:30 until now: every day at 06:45" in first.part("moves")
    done = console.send(first, place)
    assert done.answer.headers["location"] == f"/console/schedule?saved={then_is + 1}"
    assert site.file().read_text(encoding="utf-8") == SCHEDULE
    log = console.get("/console/log")
    assert f"console operator · config rolled back · config revision {then_is + 1}" in log.text
    twice = console.send(first, place)
    assert twice.status == 409
    assert "Another revision came meanwhile" in twice.part("note")
    assert number(site) == then_is + 1
    for other in ("0", "999", "x", "9" * 30, "01"):
        assert console.get(f"/console/schedule/revisions/{other}").status == 404


def test_only_operators_edit_and_only_with_a_form_of_ours(
    console: Console, whole: tuple[ConsoleSite, str], site: ConsoleSite
) -> None:
    before = number(site)
    reader, nobody = Console(whole[1], READER), Console(whole[1], None)
    assert reader.get(PLACE).status == 403
    assert nobody.get(PLACE).status == 303
    assert reader.get("/console/schedule/revisions/1").status == 200
    assert not reader.get("/console/schedule/morning").tree.xpath("//main//form[@method='post']")
    key = reader.get("/console/schedule").tree.xpath("string(//input[@name='key']/@value)")
    fields = {"key": key, "text": "jobs: {}\n", "base": "1", "do": "save", "time": "07:15"}
    for place in (PLACE, "/console/schedule/morning", "/console/schedule/revisions/1"):
        assert reader.post(place, fields).status == 403
        assert nobody.post(place, fields).status == 303
        assert console.post(place, fields | {"key": "x"}).status == 403
    assert number(site) == before


def test_what_is_typed_stays_text(console: Console) -> None:
    hostile = "jobs:\n  </textarea><script>alert(1)</script>: {run: '\"><img src=x onerror=alert(1)>'}\n"
    shown = checked(console, hostile)

    assert shown.status == 422
    assert not shown.tree.xpath("//main//script | //main//img")
    assert shown.fields(PLACE)["text"] == hostile
    large = console.post(PLACE, console.get(PLACE).fields(PLACE) | {"text": "#" * 1_100_000})
    assert large.status == 413
    odd = {"base": "9" * 40, "text": "jobs: {}\n\x00\u2028", "do": "save", "checked": "x"}
    assert console.post(PLACE, console.get(PLACE).fields(PLACE) | odd).status == 422
