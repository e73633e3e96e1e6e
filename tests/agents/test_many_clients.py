"""Many clients in one process: what they share, and what of one never touches another.

The engine's API and the receiver of webhooks are real servers on this machine; what they answer is
scripted.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    BudgetExceeded,
    CostBook,
    Inspection,
    InspectionAgent,
    OpenAITransport,
    Photo,
    Property,
    SeverityPolicy,
    WebhookNotifier,
    verify_webhook,
)
from inspectiq.limits import LocalBudget, LocalRateLimiter
from inspectiq.net import NetPolicy
from inspectiq.testing import WebhookReceiver
from inspectiq.transports import MemoryCache
from inspectiq.webhooks import (
    Endpoint,
    HTTPWebhookTransport,
    SQLiteOutbox,
    create_secret,
)
from tests.conftest import render_jpeg
from tests.transports.openai.stand_in import StandIn, responses, seen

CLIENTS = 200
INSPECTED = 60  # of them, which is enough to tell
AT_ONCE = 16
BROKE, DEAD = 7, 13  # the client without a budget, and the one whose endpoint is gone
LEVELS = ("low", "medium", "high", "critical")


@dataclass
class Client:
    agent: InspectionAgent
    notifier: WebhookNotifier
    secret: str


@dataclass
class Shared:
    """What all clients share."""

    engine: OpenAITransport
    limiter: LocalRateLimiter
    outbox: SQLiteOutbox
    sender: HTTPWebhookTransport
    policy: NetPolicy
    url: str

    def make_client(self, number: int) -> Client:
        secret = create_secret()
        endpoint = Endpoint(
            name=f"client-{number}",
            url="http://127.0.0.1:9/gone" if number == DEAD else self.url,
            secret=secret,
        )
        notifier = WebhookNotifier(
            endpoint, policy=self.policy, outbox=self.outbox, transport=self.sender
        )
        agent = InspectionAgent(
            self.engine,
            severity=SeverityPolicy.of("house", floors={"drywall_crack": LEVELS[number % 4]}),
            cost_book=_make_book(number),
            limiter=self.limiter,
            budgets=[LocalBudget(usd=0 if number == BROKE else 20, per="day")],
            cache=MemoryCache(),
            sinks=[notifier],
        )
        return Client(agent, notifier, secret)


def _make_book(number: int) -> CostBook:
    items: Any = {"drywall_crack": {"rate": number + 1}}
    return CostBook(name=f"book-{number}", version="1", currency="USD", items=items)


@pytest.fixture
def api() -> Iterator[StandIn]:
    with StandIn(lambda body: responses(seen(body))) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def shared(api: StandIn, receiver: WebhookReceiver, tmp_path: Path) -> Shared:
    policy = NetPolicy(private=(*receiver.policy.private, "127.0.0.1:9"))
    return Shared(
        engine=OpenAITransport("gpt-4.1", base_url=api.url, api_key="sk-test"),
        limiter=LocalRateLimiter(),
        outbox=SQLiteOutbox(tmp_path / "outbox.sqlite"),
        sender=HTTPWebhookTransport(policy),
        policy=policy,
        url=receiver.url,
    )


async def _inspect_all(clients: list[Client]) -> list[Inspection | BaseException]:
    photo, some = Photo.from_bytes(render_jpeg(1), name="wall.jpg"), asyncio.Semaphore(AT_ONCE)

    async def inspect(number: int, client: Client) -> Inspection:
        async with some:
            return await client.agent.ainspect(
                photo, id=f"case-{number}", property=Property(country="US")
            )

    runs = (inspect(number, client) for number, client in enumerate(clients))
    return await asyncio.gather(*runs, return_exceptions=True)


def _check_rules(number: int, result: Inspection | BaseException) -> None:
    assert isinstance(result, Inspection)
    assert (result.status, result.case.id) == ("complete", f"case-{number}")
    (issue,) = result.issues
    assert issue.severity.level == LEVELS[number % 4]
    assert issue.cost is not None
    assert (int(issue.cost.expected), issue.cost.book) == (number + 1, f"book-{number} 1")


async def test_each_client_keeps_its_own_rules_money_and_endpoint(
    api: StandIn, receiver: WebhookReceiver, shared: Shared
) -> None:
    threads = threading.active_count()
    clients = [shared.make_client(number) for number in range(CLIENTS)]
    assert len({id(client.agent._definitions) for client in clients}) == 1  # built once

    results = dict(enumerate(await _inspect_all(clients[:INSPECTED])))
    assert isinstance(results.pop(BROKE), BudgetExceeded)
    for number, result in results.items():
        _check_rules(number, result)
    # No answer of one was another's, nobody asked twice, and all of it by one pool of connections.
    assert len(api.bodies) == INSPECTED - 1
    assert len(api.connections) <= 2 * AT_ONCE

    told = await asyncio.to_thread(receiver.wait_for, INSPECTED - 2, 60)
    cases = {webhook.data["case_id"] for webhook in told}
    assert cases == {f"case-{number}" for number in results if number != DEAD}
    for webhook in told:
        client = clients[int(webhook.data["case_id"].removeprefix("case-"))]
        verify_webhook(webhook.body, webhook.headers, client.secret)
    counts = {one.endpoint: one for one in await shared.outbox.count(now=time.time())}
    dead = counts[f"client-{DEAD}"]
    assert (dead.delivered, dead.pending, dead.dead) == (0, 1, 0)  # kept, on a schedule of its own
    assert threading.active_count() < threads + INSPECTED  # no thread for each client

    for client in clients:
        await client.notifier.aclose()
    await asyncio.gather(shared.engine.aclose(), shared.sender.aclose(), shared.outbox.aclose())


async def test_a_client_that_leaves_takes_nothing_of_the_others_along(
    api: StandIn, receiver: WebhookReceiver, shared: Shared
) -> None:
    leaving, staying = shared.make_client(0), shared.make_client(1)
    photo = Photo.from_bytes(render_jpeg(1), name="wall.jpg")
    async with leaving.agent, leaving.notifier:
        await leaving.agent.ainspect(photo, id="case-0")
    connections = set(api.connections)
    _check_rules(1, await staying.agent.ainspect(photo, id="case-1"))
    assert api.connections == connections  # still open
    told = await asyncio.to_thread(receiver.wait_for, 2, 60)
    assert {webhook.data["case_id"] for webhook in told} == {"case-0", "case-1"}
    await staying.notifier.aclose()
    await asyncio.gather(shared.engine.aclose(), shared.sender.aclose(), shared.outbox.aclose())
