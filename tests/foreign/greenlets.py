"""What the workers of `test_greenlets.py` import: an inspection, and a loop of the host's own."""

import asyncio
import os
from typing import Any

from celery import Celery

from inspectiq import InspectionAgent
from inspectiq.errors import ConfigError

celery = Celery("greenlets", broker=os.environ["BROKER"], backend=os.environ["BACKEND"])
celery.conf.broker_transport_options = {
    "data_folder_in": os.environ["QUEUE"],
    "data_folder_out": os.environ["QUEUE"],
    "control_folder": os.environ["QUEUE"] + "-control",
}
celery.conf.worker_hijack_root_logger = False
agent = InspectionAgent("openai:gpt-6-luna")


def _inspect() -> str:
    try:
        return str(agent.inspect(os.environ["PHOTOS"]).status)
    except ConfigError as error:
        return str(error)


async def _host() -> str:
    await asyncio.sleep(0)
    return "fine"


@celery.task  # type: ignore[untyped-decorator]
def inspect() -> str:
    return _inspect()


@celery.task  # type: ignore[untyped-decorator]
def run_a_loop() -> str:
    return asyncio.run(_host())


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("content-type", "text/plain")])
    said = asyncio.run(_host()) if environ["PATH_INFO"] == "/loop" else _inspect()
    return [said.encode()]
