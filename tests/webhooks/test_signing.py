"""Our signatures, verified by code that is not ours, and others' by ours."""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import Parser
from types import MappingProxyType
from typing import Any

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from inspectiq import ConfigError, InvalidWebhook, verify_webhook
from inspectiq.webhooks import SeenIds, create_secret
from inspectiq.webhooks._signing import parse_secrets, sign_body

NOW = 1_800_000_000
SECRET, OTHER_SECRET = create_secret(), create_secret()
ALPHABET = 'abcXYZ019_- {}"\\\n\t\u00e9\u6f22\u5b57\U0001f3e0\u202e\u0000'


def signed(id: str, body: bytes, *secrets: str, at: int) -> dict[str, str]:
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": sign_body(id, at, body, parse_secrets(secrets)),
    }


def random_event(seed: int) -> tuple[str, bytes, list[str]]:
    rng = random.Random(seed)
    size = rng.choice([0, 1, 50, 500, 5_000, 5_000, 5_000, 200_000])
    text = "".join(rng.choices(ALPHABET, k=size))
    id = "msg_" + "".join(rng.choice("abcXYZ019_-") for _ in range(rng.randint(1, 60)))
    lengths = [rng.randint(24, 64) for _ in range(rng.randint(1, 4))]
    secrets = ["whsec_" + base64.b64encode(rng.randbytes(n)).decode() for n in lengths]
    return id, f'{{"type": "t", "text": {text!r}}}'.encode(), secrets


def now() -> int:
    return int(datetime.now(UTC).timestamp())


@pytest.fixture(scope="module")
def verifier() -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="none") as client:
        yield client


@pytest.mark.parametrize("seed", range(200))
def test_others_accept_what_we_sign_and_refuse_what_was_tampered_with(
    seed: int, verifier: openai.OpenAI
) -> None:
    id, body, secrets = random_event(seed)
    headers = signed(id, body, *secrets, at=now())
    stranger = create_secret()
    tampered = [
        (body + b" ", headers),
        (body, {**headers, "webhook-id": id + "x"}),
        (body, {**headers, "webhook-timestamp": str(now() + 1)}),
        (body, signed(id, body, stranger, at=now())),
        (body, signed(id, body, *secrets, at=now() - 3600)),
        (
            body,
            {**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")},
        ),
    ]
    for secret in secrets:  # a receiver may hold any that is live
        Webhook(secret).verify(body, headers, json_parse=False)
        verifier.webhooks.verify_signature(body, headers, secret=secret)
        assert verify_webhook(body, headers, secret).id == id
        for wrong_body, wrong in tampered:
            with pytest.raises(WebhookVerificationError):
                Webhook(secret).verify(wrong_body, wrong, json_parse=False)
            with pytest.raises(openai.InvalidWebhookSignatureError):
                verifier.webhooks.verify_signature(wrong_body, wrong, secret=secret)
            with pytest.raises(InvalidWebhook):
                verify_webhook(wrong_body, wrong, secret)


def test_what_others_sign_is_accepted() -> None:
    secret, body = create_secret(), '{"type": "t", "ü": "漢"}'
    when = datetime.now(UTC)
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(when.timestamp())),
        "Webhook-Signature": "v1a,other " + Webhook(secret).sign("msg_1", when, body),
    }
    event = verify_webhook(body, headers, [create_secret(), SecretStr(secret)])
    assert (event.id, event.type, event.sent_at) == ("msg_1", "t", int(when.timestamp()))


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "header"),
        ({"webhook-id": "x", "webhook-timestamp": str(NOW)}, "header"),
        ({"webhook-timestamp": "soon"}, "header"),
        ({"webhook-timestamp": "-5"}, "header"),
        ({"webhook-timestamp": "1" * 400}, "header"),
        ({"webhook-signature": ""}, "header"),
        ({"webhook-signature": "v1,"}, "signature"),
        ({"webhook-signature": "v1,ü漢"}, "signature"),
        ({"webhook-signature": "v1,AAAA " * 10_000}, "signature"),
    ],
)
def test_what_cannot_be_trusted_says_why(headers: dict[str, str], reason: str) -> None:
    secret = create_secret()
    right = signed("msg_1", b"{}", secret, at=NOW)
    given = {**right, **headers} if headers and len(headers) == 1 else headers
    with pytest.raises(InvalidWebhook) as caught:
        verify_webhook(b"{}", given, secret, clock=lambda: NOW)
    assert caught.value.reason == reason
    assert secret not in str(caught.value)


