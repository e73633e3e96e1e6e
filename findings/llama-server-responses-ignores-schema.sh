#!/usr/bin/env bash
# llama.cpp's server (xllamacpp 2026.10.11549) keeps to a JSON Schema on one of its two APIs only.
#
# Behaviour: `/v1/chat/completions` with `response_format` of type `json_schema` gives JSON by the
# schema. `/v1/responses` with the same schema in `text.format` takes the request without a word,
# writes whatever the model likes, and says `"status": "completed"`, also where `max_output_tokens`
# cut the answer off; chat says `length` there.
#
# The model is made here: a few thousand weights that always prefer the same letter, so that only
# the server's grammar can make it write JSON.
#
# Output seen, Python 3.11:
#     chat, schema:      stop "{}"
#     responses, schema: completed "aaaaaaaaaaaaaaaaaaaaaaaa"
#     chat, bound of 24 without a schema: length
#
# Fails if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q xllamacpp==2026.10.11549 gguf==0.19.0 numpy
cat > "$work/try.py" <<'PYTHON'
import json
import pathlib
import sys
import urllib.request

import gguf
import numpy as np
from xllamacpp import CommonParams, Server

WIDTH = 32
LIKED = {"a": 9.0, "}": 5.0, "{": 4.0}


def write(path):
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // 2)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token.encode() for token in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([2, 3, 3, *[6] * 256])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for m in messages %}{{ m['content'] }}\n{% endfor %}")
    state = np.zeros((len(tokens), WIDTH), np.float32)
    state[:, 0] = 10
    liked = np.zeros((len(tokens), WIDTH), np.float32)
    for letter, weight in LIKED.items():
        liked[tokens.index(f"<0x{ord(letter):02X}>"), 0] = weight
    writer.add_tensor("token_embd.weight", state)
    writer.add_tensor("output.weight", liked)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((WIDTH, WIDTH), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


model = pathlib.Path(sys.argv[1], "model.gguf")
write(model)
params = CommonParams()
params.model.path = str(model)
params.n_ctx = 2048
params.n_parallel = 1
params.warmup = False
params.port = 0
params.hostnames = ["127.0.0.1"]
params.sampling.temp = 0.0
server = Server(params)


def ask(path, body):
    request = urllib.request.Request(
        f"{server.listening_address}/v1/{path}",
        json.dumps({"model": "m", **body}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


schema = {"type": "object", "properties": {}, "additionalProperties": False}
form = {"name": "empty", "strict": True, "schema": schema}
messages = [{"role": "user", "content": "What is seen?"}]
chat = ask(
    "chat/completions",
    {
        "messages": messages,
        "max_tokens": 24,
        "response_format": {"type": "json_schema", "json_schema": form},
    },
)["choices"][0]
other = ask(
    "responses",
    {
        "input": messages,
        "max_output_tokens": 24,
        "text": {"format": {"type": "json_schema", **form}},
    },
)
written = "".join(
    part.get("text", "") for item in other["output"] for part in item.get("content") or ()
)
cut = ask("chat/completions", {"messages": messages, "max_tokens": 24})["choices"][0]
said = chat["message"]["content"]
print(f"chat, schema:      {chat['finish_reason']} {json.dumps(said)}")
print(f"responses, schema: {other['status']} {json.dumps(written)}")
print(f"chat, bound of 24 without a schema: {cut['finish_reason']}")
as_seen = (
    (chat["finish_reason"], said.replace(" ", "").replace("\n", "")) == ("stop", "{}")
    and (other["status"], written) == ("completed", "a" * 24)
    and cut["finish_reason"] == "length"
)
sys.stdout.flush()
sys.exit(0 if as_seen else "it behaves otherwise now")
PYTHON
"$work/venv/bin/python" "$work/try.py" "$work" 2> "$work/log" || { tail -3 "$work/log"; exit 1; }
