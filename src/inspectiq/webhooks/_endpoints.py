"""`Endpoint`: where webhooks go, how they are signed, and which events are wanted."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr

from inspectiq._host_calls import HostCallError, call_host
from inspectiq._settings import Settings
from inspectiq._taking import require, require_all
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.net._net_policy import NetPolicy
from inspectiq.net._urls import check_url
from inspectiq.webhooks._payload_forms import BodyForm, EventType
from inspectiq.webhooks._signing import parse_secrets

if TYPE_CHECKING:
    import httpx

__all__ = ["Endpoint", "SecretSource", "list_names", "resolve_endpoints"]

Secrets = str | SecretStr | Iterable[str | SecretStr]
SecretSource = (
    Secrets | Callable[[], Secrets | Awaitable[Secrets]]  # a secrets manager, asked at each attempt
)

KINDS = ("inspection", "diagnosis")
SECRET_SECONDS = 10.0  # our assumption
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # RFC 9110, a token
_VALUE = re.compile(r"[\t\x20-\x7e]{0,4000}")
_OURS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "user-agent"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address that webhooks go to, with its secret and the events that it wants.

    Attributes:
        url: Where to post; never shown with its query.
        secret: One secret, all that are live (each signs), or a function that gives them, asked at
            each attempt; None for unsigned.
        events: Patterns of event types, such as `inspection.*`.
        results: Kinds of result whose events it gets: `inspection`, `diagnosis`.
        body: `full`, or `thin` for ids, counts and a link.
        headers: Sent besides; for what a receiver's gateway wants.
        name: Its key in the outbox and in the log; made of the URL's host and a hash of the URL if
            not given. Give one where the URL may change: what waits is found by it.
    """

    url: str = field(repr=False)
    secret: SecretSource | None = field(default=None, repr=False)
    events: tuple[str, ...] = ("*",)
    results: tuple[str, ...] = KINDS
    body: BodyForm = "full"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = ""

    def __post_init__(self) -> None:
        require(self.url, str, "url", "give the address as text")
        require(self.name, str, "name", "give text, or leave it out")
        require(self.headers, Mapping, "headers", "give a mapping of names to values")
        if not self.name:
            object.__setattr__(self, "name", _make_name(self.url))
        if isinstance(self.secret, list | set | frozenset):
            object.__setattr__(self, "secret", tuple(self.secret))

    def check(self, policy: NetPolicy, *, production: bool) -> None:
        """Checks that webhooks can be sent to it.

        Raises:
            ConfigError: It cannot: its name, its secret, a header or a pattern is wrong, or it is
                not for production.
            UnsafeURL: Its URL must not be posted to.
        """
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                f"the endpoint's name {self.name!r} must be of letters, digits, '.', '_' and '-', "
                "at most 64"
            )
        where = f"endpoint {self.name}"
        url = check_url(self.url, policy)
        self._check_form(where)
        if self.secret is not None and not callable(self.secret):
            parse_secrets(self.secret)
        if production:
            self._check_for_production(where, url, policy)

    def _check_for_production(self, where: str, url: httpx.URL, policy: NetPolicy) -> None:
        if self.secret is None:
            raise ConfigError(
                f"{where}: webhooks are signed in production; give secret= or set "
                "INSPECTIQ_WEBHOOK_SECRET"
            )
        if url.scheme == "http" and not policy.opens(url.raw_host.decode("ascii"), url.port or 80):
            raise ConfigError(
                f"{where}: webhooks go by https in production; give an https URL, or open the "
                f"host by name with NetPolicy(private=({url.netloc.decode()!r},)) or "
                "INSPECTIQ_PRIVATE_NETWORKS"
            )

    def _check_form(self, where: str) -> None:
        given: tuple[Any, ...] = (self.events, self.results)
        for one in given:
            require_all(one, where, "events and results are tuples, such as ('inspection.*',)")
        known = get_args(EventType)
        for pattern in self.events:
            if not fnmatch.filter(known, str(pattern)):
                raise ConfigError(
                    f"{where}: no event is like {pattern!r}; there are {', '.join(known)}"
                )
        for kind in self.results:
            if kind not in KINDS:
                raise ConfigError(
                    f"{where}: results names no kind {kind!r}; there are {', '.join(KINDS)}"
                )
        if not self.events or not self.results:
            raise ConfigError(
                f"{where}: nothing would be sent; give at least one of events and one of results, "
                "or leave them out for all"
            )
        if self.body not in get_args(BodyForm):
            raise ConfigError(f"{where}: body is 'full' or 'thin', not {self.body!r}")
        for name, value in self.headers.items():
            if not _is_header(name, value):
                raise ConfigError(
                    f"{where}: the header {str(name)[:40]!r} cannot be sent; give names and "
                    "values of plain ASCII, and none that webhooks set themselves"
                )

    def wants(self, type: EventType, result: Result) -> bool:
        """Tells whether the endpoint takes this event, and this kind of result."""
        require(type, str, "type", "give the type of an event")
        kind = "diagnosis" if isinstance(result, Diagnosis) else "inspection"
        return kind in self.results and any(
            fnmatch.fnmatchcase(type, pattern) for pattern in self.events
        )

    async def load_keys(self) -> tuple[bytes, ...]:
        """Loads the keys to sign with; none for an endpoint without a secret.

        Raises:
            ConfigError: The function that gives them failed or gave something else.
        """
        if self.secret is None:
            return ()
        if not callable(self.secret):
            return parse_secrets(self.secret)
        try:
            # In a thread of its own: a secrets manager may take its time.
            return parse_secrets(await call_host(self.secret, SECRET_SECONDS))
        except HostCallError as error:
            failure = f"raised {type(error.__cause__).__name__}"
        except TimeoutError:
            failure = f"took longer than {SECRET_SECONDS:g} s"
        except TypeError:
            failure = "gave no secret"
        raise ConfigError(f"endpoint {self.name}: the function given as secret {failure}")