# What servers make of a request's headers: text or bytes, alone or in lists, or nothing at all.
OURS = st.sampled_from(["webhook-id", "Webhook-Timestamp", "WEBHOOK-SIGNATURE"])
TEXTS = st.one_of(
    st.text(st.characters(codec=None), max_size=20),  # lone surrogates too, as aiohttp decodes
    st.sampled_from([str(NOW), "msg_1", "v1,AAAA", "\udcff", f"{NOW} "]),
)
NAMES = st.one_of(OURS, OURS.map(str.encode), TEXTS, st.binary(max_size=8), st.none())
VALUES = st.one_of(
    *(TEXTS, st.binary(max_size=20), st.none(), st.integers()),
    st.lists(st.one_of(TEXTS, st.binary(max_size=8), st.none()), max_size=3),
)
DICTS = st.dictionaries(NAMES, VALUES, max_size=5)
HEADERS = st.one_of(
    *(DICTS, DICTS.map(MappingProxyType), DICTS.map(lambda given: list(given.items()))),
    st.lists(st.one_of(st.tuples(NAMES, VALUES), st.tuples(NAMES), TEXTS), max_size=4),
    *(st.none(), st.integers(), TEXTS, st.binary(max_size=8)),
)
BODIES = st.one_of(
    *(st.binary(max_size=40), st.text(st.characters(codec=None), max_size=20)),
    *(st.binary(max_size=8).map(bytearray), st.binary(max_size=8).map(lambda b: memoryview(b))),
    *(st.none(), st.integers(), st.lists(st.integers(0, 255)), st.dictionaries(TEXTS, TEXTS)),
)


@given(body=BODIES, headers=HEADERS, whole=st.booleans(), data=st.data())
def test_whatever_comes_is_an_invalid_webhook_unless_it_was_signed(
    body: Any, headers: Any, whole: bool, data: st.DataObject
) -> None:
    if whole:  # all three headers are there, and at most two are right
        right = signed("msg_1", b"{}", OTHER_SECRET, at=NOW)
        headers = {name: data.draw(st.one_of(st.just(right[name]), TEXTS)) for name in right}
    with pytest.raises(InvalidWebhook) as caught:
        verify_webhook(body, headers, SECRET, clock=lambda: NOW)
    assert caught.value.reason in ("header", "signature", "body")
    str(caught.value).encode()


@pytest.mark.parametrize(
    "form",
    [
        lambda headers: {name.encode(): value.encode() for name, value in headers.items()},
        lambda headers: [(name.encode(), value.encode()) for name, value in headers.items()],
        lambda headers: {name.title(): [value] for name, value in headers.items()},
        lambda headers: list(headers.items()) * 2,
        lambda headers: Parser().parsestr("\n".join(": ".join(pair) for pair in headers.items())),
        httpx.Headers,
    ],
    ids=["bytes", "pairs of bytes", "lists", "twice the same", "a message", "httpx"],
)
def test_headers_are_taken_in_any_form_that_servers_give_them_in(form: Any) -> None:
    headers = signed("msg_1", b"{}", SECRET, at=NOW)
    assert verify_webhook(b"{}", form(headers), SECRET, clock=lambda: NOW).id == "msg_1"


def test_a_header_that_comes_twice_and_differs_is_not_trusted() -> None:
    headers = [*signed("msg_1", b"{}", SECRET, at=NOW).items(), ("Webhook-Id", "msg_2")]
    with pytest.raises(InvalidWebhook, match="webhook-id comes twice") as caught:
        verify_webhook(b"{}", headers, SECRET, clock=lambda: NOW)
    assert caught.value.reason == "header"


