"""Starts LiteLLM's proxy and llama.cpp's server, and ends them."""

import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

__all__ = ["MASTER_KEY", "find_free_port", "litellm_proxy", "llama_server"]

MASTER_KEY = "sk-" + "4f" * 32  # the proxy refuses a shorter one


def find_free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def litellm_proxy(upstream: str) -> Iterator[str]:
    """The proxy before a server; the base URL under which it serves the model `m`.

    `FOREIGN_LITELLM` names the program.
    """
    model = {"model": "openai/gpt-4.1", "api_base": upstream, "api_key": "sk-upstream"}
    config = {
        "model_list": [{"model_name": "m", "litellm_params": model}],
        "litellm_settings": {"num_retries": 0, "telemetry": False},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }
    port = find_free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.yaml")
        file.write_text(json.dumps(config))
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(os.environ["FOREIGN_LITELLM"], "--config", file),
                    *("--host", "127.0.0.1", "--port", str(port)),
                ],
                env={
                    **os.environ,
                    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                    "LITELLM_MASTER_KEY": MASTER_KEY,
                },
                stdout=log,
                stderr=log,
            )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health/liveliness", server, Path(folder, "log"))
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the proxy did not start:\n{log.read_text()[-2000:]}")


@contextmanager
def llama_server(*, context: int = 32_768, pictures: bool = True) -> Iterator[str]:
    """The server with a model of our own making, see `llama_server.py`; its base URL.

    `FOREIGN_XLLAMACPP` names the Python that has xllamacpp and gguf.
    """
    program = Path(__file__).with_name("llama_server.py")
    server = subprocess.Popen(
        [
            *(os.environ["FOREIGN_XLLAMACPP"], program, "--context", str(context)),
            *(["--pictures"] if pictures else []),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip()
        assert address, "the server did not start"
        yield f"{address}/v1"
    finally:
        server.stdin.close()
        server.wait(30)
        server.stdout.close()
