"""Webhooks by TLS, to a real server with certificates that only these tests trust."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from inspectiq import WebhookNotifier
from inspectiq.net import NetPolicy
from inspectiq.webhooks import Endpoint, HTTPWebhookTransport, MemoryOutbox, create_secret
from tests.webhooks.results import an_inspection


class Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Quiet(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(cert: trustme.LeafCert | None) -> Iterator[int]:
    """A port that speaks TLS; plain HTTP without a certificate."""
    server = Quiet(("127.0.0.1", 0), Taking)
    if cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cert.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


async def resolve(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def outcome_of(port: int, bundle: Path | None) -> tuple[int, int, str]:
    """How many were delivered and given up, and why not."""
    policy = NetPolicy(private=(f"hooks.example:{port}",), ca_bundle=bundle)
    notifier = WebhookNotifier(
        Endpoint(url=f"https://hooks.example:{port}/", secret=create_secret(), name="crm"),
        outbox=MemoryOutbox(),
        policy=policy,
        transport=HTTPWebhookTransport(policy, resolve=resolve),
        background=False,
    )
    notifier.notify(an_inspection())
    (tested,) = notifier.test()
    done = notifier.deliver_due()
    notifier.close()
    return done.delivered, done.dead, tested.reason


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def test_a_certificate_that_is_trusted_and_fits_is_delivered_to(
    authority: trustme.CA, bundle: Path
) -> None:
    with serving(authority.issue_cert("hooks.example")) as port:
        assert outcome_of(port, bundle) == (1, 0, "")


def test_a_certificate_of_another_name_is_a_dead_letter_at_once(
    authority: trustme.CA, bundle: Path
) -> None:
    with serving(authority.issue_cert("other.example")) as port:
        assert outcome_of(port, bundle) == (0, 1, "tls")


def test_a_certificate_that_nobody_trusts_is_a_dead_letter_at_once(bundle: Path) -> None:
    with serving(trustme.CA().issue_cert("hooks.example")) as port:
        assert outcome_of(port, bundle) == (0, 1, "tls")


def test_a_server_that_speaks_no_tls_is_a_dead_letter_at_once(bundle: Path) -> None:
    with serving(None) as port:
        assert outcome_of(port, bundle) == (0, 1, "tls")
