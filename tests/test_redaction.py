"""Keys, signatures and pictures are taken out of a text; hashes, ids and file names stay.

All keys are made up, and put together here, so that no scanner takes them for real ones.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inspectiq._redaction import redact
from inspectiq.webhooks import create_secret

HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
LONG = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA3bC5dE7f"  # 40 characters
assert len(LONG) == 40

# What scanners know by its form.
KEYS = {
    "openai": "sk-proj-" + LONG,
    "anthropic": "sk-ant-api03-" + LONG,
    "stripe": "sk_live_" + LONG[:24],
    "webhook secret": "whsec_" + LONG,
    "webhook private key": "whsk_" + LONG,
    "webhook signature": "v1," + LONG + "xyz=",
    "aws": "AKIA" + "ABCDEFGHIJKLMNOP",
    "aws session": "ASIA" + "ABCDEFGHIJKLMNOP",
    "google": "AIza" + LONG[:35],
    "google oauth": "ya29." + LONG,
    "google client": "GOCSPX-" + LONG[:28],
    "entra": "abc8Q~" + LONG[:34],
    "github": "ghp_" + LONG[:36],
    "github fine-grained": "github_pat_" + LONG,
    "gitlab": "glpat-" + LONG[:20],
    "slack": "xoxb-" + "1234567890-" + LONG[:24],
    "slack app": "xapp-1-" + LONG[:24],
    "hugging face": "hf_" + LONG[:34],
    "groq": "gsk_" + LONG,
    "xai": "xai-" + LONG,
    "replicate": "r8_" + LONG[:37],
    "npm": "npm_" + LONG[:36],
    "pypi": "pypi-" + LONG,
    "databricks": "dapi" + HEX,
    "digital ocean": "dop_v1_" + HEX * 2,
    "sendgrid": "SG." + LONG[:22] + "." + LONG,
    "twilio": "SK" + HEX,
    "shopify": "shpat_" + HEX,
    "vault": "hvs." + LONG[:24],
    "telegram": "123456789:AA" + LONG[:33],
    "google refresh": "1//0" + LONG,
    "alibaba": "LTAI" + "5tAbCdEfGhIjKlMnOpQr",
    "tencent": "AKID" + LONG[:32],
    "together": "tgp_v1_" + LONG,
    "fireworks": "fw_" + LONG[:24],
    "supabase": "sb_secret_" + LONG[:31],
    "supabase management": "sbp_" + HEX + HEX[:8],
    "new relic": "NRAK-" + LONG[:27].upper(),
    "hubspot": "pat-na1-" + "3f2a91bc-0d4e-4f5a-8b6c-7d8e9f0a1b2c",
    "atlassian": "ATATT3xFfGF0" + LONG,
    "linear": "lin_api_" + LONG,
    "notion": "ntn_" + LONG + LONG[:6],
    "age": "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2,
    "airtable": "pat" + LONG[:14] + "." + HEX * 2,
    "doppler": "dp.pt." + LONG + "xyz",
    "heroku": "HRKU-" + LONG[:36],
    "planetscale": "pscale_tkn_" + LONG,
    "vercel": "vercel_blob_rw_" + LONG[:30],
    "jwt": "eyJhbGciOiJub25l" + "." + "eyJzdWIiOiJ4In0" + "." + LONG,
}
PHRASES = (
    "the key {} was refused",
    "key={}",
    '{{"key": "{}"}}',
    "'{}'",
    "({})",
    "{}",
    "a/{}/b",
    "x:{}.",
)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("phrase", PHRASES)
def test_a_key_that_has_a_form_is_taken_out_wherever_it_stands(kind: str, phrase: str) -> None:
    said = redact(phrase.format(KEYS[kind]))
    assert KEYS[kind] not in said
    assert KEYS[kind][-12:] not in said
    assert "<secret>" in said


# What has no form is known by the name in front of it.
NAMED = [
    ("aws_secret_access_key = {}", LONG),
    ('"SecretAccessKey": "{}"', LONG),
    ("AWS: the secret is {} now", LONG),
    ("AKIA" + "ABCDEFGHIJKLMNOP" + ":{}", LONG),
    ("AWS_SESSION_TOKEN={}", LONG * 3),
    ("DefaultEndpointsProtocol=https;AccountKey={};EndpointSuffix=x", LONG * 2 + "=="),
    ("Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={}", LONG + "="),
    ("GET /c/b?sv=2024-01-01&sig={}&se=2026", LONG + "%3D"),
    ("AZURE_OPENAI_API_KEY={}", HEX),
    ("api-key: {}", HEX),
    ("{{'api_key': '{}'}}", HEX),
    ("Ocp-Apim-Subscription-Key: {}", HEX),
    ("x-goog-api-key: {}", HEX),
    ("password={}", "hunter2hunter2"),
    ("{{'password': 'with \\' a quote {}'}}", "hunter2hunter2"),
    ("refresh_token: {}", LONG),
    ("client_secret={}", LONG),
    ("Authorization: Bearer {}", LONG),
    ("Authorization: Basic {}", base64.b64encode(b"user:password").decode()),
    ("Authorization: Token {}", HEX),
    ("authorization: {}", HEX),
    ("Proxy-Authorization: Basic {}", base64.b64encode(b"user:password").decode()),
    ("Authorization: AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature={}", HEX * 2),
    ('Authorization: Digest username="x", response="{}"', HEX),
    ("{{'authorization': 'Custom one {} three'}}", HEX),
    ("[(b'authorization', b'Bearer {}'), (b'accept', b'*/*')]", LONG),
    ("('X-Api-Key', '{}')", HEX),
    ("bearer {}", LONG),
    ("Cookie: session={}; theme=dark", LONG),
    ("webhook-signature: v1,{}", LONG),
    ("svix-signature: v1,{} v1,xyz", LONG),
    ("X-Signature: {}", HEX * 2),
    ("x-hub-signature-256: sha256={}", HEX * 2),
    ("X-Hub-Signature: sha1={}", HEX),
    ("X-Amz-Signature={}", HEX * 2),
    ("X-Amz-Security-Token: {}", LONG * 3),
    ("Stripe-Signature: t=1700000000,v1={},v0=6ffbb59b", HEX * 2),
    ("X-Slack-Signature: v0={}", HEX * 2),
    ("X-Shopify-Hmac-Sha256: {}", LONG + "abc="),
    ("{{'X-Twilio-Signature': '{}'}}", LONG),
    ("https://x.example/a?b={}", HEX),
    ("https://user:{}@x.example/", "hunter2hunter2"),
    ("https://hooks.slack.com/services/T0/B0/{}", LONG[:24]),
    ("https://discord.com/api/webhooks/1/{}", LONG),
    ("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", LONG),
    ("-----BEGIN RSA PRIVATE KEY-----\\n{}", LONG),
    ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n{}\n-----END PGP PRIVATE KEY BLOCK-----", LONG),
    ("password={}", "hunter2"),
    ("password={}", "correcthorse"),
    ("password: {}", "hunter2"),
    ("Server=x;Pwd={};Database=y", "hunter2"),
    ('{{\\"api_key\\": \\"{}\\"}}', LONG),
    ('{{\\"password\\":\\"{}\\"}}', "hunter2hunter2"),
    ("api_key%3D{}", LONG),
    ("serve --api-key {} --port 8000", HEX),
    ("serve --password {}", "hunter2"),
    ("serve --password '{}'", "correct horse battery"),
    ("curl -u {} https://x.example/", "user:hunter2hunter2"),
    ("curl --user '{}' https://x.example/", "user:hunter2hunter2"),
    ("https://api.telegram.org/bot{}/sendMessage", "123456789:AA" + LONG[:33]),
    ("Incorrect API key provided: {}", LONG),
    ("https://hooks.zapier.com/hooks/catch/123/{}/", "a1b2c3d"),
    ("https://hook.eu1.make.com/{}", LONG[:32]),
    ("https://maker.ifttt.com/trigger/leak/with/key/{}", LONG),
    ("data:image/jpeg;base64,{}", base64.b64encode(HEX.encode()).decode()),
    ("image={}", base64.b64encode(bytes(range(256)) * 4).decode()),
]


@pytest.mark.parametrize(("phrase", "planted"), NAMED)
def test_a_secret_without_a_form_is_known_by_its_name(phrase: str, planted: str) -> None:
    said = redact(f"it failed: {phrase.format(planted)}")
    assert planted[:16] not in said
    assert planted[-10:] not in said
    assert said.startswith("it failed: ")


@given(st.builds(create_secret))
def test_our_own_secrets_are_taken_out(secret: str) -> None:
    assert secret[6:] not in redact(f"endpoint crm: {secret}")
    assert secret[6:] not in redact(json.dumps({"secret": secret}))


# -- what stays ------------------------------------------------------------------------------------

digests: list[Callable[[bytes], str]] = [
    lambda data: hashlib.sha256(data).hexdigest(),
    lambda data: hashlib.sha1(data).hexdigest(),
    lambda data: hashlib.md5(data).hexdigest(),
    lambda data: str(uuid.UUID(bytes=hashlib.md5(data).digest())),
    lambda data: f"r-{hashlib.sha256(data).hexdigest()[:32]}",
    lambda data: f"msg_{hashlib.sha256(data).hexdigest()[:32]}",
    lambda data: f"IMG_{int.from_bytes(hashlib.md5(data).digest()[:4]):08d}.jpg",
    lambda data: f"kitchen/{hashlib.sha1(data).hexdigest()}.heic",
]
AROUND = [
    "{}",
    "photo {} was not examined",
    "sha256={}",
    "sha256 {}",
    '{{"sha256": "{}", "id": "p1"}}',
    "case_id={} run_id=0123456789abcdef seconds=1.25 wait=4",
    "secrets of case {} were rotated at AWS",
    "photo_ids={0},{0}",
    "input_tokens=1000 output_tokens=50 {}",
    "{}: the photo is damaged; copy or upload it again",
    'File "/srv/app/photos/{}", line 3',
]


@given(st.sampled_from(digests), st.binary(), st.sampled_from(AROUND))
@example(digests[1], b"a", AROUND[6])
def test_hashes_ids_and_names_of_photos_stay(
    make: Callable[[bytes], str], data: bytes, around: str
) -> None:
    text = around.format(make(data))
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "give api_key= or set OPENAI_API_KEY",
        "the key was refused; check OPENAI_API_KEY",
        "no signature fits; check the secret, and that the body is verified as it came",
        "Basic information about the flat, bearer of bad news",
        "20000 tokens: 12 photos, 6 requests",
        "https://crm.example/hooks answered 401",
        "reason=signature status_code=400",
        "key=openai:gpt-4.1 seconds=2.5",
        "openai:gpt-4.1-2025-04-14 eyJ is no token",
        "IMG_20240507_101112.jpg, DSC_0001.JPG, desk-kitchen-01.jpg, risk-assessment-2.png",
        "v1, the first version; sig. Rossi; token ring",
        "case_id=RK-Building-0012 tags=sk-building-12",
        "glass-door-in-the-living-room-01.jpg, glue-between-the-bathroom-tiles.png",
        "pk-apartment12.jpg, sk-1234567890.jpg, SK-20240507101112, sk-2024-05-07-kitchen-ceiling-3",
        "password: required; hmac: unsupported; token: missing; password=required",
        "error=access_token_expired, secret: invalid.token, pwd: /home/x",
        "--password is required; --api-key names a variable; docker -u 1000:1000",
        "eyJack.jpg, SG.jpg, hvs.jpg, AKIATOWN, fw_kitchen_ceiling_after_the_flood.jpg",
    ],
)
def test_what_only_sounds_like_a_secret_stays(text: str) -> None:
    assert redact(text) == text


PARTS = st.one_of(
    st.sampled_from(
        ["kitchen", "Bathroom", "CEILING", "unit", "apartment12", "door", "b", "flat07"]
    ),
    st.integers(0, 99_999_999).map(str),
)


@given(
    st.sampled_from(["sk", "SK", "rk", "RK", "pk", "glass", "glue", "gla", "pat", "fw", "AKID"]),
    st.lists(PARTS, min_size=1, max_size=6),
    st.sampled_from("-_"),
    st.sampled_from(["", ".jpg", ".HEIC", ".png", "/p1"]),
    st.sampled_from(AROUND),
)
def test_names_of_buildings_units_and_files_stay(
    first: str, parts: list[str], between: str, ending: str, around: str
) -> None:
    text = around.format(f"{first}-{between.join(parts)}{ending}")
    assert redact(text) == text


@given(st.text())
@example("Authorization: " + "sk-" * 9)
def test_what_was_redacted_stays_as_it_is(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "part",
    [
        *("a-", "password ", "authorization: ", "eyJ", "AKIA", '"token"', "a.b", "('sig', "),
        *(
            "sk-",
            "sk-a-",
            "sk-a1b-",
            '\\"token\\": \\',
            "--password a",
            "-u a:",
            "password=a",
            "pat-",
        ),
    ],
)
def test_long_texts_are_redacted_in_one_go(part: str) -> None:
    """A text that begins what never comes: quick, or this test would take minutes."""
    text = part * (60_000 // len(part))
    assert redact(text)
