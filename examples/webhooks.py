"""Tells another system of results by webhooks, and is that other system as well.

The engine is scripted, and the receiver is a server on this machine that is down at first, so that
the example runs anywhere. In earnest: a real engine, and your endpoints instead of the receiver's.

    python examples/webhooks.py photos/ out/
"""

import sys
from pathlib import Path

from inspectiq import DiagnosisAgent, InspectionAgent, VisionRequest, WebhookNotifier
from inspectiq.events import Event, WebhookAttemptFailed, WebhookDeadLettered
from inspectiq.limits import Ledger
from inspectiq.net import NetPolicy
from inspectiq.testing import FunctionTransport, WebhookReceiver, make_answer, make_issue
from inspectiq.webhooks import Endpoint, Schedule


class Alarm:
    """Says what somebody should look at; in earnest it calls your pager."""

    def on_event(self, event: Event, /) -> None:
        if isinstance(event, WebhookAttemptFailed):
            print(f"attempt {event.attempt} at {event.endpoint} failed: {event.reason}")
        elif isinstance(event, WebhookDeadLettered):
            print(f"given up: {event.webhook_id}")


def scripted(request: VisionRequest) -> str:
    return make_answer(request, [make_issue("wall_hole", 1, severity="medium")])


def main(photos: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with WebhookReceiver(answers=[503]) as crm, WebhookReceiver() as pager:
        endpoints = [
            Endpoint(name="crm", url=crm.url, secret=crm.secret),
            Endpoint(
                name="pager",
                url=pager.url,
                secret=pager.secret,
                events=("emergency.*",),
                body="thin",
            ),
        ]
        ledger = Ledger(out / "ledger.jsonl")
        with WebhookNotifier(
            endpoints,
            outbox=out / "outbox.sqlite",
            schedule=Schedule(waits=(0, 0.2, 1), busy_wait=0.2),  # in earnest leave it out
            policy=NetPolicy(private=crm.policy.private + pager.policy.private),  # and this too
            observers=[Alarm(), ledger],
        ) as notifier:
            engine = FunctionTransport(scripted)
            with InspectionAgent(engine, sinks=[notifier]) as agent:
                agent.inspect(photos, id="unit-4b", tags={"tenant": "t1"})
            with DiagnosisAgent("offline", sinks=[notifier]) as agent_of_words:
                agent_of_words.diagnose(description="I smell gas in the kitchen", id="call-7")
            crm.wait_for(4)  # three events, and the attempt that failed
            pager.wait_for(1)

        for name, receiver in (("crm", crm), ("pager", pager)):
            for webhook in receiver.received:
                told = f"{webhook.type} of {webhook.data['case_id']}, {len(webhook.body):,} bytes"
                print(f"{name}: {told}, {'signed' if webhook.verified else 'NOT SIGNED'}")
    (line,) = ledger.summarise(by=None)
    print(f"{line.webhooks_delivered} delivered, success rate {line.webhook_success_rate:.0%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