@pytest.mark.parametrize(("off", "taken"), [(0, True), (300, True), (301, False), (-301, False)])
def test_its_time_may_be_off_by_the_tolerance_either_way(off: int, taken: bool) -> None:
    secret = create_secret()
    headers = signed("msg_1", b"{}", secret, at=NOW + off)
    if taken:
        verify_webhook(b"{}", headers, secret, clock=lambda: NOW)
    else:
        with pytest.raises(InvalidWebhook) as caught:
            verify_webhook(b"{}", headers, secret, clock=lambda: NOW)
        assert caught.value.reason == "timestamp"


def test_a_webhook_that_was_taken_is_known_again_and_one_whose_work_failed_is_not() -> None:
    secret, seen = create_secret(), SeenIds(keep=2)
    first, second, third = (signed(f"msg_{n}", b"{}", secret, at=now()) for n in range(3))
    verify_webhook(b"{}", first, secret, seen=seen)
    with pytest.raises(InvalidWebhook) as caught:
        verify_webhook(b"{}", first, secret, seen=seen)
    assert caught.value.reason == "replayed"
    seen.discard("msg_0")
    verify_webhook(b"{}", first, secret, seen=seen)
    for headers in (second, third):  # the oldest makes room
        verify_webhook(b"{}", headers, secret, seen=seen)
    verify_webhook(b"{}", first, secret, seen=seen)


def test_one_that_cannot_be_trusted_is_not_remembered() -> None:
    secret, seen = create_secret(), SeenIds()
    headers = signed("msg_1", b"{}", secret, at=now())
    with pytest.raises(InvalidWebhook):
        verify_webhook(b"{} ", headers, secret, seen=seen)
    verify_webhook(b"{}", headers, secret, seen=seen)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b"\xff", b"[" * 100_000])
def test_a_signed_body_of_another_kind_says_so_when_it_is_read(body: bytes) -> None:
    secret = create_secret()
    event = verify_webhook(body, signed("msg_1", body, secret, at=now()), secret)
    with pytest.raises(InvalidWebhook) as caught:
        _ = event.data
    assert caught.value.reason == "body"


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "secret",
        "whsec_",
        "whsec_!!!",
        "whsec_ü",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
    ],
)
def test_a_secret_that_is_short_or_not_base64_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_secrets([create_secret(), secret])
    assert "secret 2" in str(caught.value)
    assert "create_secret" in str(caught.value) or "copy all" in str(caught.value)
    shown = secret.removeprefix("whsec_")
    assert not shown or shown == "secret" or shown not in str(caught.value)
    assert caught.value.__context__ is None


def test_no_secret_at_all_is_refused() -> None:
    with pytest.raises(ConfigError):
        parse_secrets([])


def test_new_secrets_differ_and_are_of_32_bytes() -> None:
    secrets = {create_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(key) for key in parse_secrets(secrets)} == {32}


@pytest.mark.parametrize("tolerance", [float("nan"), float("-inf"), -1, None, "5", True])
def test_a_tolerance_that_is_no_number_lets_no_old_webhook_through(tolerance: Any) -> None:
    headers = signed("msg_1", b"{}", SECRET, at=NOW - 10_000_000)
    with pytest.raises(ConfigError, match="tolerance"):
        verify_webhook(b"{}", headers, SECRET, tolerance=tolerance, clock=lambda: NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seen": 5},
        {"seen": SeenIds},
        {"clock": 5},
        {"clock": lambda: "noon"},
        {"clock": lambda: float("nan")},
        {"headers": dict},
    ],
)
def test_a_slip_of_the_receivers_own_is_no_webhook_that_cannot_be_trusted(wrong: Any) -> None:
    headers = signed("msg_1", b"{}", SECRET, at=NOW)
    given = {"headers": headers, "clock": lambda: NOW, **wrong}
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        verify_webhook(b"{}", secrets=SECRET, **given)


def test_a_secret_is_taken_with_the_new_line_of_the_file_that_it_was_read_from() -> None:
    headers = signed("msg_1", b"{}", SECRET, at=NOW)
    assert parse_secrets([f"{SECRET}\n", SecretStr(f" {SECRET}\r\n")]) == (
        parse_secrets([SECRET, SECRET])
    )
    assert verify_webhook(b"{}", headers, f"{SECRET}\n", clock=lambda: NOW).id == "msg_1"
