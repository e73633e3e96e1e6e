from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from inspectiq import ConfigError, WebhookNotifier
from inspectiq.errors import UnsafeURL
from inspectiq.net import NetPolicy
from inspectiq.webhooks import Endpoint, MemoryOutbox, create_secret
from inspectiq.webhooks._signing import parse_secrets

URL = "https://hooks.example/in"
SECRET = create_secret()


def notifier(*endpoints: str | Endpoint, **options: Any) -> WebhookNotifier:
    return WebhookNotifier(
        list(endpoints) or None, **{"outbox": MemoryOutbox(), "background": False, **options}
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest", "metadata_address"),
        ("http://127.0.0.1/", "private_address"),
        ("http://127.0.0.1./", "private_address"),
        ("https://localhost./", "private_address"),
        ("http://metadata.google.internal./", "metadata_address"),
        ("https://hooks.example../", "host"),
        ("https://user:pass@hooks.example/", "credentials"),
        ("ftp://hooks.example/", "scheme"),
        ("https://hooks.example:22/", "port"),
        ("https://hooks.example/" + "a" * 10_000, "malformed"),
        ("", "scheme"),
        ("nonsense", "scheme"),
        ("https://\u2100.example\\@127.0.0.1/", "malformed"),
    ],
)
def test_an_unsafe_or_malformed_url_is_refused_when_it_is_registered(url: str, reason: str) -> None:
    with pytest.raises(UnsafeURL) as caught:
        notifier(Endpoint(url=url, secret=SECRET))
    assert caught.value.reason == reason


def test_an_international_name_can_be_registered() -> None:
    (key,) = notifier(Endpoint(url="https://bücher.example/in", secret=SECRET)).endpoints
    assert key.startswith("b-cher.example-")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a b"},
        {"name": "x" * 65},
        {"name": "a\nb"},
        {"events": ("inspections.*",)},
        {"events": "inspection.*"},
        {"results": "inspection"},
        {"body": "fat"},
        {"headers": {"webhook-id": "x"}},
        {"headers": {"Host": "x"}},
        {"headers": {"x-key": "a\r\nb: c"}},
        {"headers": {"x key": "a"}},
        {"secret": "whsec_short"},
        {"secret": ()},
    ],
)
def test_what_cannot_work_is_refused_with_the_endpoints_name(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        notifier(Endpoint(**{"url": URL, "secret": SECRET, **fields}))


def test_two_endpoints_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="same name"):
        notifier(Endpoint(url=URL, name="a"), Endpoint(url=f"{URL}/2", name="a"))


def test_no_endpoint_at_all_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INSPECTION_WEBHOOK_URL", "DIAGNOSIS_WEBHOOK_URL", "BACKEND_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match="INSPECTION_WEBHOOK_URL"):
        WebhookNotifier(outbox=MemoryOutbox())


def test_endpoints_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    other = create_secret()
    monkeypatch.setenv("BACKEND_BASE_URL", "https://backend.example/")
    monkeypatch.setenv("DIAGNOSIS_WEBHOOK_URL", "https://other.example/d")
    monkeypatch.setenv("INSPECTIQ_WEBHOOK_SECRET", f"{SECRET},{other}")
    made = notifier().endpoints
    assert made["inspection"].url == ("https://backend.example/api/v1/webhooks/inspection-complete")
    assert made["diagnosis"].url == "https://other.example/d"
    assert {one.results for one in made.values()} == {("inspection",), ("diagnosis",)}
    assert made["inspection"].secret == (SECRET, other)


@pytest.mark.parametrize(
    ("endpoint", "policy", "said"),
    [
        (Endpoint(url=URL), NetPolicy(), "signed in production"),
        (Endpoint(url="http://hooks.example/", secret=SECRET), NetPolicy(), "https in production"),
        (
            Endpoint(url="http://10.0.0.5:8080/", secret=SECRET),
            NetPolicy(private=("backend:8000", "10.0.0.0/8")),
            None,
        ),
        (
            Endpoint(url="http://backend:8000/", secret=SECRET),
            NetPolicy(private=("backend:8000",)),
            None,
        ),
        (Endpoint(url=URL, secret=SECRET), NetPolicy(), None),
    ],
)
def test_production_wants_https_and_signatures(
    endpoint: Endpoint, policy: NetPolicy, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.delenv("INSPECTIQ_WEBHOOK_SECRET", raising=False)
    if said is None:
        notifier(endpoint, policy=policy)
        return
    with pytest.raises(ConfigError, match=said):
        notifier(endpoint, policy=policy)


def test_networks_are_opened_by_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint(url="http://backend:8000/hooks", secret=SECRET)
    with pytest.raises(UnsafeURL, match="INSPECTIQ_PRIVATE_NETWORKS"):
        notifier(endpoint)
    monkeypatch.setenv("INSPECTIQ_PRIVATE_NETWORKS", "backend:8000")
    notifier(endpoint)


@pytest.mark.parametrize(
    "give",
    [lambda: SECRET, lambda: SecretStr(SECRET), lambda: [SECRET], lambda: (SECRET, SECRET)],
)
async def test_a_function_gives_the_secrets_at_each_attempt(give: Callable[[], Any]) -> None:
    async def later() -> Any:
        return give()

    for source in (give, later):
        keys = await Endpoint(url=URL, secret=source).load_keys()
        assert set(keys) == set(parse_secrets(SECRET))


@pytest.mark.parametrize("give", [lambda: None, lambda: 5, lambda: "whsec_x", lambda: 1 / 0, list])
async def test_a_function_that_gives_no_secret_is_a_typed_error(give: Callable[[], Any]) -> None:
    with pytest.raises(ConfigError):
        await Endpoint(url=URL, secret=give).load_keys()


def test_neither_secret_nor_query_is_shown() -> None:
    endpoint = Endpoint(
        url=f"{URL}?token=planted", secret=SECRET, headers={"x-key": "planted"}, name="crm"
    )
    for shown in (repr(endpoint), repr(notifier(endpoint)), str(notifier(endpoint).endpoints)):
        assert "planted" not in shown
        assert SECRET not in shown


@pytest.mark.parametrize("wrong", [object(), MemoryOutbox, 5])
def test_what_is_no_outbox_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="no outbox"):
        notifier(Endpoint(url=URL), outbox=wrong)


@pytest.mark.parametrize("wrong", [object(), int])
def test_what_is_no_transport_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="no webhook transport"):
        notifier(Endpoint(url=URL), transport=wrong)
