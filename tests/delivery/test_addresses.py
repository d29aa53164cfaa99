"""Addresses: the short way agrees with the library, and no error repeats one."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from publisher import addresses

LABEL = st.text("abcXYZ019-_.", min_size=1, max_size=12)
ALMOST = st.builds(
    "{}@{}.{}".format, LABEL, LABEL, st.sampled_from(["com", "VN", "x", "test", "local", "c0m"])
)


@trials(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(ALMOST, ALMOST.map(lambda text: text.replace("a", "xn--", 1))))
def test_the_short_way_and_the_library_agree(text: str) -> None:
    try:
        wanted = validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        with pytest.raises(ValueError, match=r"."):
            addresses.check(text)
    else:
        assert addresses.check(text) == wanted


def test_a_name_before_the_address_is_left_out() -> None:
    assert addresses.of_person(" Nguyễn Thị Lan <lan.nguyen@Example.com> ") == "lan.nguyen@example.com"


@pytest.mark.parametrize(
    ("address", "wire", "utf8"),
    [
        ("news@example.com", "news@example.com", False),
        ("toasoan@báo-vùng-cao.example", "toasoan@xn--bo-vng-cao-s4a50a.example", False),
        ("kiều.bào@báo.example", "kiều.bào@xn--bo-mia.example", True),
    ],
)
def test_on_the_wire_a_domain_is_ascii(address: str, wire: str, utf8: bool) -> None:
    assert addresses.on_the_wire(addresses.check(address)) == (wire, utf8)


def test_spellings_have_one_key_and_one_hash() -> None:
    keys = {addresses.key(text) for text in ("A.B@Example.com", "a.b@example.COM ")}

    assert keys == {"a.b@example.com"}
    assert len(addresses.hashed(keys.pop())) == 64


@pytest.mark.parametrize("text", ["lan", "lan@", "lan nguyen@example.com", "lan@exa mple.com", "lan@-x.vn"])
def test_an_error_for_logs_does_not_repeat_the_address(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        addresses.of_person(text)
    assert text not in str(caught.value)


def test_a_mask_shows_too_little_to_write_to() -> None:
    assert addresses.masked("lan.nguyen@example.com") == "l…@example.com"
    assert addresses.masked("") == "(erased)"
