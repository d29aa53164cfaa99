"""The bytes of a letter, read by parsers that know nothing of how they were made."""

import base64
import quopri
import random
import re
import shutil
import subprocess
from datetime import datetime, timedelta
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from publisher.delivery.encoding import encoded, fill, gathered
from publisher.delivery.message import HOLDERS, Letter, compose, letter, list_domain, mark_of
from publisher.model.delivery import Delivery, State
from publisher.model.edition import Edition, Selection
from publisher.model.variant import Variant, variant
from tests.delivery.bureau import MORNING, TOKENS, links, rendered, settings

WORDS = (
    "Mường Lưa Nậm phà chạy lại sau ba tuần ngừng vì lũ đồng bào huyện Tủa Pha được mùa chè Shan tuyết "
    "giá tăng gấp đôi so với năm ngoái trường học mới khánh thành Uỷ ban nhân dân tỉnh họp"
)


def edition(subject: str = "Phà Nậm Lưa chạy lại", **content: Any) -> Edition:
    return Edition(
        id=3,
        digest="daily",
        slot="2026-11-21",
        made=MORNING,
        due=MORNING,
        selection=Selection(digest="daily", slot="2026-11-21", since=None, until=MORNING, choices=()),
        content=rendered(subject=subject, **content),
    )


def delivery(number: int = 17, address: str = "reader@example.com") -> Delivery:
    return Delivery(
        id=number,
        edition_id=3,
        subscription_id=number + 1,
        address=address,
        language="vi",
        sections=(),
        state=State.PENDING,
        planned=MORNING,
        due=MORNING + timedelta(hours=2),
        attempts=1,
        reason="",
        changed=MORNING,
    )


def whole(of: Edition) -> Variant:
    found = variant(of.content, ())
    assert found is not None
    return found


def made(mail: dict[str, Any] | None = None, address: str = "reader@example.com", **content: Any) -> bytes:
    one = edition(**content)
    return compose(
        whole(one), delivery=delivery(address=address), edition=one, settings=settings(mail), tokens=TOKENS
    )


