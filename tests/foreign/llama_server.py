"""llama.cpp's server with a tiny model; prints its address, and ends when its input does.

The weights are made here and say nothing about any real model: whatever was asked, the model
prefers to end, then to close brackets and strings, so that under a schema it gives the shortest
answer. Needs gguf, numpy and xllamacpp, so it runs in an environment of its own.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

WIDTH = 32
PIXELS = 224
STATES = (PIXELS // 14) ** 2  # that a picture takes of the context
TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {% if m['content'] is string %}{{ m['content'] }}"
    "{% else %}{% for p in m['content'] %}{{ p['text'] if p['type'] == 'text' else '<__media__>' }}"
    "{% endfor %}{% endif %}\n{% endfor %}assistant: "
)
# The further to the left, the sooner it is said.
PREFERRED = ["</s>", '"', "}", "]", ":", ",", "[", "{", "a"]


def write_model(path: Path, words: int) -> None:
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [2, 3, 3, *[6] * 256]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(words)
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
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_chat_template(TEMPLATE)
    rng = np.random.default_rng(1)

    def tensor(name: str, values: np.ndarray) -> None:
        writer.add_tensor(name, values.astype(np.float32))

    constant = np.zeros(WIDTH)
    constant[0] = 10.0  # every state points the same way, so every next word is as likely
    tensor("token_embd.weight", constant + 0.01 * rng.normal(size=(len(tokens), WIDTH)))
    ahead = np.zeros((len(tokens), WIDTH))
    for place, token in enumerate(PREFERRED):
        at = tokens.index(token if token in tokens else f"<0x{ord(token):02X}>")
        ahead[at, 0] = len(PREFERRED) - place
    tensor("output.weight", ahead)
    tensor("output_norm.weight", np.ones(WIDTH))
    tensor("blk.0.attn_norm.weight", np.ones(WIDTH))
    tensor("blk.0.ffn_norm.weight", np.ones(WIDTH))
    for name in ("attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_up"):
        tensor(f"blk.0.{name}.weight", 0.01 * rng.normal(size=(WIDTH, WIDTH)))
    for name in ("attn_output", "ffn_down"):
        tensor(f"blk.0.{name}.weight", np.zeros((WIDTH, WIDTH)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_projector(path: Path) -> None:
    """What turns a picture into `STATES` states of the model."""
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "mlp")
    writer.add_bool("clip.use_gelu", True)
    for name, value in (
        ("image_size", PIXELS),
        ("patch_size", 14),
        ("embedding_length", WIDTH),
        ("feed_forward_length", WIDTH),
        ("projection_dim", WIDTH),
        ("block_count", 2),
        ("attention.head_count", 2),
    ):
        writer.add_uint32(f"clip.vision.{name}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    rng = np.random.default_rng(2)

    def tensor(name: str, *shape: int, ones: bool = False) -> None:
        values = np.ones(shape) if ones else 0.01 * rng.normal(size=shape)
        writer.add_tensor(name, values.astype(np.float32))

    tensor("v.class_embd", WIDTH)
    tensor("v.patch_embd.weight", WIDTH, 3, 14, 14)
    tensor("v.position_embd.weight", 1 + STATES, WIDTH)
    tensor("v.pre_ln.weight", WIDTH, ones=True)
    tensor("v.pre_ln.bias", WIDTH)
    for block in range(2):
        for name in ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_up", "ffn_down"):
            tensor(f"v.blk.{block}.{name}.weight", WIDTH, WIDTH)
            tensor(f"v.blk.{block}.{name}.bias", WIDTH)
        for name in ("ln1", "ln2"):
            tensor(f"v.blk.{block}.{name}.weight", WIDTH, ones=True)
            tensor(f"v.blk.{block}.{name}.bias", WIDTH)
    for layer in (0, 2):
        tensor(f"mm.{layer}.weight", WIDTH, WIDTH)
        tensor(f"mm.{layer}.bias", WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--context", type=int, default=32_768)
    parser.add_argument("--pictures", action="store_true")
    arguments = parser.parse_args()
    from xllamacpp import CommonParams, Server

    with tempfile.TemporaryDirectory() as folder:
        model, projector = Path(folder, "model.gguf"), Path(folder, "projector.gguf")
        write_model(model, arguments.context)
        params = CommonParams()
        params.model.path = str(model)
        params.n_ctx = arguments.context
        params.n_parallel = 1
        params.warmup = False
        params.port = 0
        params.hostnames = ["127.0.0.1"]
        if arguments.pictures:
            write_projector(projector)
            params.mmproj.path = str(projector)
        server = Server(params)
        print(server.listening_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