def resolve_endpoints(
    given: str | Endpoint | Iterable[str | Endpoint] | None,
    settings: Settings,
    policy: NetPolicy,
    *,
    secret: SecretSource | None,
    events: Iterable[str],
    body: BodyForm,
) -> dict[str, Endpoint]:
    """Makes and checks the endpoints of a notifier, by name: the given ones, or the environment's.

    Raises:
        ConfigError: There are none, two have the same name, or one cannot be used.
        UnsafeURL: One must not be posted to.
    """
    if secret is None and settings.webhook_secret is not None:
        secret = tuple(settings.webhook_secret.get_secret_value().split(","))
    patterns = require_all(events, "events", "give patterns, such as ('inspection.*',)")
    make = partial(Endpoint, secret=secret, events=patterns, body=body)
    made = _make_from_settings(settings, make) if given is None else _make_given(given, make)
    if not made:
        raise ConfigError(
            "there is no endpoint for webhooks; give a URL, or set INSPECTION_WEBHOOK_URL, "
            "DIAGNOSIS_WEBHOOK_URL or BACKEND_BASE_URL"
        )
    for endpoint in made:
        endpoint.check(policy, production=settings.production)
    by_name = {endpoint.name: endpoint for endpoint in made}
    if len(by_name) < len(made):
        raise ConfigError("two endpoints have the same name; give each a name of its own")
    return by_name


def _make_given(
    given: str | Endpoint | Iterable[str | Endpoint], make: Callable[..., Endpoint]
) -> list[Endpoint]:
    what = "give a URL, an Endpoint, or a list of these"
    listed = [given] if isinstance(given, str | Endpoint) else require_all(given, "endpoints", what)
    return [one if isinstance(one, Endpoint) else make(url=one) for one in listed]


def list_names(settings: Settings) -> tuple[str, ...]:
    """Lists the names of the endpoints that the environment sets."""
    return tuple(_list_urls(settings))


def _make_from_settings(settings: Settings, make: Callable[..., Endpoint]) -> list[Endpoint]:
    return [make(url=url, results=(kind,), name=kind) for kind, url in _list_urls(settings).items()]


def _list_urls(settings: Settings) -> dict[str, str]:
    """Lists the URLs that the environment sets, by the kind of result, which names the endpoint."""
    urls = {
        "inspection": settings.inspection_webhook_url,
        "diagnosis": settings.diagnosis_webhook_url,
    }
    return {kind: url for kind, url in urls.items() if url is not None}


def _is_header(name: object, value: object) -> bool:
    """Tells whether a header can be sent and is not one that webhooks set themselves."""
    if not (isinstance(name, str) and isinstance(value, str)):
        return False
    ours = name.lower() in _OURS or name.lower().startswith("webhook-")
    return not ours and bool(_HEADER.fullmatch(name) and _VALUE.fullmatch(value))


def _make_name(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    plain = re.sub(r"[^A-Za-z0-9.-]", "-", host).strip("-.")[:40] or "endpoint"
    return f"{plain}-{hashlib.sha256(url.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
