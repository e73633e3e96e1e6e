#!/usr/bin/env bash
# LiteLLM's proxy 1.108.7 passes an answer that broke off without a finish_reason on as finished.
#
# Behaviour: the server behind it answers with `"finish_reason": null`, as streaming servers do for
# an answer that is not at its end. The proxy's own answer says `"stop"`, and nothing in it tells
# the two apart. For a word that it does not know, such as `abort`, it says `"stop"` as well, and
# keeps the word in `choices[0].provider_specific_fields.native_finish_reason`.
#
# Output seen, Python 3.11:
#     null  -> finish_reason stop, native_finish_reason absent
#     abort -> finish_reason stop, native_finish_reason abort
#     stop  -> finish_reason stop, native_finish_reason absent
#
# Fails if that changes. Takes about two minutes, most of it for the installation.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q 'litellm[proxy]==1.108.7'
cat > "$work/try.py" <<'PYTHON'
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.request

ENDS = [None, "abort", "stop"]
EXPECTED = [("stop", None), ("stop", "abort"), ("stop", None)]
KEY = "sk-" + "4f" * 32


class Upstream(http.server.BaseHTTPRequestHandler):
    end = None

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        choice = {
            "index": 0,
            "finish_reason": Upstream.end,
            "message": {"role": "assistant", "content": "The wall is"},
        }
        usage = {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}
        body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
        data = json.dumps({**body, "choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
threading.Thread(target=upstream.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
folder = pathlib.Path(sys.argv[1])
model = {"model": "openai/m", "api_base": f"http://127.0.0.1:{upstream.server_port}/v1"}
config = {"model_list": [{"model_name": "m", "litellm_params": {**model, "api_key": "sk-none"}}]}
(folder / "config.yaml").write_text(json.dumps(config))
proxy = subprocess.Popen(
    [folder / "venv/bin/litellm", "--config", folder / "config.yaml", "--host", "127.0.0.1",
     "--port", str(port)],
    env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": KEY},
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
try:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=5)
            break
        except OSError:
            time.sleep(0.2)
    seen = []
    for Upstream.end in ENDS:
        asked = {"model": "m", "messages": [{"role": "user", "content": "What is seen?"}]}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/chat/completions",
            json.dumps(asked).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {KEY}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            choice = json.load(answer)["choices"][0]
        native = (choice.get("provider_specific_fields") or {}).get("native_finish_reason")
        seen.append((choice["finish_reason"], native))
        word = json.dumps(Upstream.end).strip('"')
        print(f"{word:5} -> finish_reason {seen[-1][0]}, native_finish_reason {native or 'absent'}")
finally:
    proxy.terminate()
    proxy.wait(30)
sys.exit(0 if seen == EXPECTED else "it behaves otherwise now")
PYTHON
"$work/venv/bin/python" "$work/try.py" "$work"