def parsed(content: bytes) -> EmailMessage:
    found = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def test_the_header_set_is_whole() -> None:
    token = TOKENS.make("unsubscribe", 18)
    message = parsed(made({"reply_to": "desk@courier.example"}))

    mark = mark_of(edition(), 17)
    assert {name: str(message[name]) for name in message if name != "Content-Type"} == {
        "From": "Báo Mường Lưa <news@courier.example>",
        "To": "reader@example.com",
        "Reply-To": "desk@courier.example",
        "Subject": "Phà Nậm Lưa chạy lại",
        "Date": "Sat, 21 Nov 2026 06:30:00 +0700",
        "Message-ID": f"<{mark}@courier.example>",
        "Content-Language": "vi",
        "List-Id": "<daily.courier.example>",
        "List-Unsubscribe": (
            f"<https://courier.example/u/{token}>, <mailto:unsub+{token}@courier.example?subject=unsubscribe>"
        ),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Help": "<mailto:desk@courier.example?subject=help>",
        "List-Archive": "<https://courier.example/editions/daily/2026-11-21>",
        "List-Post": "NO",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": "2026-11-21:daily:digest:courier.example",
        "MIME-Version": "1.0",
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Date"].datetime == MORNING.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))


def test_both_parts_come_back_with_the_recipients_links() -> None:
    one = edition()
    message = parsed(made())

    for kind, wanted in (("plain", one.content.text), ("html", one.content.html)):
        part = message.get_body((kind,))
        assert part is not None
        for holder, name in HOLDERS.items():
            wanted = wanted.replace(holder, TOKENS.make(name, 18))  # type: ignore[arg-type]
        assert part.get_content().replace("\r\n", "\n").rstrip("\n") == wanted.rstrip("\n")


def test_a_text_only_letter_has_one_part() -> None:
    message = parsed(made(html="", pieces=()))

    assert message.get_content_type() == "text/plain"
    assert "Phà chạy lại" in message.get_content()


def test_the_same_delivery_has_the_same_bytes_and_another_has_its_own() -> None:
    one = edition()
    built: Letter = letter(whole(one), edition=one, settings=settings())

    first, again, other = (built.to(delivery(number), TOKENS) for number in (17, 17, 18))

    assert first == again
    assert first.content == made()
    assert first.mark != other.mark
    assert len(first.mark) == 24
    # Everything that differs between two recipients is an address or a token, nothing else leaks.
    assert len(first.content) == len(other.content)


def test_a_store_made_anew_repeats_no_mark() -> None:
    later = Edition(
        **{name: getattr(edition(), name) for name in edition().__slots__} | {"made": MORNING + timedelta(1)}
    )
    assert mark_of(edition(), 17) != mark_of(later, 17)


def test_bounces_come_back_to_a_mailbox_that_knows_the_delivery() -> None:
    one = edition()
    plain = letter(whole(one), edition=one, settings=settings()).to(delivery(), TOKENS)
    verp = letter(whole(one), edition=one, settings=settings({"bounces": "bounces@courier.example"}))

    assert plain.sender == "news@courier.example"
    local, _, domain = verp.to(delivery(), TOKENS).sender.partition("@")
    assert (domain, TOKENS.read("message", local.removeprefix("bounces+"))) == ("courier.example", 17)


def test_addresses_beyond_ascii_go_as_servers_take_them() -> None:
    assert (
        parsed(made(address="toasoan@báo-vùng-cao.example"))["To"] == "toasoan@xn--bo-vng-cao-s4a50a.example"
    )
    assert "kiều.bào@example.net".encode() in made(address="kiều.bào@example.net")
    assert list_domain(settings({"sender": "a@báo.example"})) == "xn--bo-mia.example"


def test_without_https_there_is_no_one_click() -> None:
    plain = settings()
    site = plain.site.model_copy(update={"url": "http://localhost:8080"})
    one = edition()
    content = compose(
        whole(one),
        delivery=delivery(),
        edition=one,
        settings=plain.model_copy(update={"site": site}),
        tokens=TOKENS,
    )
    assert "List-Unsubscribe-Post" not in parsed(content)
    assert "http://localhost:8080/u/" in parsed(content)["List-Unsubscribe"]


def legacy(content: bytes, field: str) -> str:
    """Read a field with the older half of the library, which shares no header code with the newer."""
    found: str = BytesHeaderParser(policy=policy.compat32).parsebytes(content)[field]
    return re.sub(r"\r\n(?=[ \t])", "", found)


def words(text: str) -> str:
    return str(make_header(decode_header(text)))


def test_a_thousand_vietnamese_subjects_come_back_whole() -> None:
    chance = random.Random(20261121)
    built = [
        " ".join(chance.choices(WORDS.split(), k=chance.randint(1, 40)))
        + chance.choice(["", "…", " – 2026", "!"])
        for _ in range(1000)
    ]
    for subject in built:
        content = made(subject=subject)
        assert parsed(content)["Subject"] == subject
        assert words(legacy(content, "Subject")) == subject


def test_the_subjects_come_back_whole_from_perl_too() -> None:
    """A decoder that shares no line with Python's."""
    perl = shutil.which("perl")
    if perl is None:
        pytest.skip("perl is not here")
    chance = random.Random(20261122)
    subjects = [" ".join(chance.choices(WORDS.split(), k=chance.randint(1, 40))) for _ in range(1000)]
    fields = [made(subject=subject).partition(b"\r\nSubject: ")[2] for subject in subjects]
    raw = [re.split(rb"\r\n(?![ \t])", field, maxsplit=1)[0] for field in fields]
    program = (
        'binmode STDOUT, ":utf8"; $/ = "\\0"; while (<>) { chomp; print decode("MIME-Header", $_), "\\0" }'
    )
    done = subprocess.run(
        [perl, "-MEncode", "-e", program], input=b"\0".join(raw) + b"\0", capture_output=True, check=True
    )
    assert done.stdout.decode().split("\0")[:-1] == subjects


@pytest.mark.parametrize(
    "evil",
    [
        "Tin\r\nBcc: everybody@example.com",
        "Tin\nBcc: everybody@example.com",
        "Tin\r\n\r\n<h1>body</h1>",
        "Tin\x00\x0b\x0c\x85\u2028\u2029Bcc: everybody@example.com",
        "=?utf-8?q?Tin=0D=0ABcc:_everybody@example.com?=",
        "x" * 5000,
        "word " * 400,
        "",
        " ",
        "á" * 3000,
        "\ud800Tin".encode("utf-8", "replace").decode(),
    ],
)
def test_no_title_breaks_out_of_its_field(evil: str) -> None:
    content = made({"sender": "news@courier.example"}, subject=evil)
    head, _, _ = content.partition(b"\r\n\r\n")
    message = parsed(content)

    assert message["Bcc"] is None
    assert message.get_all("Subject") == [" ".join(re.sub(r"[\x00-\x1f\x85\u2028\u2029]", " ", evil).split())]
    assert len(message.keys()) == len(set(message.keys())) == 18
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert b"\n" not in head.replace(b"\r\n", b"")


@trials(max_examples=300, deadline=None)
@given(subject=st.text(max_size=200), name=st.text(max_size=80))
@example(subject="a" * 75 + " b", name='Báo "Tin", (Lưa)')
@example(subject="=?utf-8?b?eA==?=", name="The Courier, Ltd. <x@y.example>")
def test_any_text_comes_back_from_an_independent_parser(subject: str, name: str) -> None:
    plain = settings()
    site = plain.site.model_copy(update={"title": {"vi": name}})
    one = edition(subject)
    content = compose(
        whole(one),
        delivery=delivery(),
        edition=one,
        settings=plain.model_copy(update={"site": site}),
        tokens=TOKENS,
    )

    assert words(legacy(content, "Subject")) == one_line(subject)
    # The newer half leaves a space between two encoded words of a name; RFC 2047 §6.2 has it dropped.
    phrase, address = parseaddr(legacy(content, "From"))
    assert (words(phrase), address) == (one_line(name), "news@courier.example")


def one_line(text: str) -> str:
    return " ".join(
        "".join(" " if re.match(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", x) else x for x in text).split()
    )


BODY = st.lists(
    st.one_of(
        st.text("aăệ .=\tFrom\u00a0-x", max_size=120),
        st.sampled_from([*HOLDERS, "\n", "\n.", "\nFrom ", "  ", "https://courier.example/u/"]),
    ),
    max_size=20,
).map("".join)


@trials(max_examples=300, deadline=None)
@given(BODY)
@example("ệ" * 40 + links("", "\n") + "ệ" * 40)
@example("".join(HOLDERS))
def test_any_body_comes_back_and_needs_no_change_on_its_way(text: str) -> None:
    values = {"unsubscribe": b"a" * 24, "preferences": b"b" * 24}
    encoding, pieces = encoded(text, HOLDERS)
    content = fill(pieces, values)

    decoded = base64.b64decode(content) if encoding == "base64" else quopri.decodestring(content)
    for holder, name in HOLDERS.items():
        text = text.replace(holder, values[name].decode())
    assert decoded.decode().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert not line.endswith(b" ")
        assert b"  " not in line
        assert b"\t" not in line
    assert content.endswith(b"\r\n")


def test_each_part_takes_the_smaller_encoding() -> None:
    vietnamese, english = "Đồng bào được mùa chè. " * 50, "The ferry runs again. " * 50

    assert encoded(vietnamese, HOLDERS)[0] == "base64"
    assert encoded(english, HOLDERS)[0] == "quoted-printable"


def test_the_date_does_not_move_with_a_retry() -> None:
    moved = delivery()
    assert moved.due != moved.planned
    assert datetime.strftime(moved.planned, "%H:%M") == "23:30"
    assert "06:30:00 +0700" in parsed(made())["Date"]


@given(st.lists(st.sampled_from([b"", b"a", b"bc" * 100, b"d" * 4000, b"e" * 5000]), max_size=12))
def test_short_pieces_are_put_together_and_long_ones_not_copied(pieces: list[bytes]) -> None:
    found = gathered(pieces)

    assert b"".join(found) == b"".join(pieces)
    long = [one for one in pieces if len(one) >= 4000]
    assert [id(one) for one in found if len(one) >= 4000] == [id(one) for one in long]
    assert len(found) <= 2 * len(long) + 1


def test_letters_share_the_bytes_that_they_have_in_common() -> None:
    of = edition()
    html = f"<p>{'Mường Lưa ' * 1000}</p>{links('', ' ')}"
    long = Variant(subject="Tin", preheader="", html=html, text=links("", " "))
    built = letter(long, edition=of, settings=settings())

    one, two = (built.to(delivery(number), TOKENS) for number in (1, 2))

    shared = {id(part) for part in one.parts} & {id(part) for part in two.parts}
    assert sum(len(part) for part in one.parts if id(part) in shared) > 10_000
    assert one.size == len(one.content)
