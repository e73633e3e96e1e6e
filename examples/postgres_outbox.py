"""Keeps a result and its webhooks in one transaction of your own PostgreSQL, and delivers them.

Either both are there or neither is, whatever crashes in between. Any number of processes on any
number of hosts deliver from the table; each message is claimed by one of them.

It needs the extra `postgres`. DATABASE_URL names the database, INSPECTION_WEBHOOK_URL and
INSPECTIQ_WEBHOOK_SECRET the endpoint. The engine is the one that INSPECTIQ_ENGINE names, such as
openai:gpt-6-luna; else the offline one.

    python examples/postgres_outbox.py photos/ out/
"""

import asyncio
import os
import sys
from pathlib import Path

from psycopg import AsyncConnection

from inspectiq import InspectionAgent, WebhookNotifier
from inspectiq.webhooks import PostgresOutbox

TABLE = "CREATE TABLE IF NOT EXISTS inspections (id text PRIMARY KEY, result jsonb NOT NULL)"


async def inspect(photos: Path, out: Path, url: str) -> None:
    outbox = PostgresOutbox(url)
    await outbox.create_tables()
    agent = InspectionAgent(os.environ.get("INSPECTIQ_ENGINE") or "offline")
    async with agent, WebhookNotifier(outbox=outbox, background=False) as notifier:
        inspection = await agent.ainspect(photos)
        async with await AsyncConnection.connect(url) as connection:  # your transaction
            await connection.execute(TABLE)
            await connection.execute(
                "INSERT INTO inspections VALUES (%s, %s)",
                [inspection.id, inspection.model_dump_json()],
            )
            await outbox.ainsert(connection, notifier.messages(inspection))
        done = await notifier.adeliver_due()  # or notifier.start(), and another process
        print(f"{inspection.id}: {done.delivered} webhooks were delivered")
    (out / "inspection.json").write_text(inspection.model_dump_json(), encoding="utf-8")


def main(photos: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    asyncio.run(inspect(photos, out, os.environ["DATABASE_URL"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
