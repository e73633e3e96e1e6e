"""The receiver in Node.js of the guide: a real `node`, and a real notifier that sends to it."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from inspectiq import WebhookNotifier
from inspectiq.net import NetPolicy
from inspectiq.webhooks import Endpoint, MemoryOutbox, create_secret
from inspectiq.webhooks._signing import parse_secrets, sign_body
from tests.webhooks.results import an_emergency, an_inspection

PROGRAM = Path(__file__).parent.parent.parent / "examples" / "receive_webhooks.mjs"
NODE = shutil.which("node")
OLD, NEW = create_secret(), create_secret()

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(NODE is None, reason="apt-get install -y nodejs"),
]


class Node:
    """The program while it runs."""

    def __init__(self, file: Path, secrets: str = f"{NEW},{OLD}") -> None:
        self.file = file
        self._process = subprocess.Popen(
            [NODE or "node", str(PROGRAM), "0", str(file)],
            env={"WEBHOOK_SECRETS": secrets, "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().rpartition(" ")[2])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def stored(self) -> list[dict[str, object]]:
        text = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def stop(self) -> str:
        """What it said of refusals."""
        self._process.terminate()
        _, errors = self._process.communicate(timeout=10)
        return errors


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    started = Node(tmp_path / "taken.jsonl")
    yield started
    started.stop()


def notifier_to(node: Node, *secrets: str) -> WebhookNotifier:
    return WebhookNotifier(
        Endpoint(name="crm", url=node.url, secret=secrets),
        policy=NetPolicy(private=(f"127.0.0.1:{node.port}",)),
        outbox=MemoryOutbox(),
        background=False,
    )


def signed(body: bytes, *, secret: str = NEW, age: int = 0, id: str = "msg_1") -> dict[str, str]:
    stamp = int(time.time()) - age
    return {
        "webhook-id": id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign_body(id, stamp, body, parse_secrets(secret)),
    }


def test_what_a_notifier_sends_is_taken_and_stored_as_it_was_sent(node: Node) -> None:
    with notifier_to(node, NEW) as notifier:
        receipts = [*notifier.notify(an_inspection()), *notifier.notify(an_emergency())]
        assert notifier.deliver_due().delivered == 3
        sent = [*notifier.messages(an_inspection()), *notifier.messages(an_emergency())]
    assert sorted(str(event["id"]) for event in node.stored()) == sorted(one.id for one in receipts)
    bodies = {message.id: json.loads(message.body) for message in sent}
    for event in node.stored():
        body = bodies[str(event["id"])]
        assert {key: event[key] for key in ("type", "timestamp", "data")} == body


@pytest.mark.parametrize("secrets", [(OLD,), (NEW, OLD), (create_secret(), OLD)])
def test_any_live_secret_will_do_while_it_is_rotated(node: Node, secrets: tuple[str, ...]) -> None:
    with notifier_to(node, *secrets) as notifier:
        notifier.notify(an_inspection())
        assert notifier.deliver_due().delivered == 1
    assert len(node.stored()) == 1


def test_a_webhook_that_comes_again_is_answered_with_200_and_stored_once(
    node: Node, tmp_path: Path
) -> None:
    with notifier_to(node, NEW) as notifier:
        (receipt,) = notifier.notify(an_inspection())
        notifier.deliver_due()
        assert notifier.replay(ids=[receipt.id]) == 1
        assert notifier.deliver_due().delivered == 1
    body = notifier.messages(an_inspection())[0].body
    again = httpx.post(node.url, content=body, headers=signed(body, id=receipt.id))
    assert again.status_code == 200
    assert len(node.stored()) == 1

    node.stop()
    later = Node(tmp_path / "taken.jsonl")  # another process knows it too
    try:
        again = httpx.post(later.url, content=body, headers=signed(body, id=receipt.id))
        assert again.status_code == 200
        assert len(later.stored()) == 1
    finally:
        later.stop()


def test_what_was_changed_or_is_old_or_unsigned_is_refused_and_not_stored(node: Node) -> None:
    body = b'{"type":"inspection.completed","data":{}}'
    good = signed(body)
    refused = [
        (body.replace(b"completed", b"failed"), good),
        (body, {**good, "webhook-id": "msg_2"}),
        (body, {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) - 1)}),
        (body, {**good, "webhook-signature": "v1,AAAA"}),
        (body, {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}),
        (body, signed(body, secret=create_secret())),
        (body, signed(body, age=310)),
        (body, signed(body, age=-310)),
        (body, {}),
    ]
    for content, headers in refused:
        assert httpx.post(node.url, content=content, headers=headers).status_code == 400
    assert node.stored() == []
    assert httpx.post(node.url, content=body, headers=good).status_code == 204
    said = node.stop().split("\n")
    assert said.count("refused: signature") == 6
    assert said.count("refused: timestamp") == 2
    assert said.count("refused: header") == 1


def test_a_wrong_secret_leaves_the_webhook_with_the_sender_flagged(node: Node) -> None:
    with notifier_to(node, create_secret()) as notifier:
        notifier.notify(an_inspection())
        done = notifier.deliver_due()
        (test,) = notifier.test()
    assert (done.delivered, done.failed) == (0, 1)
    assert test.reason == "http_400"
    assert node.stored() == []


def test_what_is_no_webhook_costs_it_nothing(node: Node) -> None:
    assert httpx.get(node.url).status_code == 405
    large = b"x" * (256 * 1024 + 1)
    assert httpx.post(node.url, content=large, headers=signed(large)).status_code == 413
    text = b"no JSON"
    assert httpx.post(node.url, content=text, headers=signed(text)).status_code == 500
    assert node.stored() == []
