"""The commands as a person runs them, on a site of their own."""

import json
from pathlib import Path

import pytest

from publisher import app
from publisher.delivery.prepare import prepare
from publisher.model.delivery import State
from publisher.store import actions, claims, open_store
from tests.delivery.bureau import MORNING, make_edition, settings
from tests.journeys.site import make_site

SITE = """\
site:
  title: {en: The Courier}
  url: https://courier.example
  languages: [en]
  timezone: Asia/Ho_Chi_Minh
  tag_authority: courier.example,2026
sections:
  economy: {title: {en: Economy}}
digests:
  daily: {title: {en: The Morning}}
mail: {sender: news@courier.example}
"""
PEOPLE = """\
address,digest,consent_at,sections
lan@example.com,daily,2026-09-14T20:11:05+07:00,
nobody,daily,2026-09-14T20:11:05+07:00,
quang@example.com,daily,2026-09-15T20:11:05+07:00,economy
"""


class Person:
    """Runs commands and sees what is printed."""

    def __init__(self, site: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.site, self._capfd = site, capfd

    def run(self, *words: str) -> tuple[int, str, str]:
        code = app.run(["--site", str(self.site), *words])
        printed = self._capfd.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def person(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Person:
    site = make_site(tmp_path / "site", site=SITE, schedule="jobs: {}\n")
    (site / "people.csv").write_text(PEOPLE, encoding="utf-8")
    return Person(site, capfd)


def test_people_in_and_out(person: Person) -> None:
    file = str(person.site / "people.csv")
    code, out, err = person.run("subscribers", "import", file)
    assert code == 1
    assert "2 new, 0 changed, 0 unchanged, 0 suppressed, 1 rejected" in out
    assert err.startswith(f"{file}:3: address: ")

    code, out, _ = person.run("subscribers", "import", file, "--json")
    assert (code, json.loads(out)["unchanged"]) == (1, 2)

    code, out, _ = person.run("subscribers", "list")
    assert code == 0
    assert "l…@example.com" in out
    assert "lan@" not in out

    code, _, _ = person.run("subscribers", "export", str(person.site / "all.json"))
    assert code == 0
    assert [one["address"] for one in json.loads((person.site / "all.json").read_text())] == [
        "lan@example.com",
        "quang@example.com",
    ]
    assert (person.site / "all.json").stat().st_mode & 0o077 == 0

    assert person.run("subscribers", "erase", "lan@example.com", "--yes")[0] == 0
    code, out, _ = person.run("subscribers", "import", file)
    assert "0 new, 0 changed, 1 unchanged, 1 suppressed" in out
    assert (
        person.run("subscribers", "add", "lan@example.com", "--digest", "daily", "--consent", "yes")[0] == 1
    )


def test_one_person_is_told_everything_that_is_kept(person: Person) -> None:
    add = ("subscribers", "add", "Lan <lan@example.com>", "--digest", "daily", "--consent", "Yes, please.")
    assert person.run(*add, "--hour", "6", "--language", "en") == (0, "subscribed\n", "")
    assert person.run(*add, "--hour", "7") == (0, "changed\n", "")

    _, out, _ = person.run("subscribers", "export", "--person", "LAN@example.com")

    known = json.loads(out)
    assert (known["address"], known["language"]) == ("lan@example.com", "en")
    assert known["subscriptions"][0]["hour"] == "7"
    assert known["subscriptions"][0]["consent_text"] == "Yes, please."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("subscribers", "add", "lan", "--digest", "daily", "--consent", "x"), "address: "),
        (("subscribers", "add", "l@x.vn", "--digest", "dayly", "--consent", "x"), "no digest 'dayly'"),
        (("subscribers", "erase", "lan", "--yes"), "ADDRESS: "),
        (("subscribers", "export", "--person", "l@x.vn"), "nobody of that address"),
        (("deliveries", "dayly"), "did you mean 'daily'?"),
        (("deliveries", "daily", "2026-11-21"), "there is no edition of daily for 2026-11-21"),
        (("deliveries", "daily", "yesterday"), "SLOT: 'yesterday' is no slot"),
    ],
)
def test_a_mistake_is_answered_in_one_line(person: Person, words: tuple[str, ...], says: str) -> None:
    person.run("subscribers", "import", str(person.site / "people.csv"))
    code, out, err = person.run(*words)

    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_the_ledger_tells_who_did_not_get_it_and_why(person: Person) -> None:
    person.run("subscribers", "import", str(person.site / "people.csv"))
    store = open_store("sqlite:///var/publisher.sqlite3", folder=person.site)
    edition = make_edition(store)
    prepare(store, edition, settings=settings(), now=MORNING)
    with store.write() as tx:
        claimed = claims.claim(tx, "x:1:1", until=MORNING, now=MORNING, limit=5)
        row = claimed[0].delivery.id
        claims.begin(tx, "x:1:1", [row], way="w", until=MORNING, now=MORNING)
        ending = claims.Ending(id=row, attempt=1, state=State.UNCERTAIN, reason="no answer after the letter")
        claims.finish(tx, "x:1:1", [ending], now=MORNING)
    store.close()

    assert person.run("deliveries")[1] == "daily 2026-11-21: 2 recipients = 1 pending, 1 uncertain\n"
    _, out, _ = person.run("deliveries", "daily", "2026-11-21", "--state", "uncertain")
    assert out.splitlines()[1].split() == [
        str(row),
        "l…@example.com",
        "uncertain",
        *("no", "answer", "after", "the", "letter"),
    ]
    found = json.loads(person.run("deliveries", "daily", "--json")[1])["editions"][0]
    assert (found["recipients"], found["states"]) == (2, {"pending": 1, "uncertain": 1})

    assert person.run("deliveries", "settle", str(row), "9", "--as", "accepted", "--because", "log") == (
        1,
        "1 settled\n",
        "9: not settled; there is no such delivery\n",
    )
    settle = ("deliveries", "settle", "--as", "accepted", "--because", "log")
    assert person.run(*settle, str(row)) == (1, "0 settled\n", f"{row}: not settled; it is accepted\n")
    code, out, said = person.run(*settle, f"{row}{row}")
    assert (code, out, said.count("\n")) == (2, "", 1)
    assert f"{row}{row} is not in the range" in said
    assert person.run("deliveries")[1] == "daily 2026-11-21: 2 recipients = 1 pending, 1 accepted\n"


def test_what_is_done_by_hand_is_on_record_without_an_address(person: Person) -> None:
    add = ("subscribers", "add", "lan@example.com", "--digest", "daily", "--consent", "yes")
    for words in (
        add,
        (*add, "--hour", "7"),
        (*add, "--hour", "7"),
        ("subscribers", "import", str(person.site / "people.csv")),
        ("subscribers", "import", str(person.site / "people.csv")),
        ("subscribers", "erase", "lan@example.com", "--yes"),
    ):
        person.run(*words)

    store = open_store("sqlite:///var/publisher.sqlite3", folder=person.site)
    with store.read() as tx:
        told = [(one.what, one.about, one.detail) for one in reversed(actions.latest(tx, limit=9))]
        said = " ".join(one.who for one in actions.latest(tx, limit=9))
    store.close()
    assert told == [
        ("subscribed somebody", "daily", ""),
        ("changed a subscription", "daily", ""),
        ("imported a file", "subscribers", "1 new, 0 changed"),
        ("erased somebody", "subscribers", ""),
    ]
    assert "@" not in f"{told} {said}"
