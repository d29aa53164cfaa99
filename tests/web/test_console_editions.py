"""Today, editions, their letters and ledgers, and what operators do with them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.model.delivery import State, number
from publisher.model.job import Firing, Outcome
from publisher.schedule import jobs
from publisher.store import actions, deliveries, editions, firings, holds
from publisher.web.console.bar import bar, parts
from publisher.web.console.letter import in_light
from publisher.work import tasks
from tests.web.consoleletters import NEXT_SLOT, SLOT, states, with_letters
from tests.web.consolesite import READER, SITE, Console, ConsoleSite, make, with_past
from tests.web.newsroom import MORNING

PLACE = f"/console/editions/daily/{SLOT}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ConsoleSite]:
    made = with_letters(make(tmp_path / "site"), hour=20)
    yield made
    made.store.close()


@pytest.fixture
def operator(site: ConsoleSite) -> Iterator[Console]:
    with site.serving() as address:
        yield Console(address)


def counts(site: ConsoleSite) -> dict[State, int]:
    with site.store.read() as tx:
        issue = editions.issue(tx, "daily", SLOT)
        assert issue is not None
        return deliveries.counts(tx, issue.id)


def log(site: ConsoleSite) -> list[tuple[str, str, str]]:
    with site.store.read() as tx:
        return [(one.who, one.what, one.about) for one in actions.latest(tx, limit=3)]


def press(operator: Console, path: str, **fields: str) -> str:
    """Open the page that asks, press its button, and return what the next page says was done."""
    asked = operator.get(path)
    assert asked.status == 200
    key = asked.fields("/console/sign-out")["key"]
    done = operator.post(path, {"key": key} | fields)
    assert done.status == 303
    return operator.get(done.answer.headers["location"]).part("said")


def test_the_day(site: ConsoleSite, operator: Console) -> None:
    shown = operator.get("/console/")
    assert shown.heading == "Today Saturday, November 21, 2026"
    assert shown.tree.xpath("//*[@id='problems']") == []
    assert "06:30 The Morning" in shown.text
    assert f"/console/editions/daily/{NEXT_SLOT}" in shown.links()
    assert "The Morning Going out" in shown.text
    assert "6 recipients: 3 accepted 3 waiting" in shown.text
    assert "3 messages are still to be sent." in shown.text
    moving = operator.get("/console/now")
    assert moving.tree.xpath("//html/body//nav") == []
    assert "3 messages are still to be sent." in moving.answer.text


def test_what_wants_a_look_stands_on_top(site: ConsoleSite, operator: Console) -> None:
    with_past(site)
    states(site, "failed", "uncertain")
    site.now += timedelta(minutes=30)  # and no scheduler at work since
    key = operator.get("/console/").fields("/console/sign-out")["key"]
    operator.post(f"/console/editions/daily/{NEXT_SLOT}/do/pause", {"key": key, "why": "wrong lead"})
    shown = operator.get("/console/")
    assert [str(one.xpath("string(@class)")) for one in shown.tree.xpath("//section[1]//li")] == [
        "about-asleep",
        "about-run",
        "about-edition",
        "about-paused",
    ]
    assert "publish was due at Sat, Nov 21, 09:45" in shown.text
    assert "morning did not run well at Sat, Nov 21, 06:30" in shown.text
    assert f"The Morning {SLOT}: 1 failed, 1 uncertain" in shown.text
    assert f"The Morning {NEXT_SLOT}: paused since" in shown.text
    assert "wrong lead" in shown.text


def test_the_timeline_has_every_run_of_the_day(site: ConsoleSite, operator: Console) -> None:
    with_past(site)
    shown = operator.get("/console/")
    rows = {
        str(one.xpath("string(.//a)")): str(one.xpath("normalize-space(.//*[@class='counts'])"))
        for one in shown.tree.xpath("//ul[@class='strips']/li")
    }
    assert list(rows) == ["morning", "friday", "publish"]
    assert rows["morning"] == "1 ran with problems; next Sun, Nov 22, 06:30"
    # 09:30 has gone by, so 09:45 to 23:45 are left.
    assert rows["publish"].startswith("57 to come")
    drawn = {
        str(one.xpath("string(.//a)")): [path.get("class") for path in one.xpath(".//*[local-name()='path']")]
        for one in shown.tree.xpath("//ul[@class='strips']/li")
    }
    assert drawn["morning"] == ["grid", "problems", "now"]
    assert drawn["publish"] == ["grid", "ahead", "now"]


def test_a_day_of_25_hours_is_drawn_whole(tmp_path: Path) -> None:

    site = make(tmp_path / "site", site=SITE.replace("Asia/Ho_Chi_Minh", "Europe/Berlin"))
    site.now = MORNING.replace(month=10, day=25, hour=9)
    with site.serving() as address:
        shown = Console(address).get("/console/")
    site.store.close()
    scale = [str(one.xpath("string()")) for one in shown.tree.xpath("//ol[@class='scale']/li")]
    assert len(scale) == 25
    assert [(place, one) for place, one in enumerate(scale) if one] == [
        *((4, "03"), (7, "06"), (10, "09"), (13, "12"), (16, "15"), (19, "18"), (22, "21"))
    ]


def test_the_list_of_editions(site: ConsoleSite, operator: Console) -> None:
    shown = operator.get("/console/editions")
    links = [one for one in shown.links() if "editions/" in one]
    assert links[0] == f"/console/editions/daily/{NEXT_SLOT}"
    assert links[-1] == PLACE
    assert "/console/editions/weekly/2026-W48" in links
    assert "8 articles" in shown.text


def test_an_edition_tells_what_is_in_it_and_why(site: ConsoleSite, operator: Console) -> None:
    shown = operator.get(PLACE)
    assert shown.heading == "The Morning November 21, 2026"
    assert len(shown.tree.xpath("//ol[@class='choices']/li")) == 8
    assert "leads the letter" in shown.text
    frame = shown.tree.xpath("//iframe")[0]
    assert frame.get("sandbox") == ""
    letter = operator.get(frame.get("src"))
    assert letter.status == 200
    assert "sandbox" in letter.answer.headers["content-security-policy"]
    assert letter.answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "script" not in letter.answer.headers["content-security-policy"]
    text = operator.get(f"{PLACE}?view=text")
    assert "Ferry runs again, trip 2" in text.tree.xpath("string(//pre)")


def test_the_edition_to_come_is_shown_as_things_stand(site: ConsoleSite, operator: Console) -> None:
    before = counts(site)
    shown = operator.get(f"/console/editions/daily/{NEXT_SLOT}")
    assert "Planned Sunday, November 22, 2026, 06:30, in 21 hours" in shown.text
    assert "What would go out now" in shown.text
    assert len(shown.tree.xpath("//ol[@class='choices']/li")) == 1  # eight went this morning
    assert "Sent before 8" in shown.text
    assert (counts(site), operator.get("/console/editions/daily/2026-02-30").status) == (before, 404)
    with site.store.read() as tx:
        assert editions.issue(tx, "daily", NEXT_SLOT) is None


def test_the_letter_in_the_dark_is_dark_whatever_the_screen() -> None:
    html = (
        '<meta name="color-scheme" content="light dark"><style>:root{color-scheme: light dark}'
        "@media (prefers-color-scheme: dark){a{color:red}}"
        "@media ( prefers-color-scheme : light ){b{top:0}}</style>"
    )
    dark, light = in_light(html, "dark"), in_light(html, "light")
    assert "@media (min-width:0){a" in dark
    assert "@media (max-width:0){b" in dark
    assert "@media (max-width:0){a" in light
    assert 'content="only dark"' in dark
    assert "color-scheme: only light}" in light


def test_the_bar_adds_up_and_shows_everybody() -> None:
    given = {State.ACCEPTED: 999_990, State.FAILED: 1, State.UNCERTAIN: 9}
    widths = [int(one) for one in re.findall(r'width="(\d+)" height="16"/>', bar(given))]
    assert sum(widths) == 1000
    assert min(widths) >= 6
    assert parts(given) == [(State.ACCEPTED, 999_990), (State.UNCERTAIN, 9), (State.FAILED, 1)]
    assert bar({}) == ""


def test_pause_resume_and_cancel(site: ConsoleSite, operator: Console) -> None:
    assert "Pause" in operator.get(PLACE).part("wishes")
    assert "is paused" in press(operator, f"{PLACE}/do/pause", why="a mail to lan0@example.com says so")
    shown = operator.get(PLACE)
    assert "Paused by console operator" in shown.text
    assert "lan0@example.com" not in shown.answer.text
    assert "Send now" not in shown.part("wishes")
    assert operator.get("/console/").part("about-paused") != ""
    assert "goes on" in press(operator, f"{PLACE}/do/resume")
    assert "3 messages are not sent any more" in press(operator, f"{PLACE}/do/cancel")
    assert counts(site) == {State.ACCEPTED: 3, State.SUPPRESSED: 3}
    assert operator.get(PLACE).part("wishes") == ""
    with site.store.read() as tx:
        hold = holds.get(tx, "daily", SLOT)
    assert hold is not None
    assert hold.who == "console operator"
    assert [what for _, what, _ in log(site)] == ["cancelled edition", "resumed edition", "paused edition"]


def test_what_makes_no_sense_is_not_done(site: ConsoleSite, operator: Console) -> None:
    before = counts(site)
    for wish in ("resume", "retry"):
        asked = operator.get(f"{PLACE}/do/{wish}")
        assert "cannot be done" in asked.text
        assert asked.tree.xpath("//main//button") == []
        key = asked.fields("/console/sign-out")["key"]
        assert operator.post(f"{PLACE}/do/{wish}", {"key": key}).status == 409
    assert operator.get(f"{PLACE}/do/delete").status == 404
    assert counts(site) == before


def test_send_now_lets_the_service_send(site: ConsoleSite, operator: Console) -> None:
    assert "3 messages are due now" in press(operator, f"{PLACE}/do/send")
    assert counts(site)[State.PENDING] == 3  # no request waits for letters
    tasks.deliver(site.desk)
    assert counts(site) == {State.ACCEPTED: 6}
    assert log(site)[0] == ("console operator", "sent edition at once", f"daily {SLOT}")


def test_what_is_not_made_yet_is_made_by_a_run_of_now(site: ConsoleSite, operator: Console) -> None:
    # The weekly letter of this week is planned for next Friday only, and this week has none.
    place = "/console/editions/weekly/2026-W47/do/send"
    asked = operator.get(place)
    key = asked.fields("/console/sign-out")["key"]
    done = operator.post(place, {"key": key})
    run = done.answer.headers["location"]
    assert run == "/console/jobs/friday/runs/20261121T023000Z"
    waiting = operator.get(run)
    assert "the next free process of the schedule does it" in waiting.text
    site.now += timedelta(minutes=1)
    assert "Is publisher run at work?" in operator.get(run).text
    jobs.tick(site.desk, tasks.runner(site.desk))
    ended = operator.get(f"{run}/now")
    assert "Ran" in ended.answer.text
    assert "edition weekly 2026-W47" in ended.answer.text
    with site.store.read() as tx:
        assert editions.issue(tx, "weekly", "2026-W47") is not None


def test_a_job_is_run_once_however_often_the_button_is_pressed(site: ConsoleSite, operator: Console) -> None:
    asked = operator.get("/console/jobs/publish/run")
    key = asked.fields("/console/sign-out")["key"]
    for _ in range(3):
        assert operator.post("/console/jobs/publish/run", {"key": key}).status == 303
    with site.store.read() as tx:
        found = [one for one in firings.unfinished(tx) if one.job == "publish"]
    assert [(one.due, one.outcome) for one in found] == [(site.now, Outcome.PLANNED)]
    assert [what for _, what, about in log(site) if about == "publish"] == ["started job"]
    assert operator.get("/console/jobs/nothing/run").status == 404
    assert operator.get("/console/jobs/publish/runs/20261121T000000Z").status == 404


def test_failed_ones_are_tried_again(site: ConsoleSite, operator: Console) -> None:
    states(site, "failed", "failed")
    assert "2 messages are tried again" in press(operator, f"{PLACE}/do/retry")
    assert State.FAILED not in counts(site)
    states(site, "failed")
    site.now += timedelta(days=2)
    later = Console(str(operator.client.base_url).rstrip("/"))
    assert "is over" in press(later, f"{PLACE}/do/retry")


def test_who_has_not_got_it(site: ConsoleSite, operator: Console) -> None:
    states(site, "failed")
    shown = operator.get(f"{PLACE}/deliveries")
    assert len(shown.tree.xpath("//tbody/tr")) == 4
    assert "lan0@example.com" in shown.text
    failed = operator.get(f"{PLACE}/deliveries?state=failed")
    assert len(failed.tree.xpath("//tbody/tr")) == 1
    assert len(operator.get(f"{PLACE}/deliveries?after=4").tree.xpath("//tbody/tr")) == 1
    key = shown.fields(f"{PLACE}/find")["key"]
    found = operator.post(f"{PLACE}/find", {"key": key, "address": "LAN3"})
    assert [one.text for one in found.tree.xpath("//td[@class='address']")] == ["lan3@example.com"]
    assert operator.post(f"{PLACE}/find", {"key": key, "address": "%"}).tree.xpath("//tbody/tr") == []


def test_readers_see_masks_and_no_buttons(site: ConsoleSite) -> None:
    states(site, "failed", "uncertain")
    with site.serving() as address:
        reader = Console(address, READER)
        shown = reader.get(f"{PLACE}/deliveries")
        assert "l…@example.com" in shown.text
        assert "lan0@" not in shown.answer.text
        assert shown.tree.xpath("//main//form") == []
        assert reader.get(PLACE).part("wishes") == ""


def test_settling(site: ConsoleSite, operator: Console) -> None:
    states(site, "uncertain", "uncertain", "uncertain")
    place, ids = f"{PLACE}/settle", [number(1, one) for one in (1, 2, 3, 4)]
    asked = operator.get(place)
    key = asked.fields("/console/sign-out")["key"]
    for fields in (
        {},
        {"number": str(ids[0])},
        {"number": str(ids[0]), "verdict": "accepted"},
        {"number": str(ids[0]), "verdict": "x", "because": "y"},
    ):
        assert operator.post(place, {"key": key} | fields).status == 422
    assert counts(site)[State.UNCERTAIN] == 3
    because = "relay's log, 06:31:07, lan1@example.com"
    done = operator.post(
        place, {"key": key, "number": str(ids[0]), "verdict": "accepted", "because": because}
    )
    assert "1 message is settled." in operator.get(done.answer.headers["location"]).text
    operator.post(place, {"key": key, "number": str(ids[1]), "verdict": "again", "because": because})
    # A number of another edition, or of one that is certain, is left alone.
    operator.post(place, {"key": key, "number": str(ids[3]), "verdict": "failed", "because": because})
    with site.store.read() as tx:
        rows = [deliveries.get(tx, one) for one in ids]
    assert [row and row.state for row in rows] == [
        State.ACCEPTED,
        State.PENDING,
        State.UNCERTAIN,
        State.PENDING,
    ]
    assert rows[0] is not None
    assert rows[0].reason == "settled by console operator: relay's log, 06:31:07, (address)"


def test_a_finished_run_of_the_schedule_can_be_looked_at(site: ConsoleSite, operator: Console) -> None:
    one = Firing(
        job="morning",
        due=MORNING,
        run="send daily",
        outcome=Outcome.FAILED,
        started=MORNING,
        ended=MORNING + timedelta(seconds=3),
        reason="templates/digest/recent.html:3: unexpected end",
    )
    with site.store.write() as tx:
        firings.add(tx, [one])
    shown = operator.get("/console/jobs/morning/runs/20261120T233000Z")
    assert "Failed in 3 seconds" in shown.text
    assert "unexpected end" in shown.text
