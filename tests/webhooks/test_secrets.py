"""Planted secrets are looked for wherever webhooks leave a trace."""

import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from inspectiq import WebhookNotifier
from inspectiq.limits import Ledger
from inspectiq.net import NetPolicy
from inspectiq.testing import ReceiverAnswer, WebhookReceiver
from inspectiq.webhooks import Endpoint, Pace, Schedule, create_secret
from tests.webhooks.results import an_emergency, an_inspection

PLANTED = "planted"
QUERY = "planted-token-0123456789"
HEADER = "planted-gateway-0123456789"
TALKATIVE = ("", "httpx", "httpcore", "inspectiq", "asyncio", "anyio")


class Watcher:
    def __init__(self) -> None:
        self.said: list[str] = []

    def on_event(self, event: Any, /) -> None:
        self.said.append(repr(event))


@pytest.mark.parametrize(
    "answer", [200, 500, 410, "reset", "hang", ReceiverAnswer(302, {"location": "http://10.0.0.1"})]
)
def test_secrets_stay_out_of_logs_errors_events_the_outbox_and_bodies(
    answer: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in TALKATIVE:
        caplog.set_level(logging.DEBUG, logger=name)
    secret, old = create_secret(), create_secret()
    watcher = Watcher()
    with WebhookReceiver(secret, answers=lambda _: answer) as receiver:
        notifier = WebhookNotifier(
            [
                Endpoint(
                    url=f"{receiver.url}?token={QUERY}",
                    secret=(secret, old),
                    headers={"x-gateway": HEADER},
                    name="crm",
                ),
                Endpoint(url=f"https://127.0.0.1:1/?token={QUERY}", secret=secret, name="closed"),
            ],
            outbox=tmp_path / "outbox.sqlite",
            policy=NetPolicy(private=(*receiver.policy.private, "127.0.0.1:1")),
            schedule=Schedule(waits=(0,)),
            pace=Pace(timeout=0.3),
            background=False,
            observers=[watcher, Ledger(tmp_path / "ledger.jsonl")],
        )
        notifier.notify(an_inspection())
        notifier.notify(an_emergency())
        notifier.deliver_due()
        shown = [repr(notifier), str(notifier.endpoints), repr(notifier.test())]
        bodies = [message.body.decode() for message in notifier.messages(an_inspection())]
        notifier.close()
        assert all(webhook.headers["x-gateway"] == HEADER for webhook in receiver.received)
        assert receiver.received
        assert all(webhook.verified for webhook in receiver.received)

    said = {
        "log": "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records),
        "events": "\n".join(watcher.said),
        "shown": "\n".join(shown),
        "bodies": "\n".join(bodies),
        **{path.name: path.read_bytes().decode(errors="replace") for path in tmp_path.iterdir()},
    }
    assert {"outbox.sqlite", "ledger.jsonl"} <= set(said)
    assert said["events"]
    for place, text in said.items():
        for leak in (secret, old, secret.removeprefix("whsec_"), QUERY, HEADER):
            assert leak not in text, f"a secret is in the {place}"


@pytest.mark.parametrize(
    "make",
    [
        lambda: WebhookNotifier(f"https://user:{QUERY}@hooks.example/?key={QUERY}"),
        lambda: WebhookNotifier(f"https://10.0.0.1/?key={QUERY}"),
        lambda: WebhookNotifier(f"gopher://hooks.example/?key={QUERY}"),
        lambda: WebhookNotifier("https://hooks.example/", secret=f"whsec_{QUERY}!"),
        lambda: WebhookNotifier("https://hooks.example/", secret=QUERY),
        lambda: WebhookNotifier(Endpoint(url="https://a.example/", headers={"x y": QUERY})),
    ],
)
def test_errors_of_configuration_show_no_secret(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r".") as caught:
        make()
    told = "".join(traceback.format_exception(caught.value, limit=0))
    assert QUERY not in told
