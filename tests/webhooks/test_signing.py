"""Our signatures, verified by code that is not ours, and others' by ours."""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import openai
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from inspectiq import ConfigError, InvalidWebhook, verify_webhook
from inspectiq.webhooks import SeenIds, create_secret
from inspectiq.webhooks._signing import parse_secrets, sign_body

NOW = 1_800_000_000
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
