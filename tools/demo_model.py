#!/usr/bin/env python3
# Makes the demonstration model from the sample documents: a GGUF file that llama-server runs like any other.
# usage: tools/demo_model.py --out FILE.gguf [--idle-width N] SAMPLES
#
# It answers with sentences of the sample that the prompt is most like, in the prompt's language, and ends by
# itself. It is made of text in a few seconds; nothing in it is trained, and nothing in it thinks.
import argparse
import os
import pathlib
import sys

sys.dont_write_bytecode = True   # the source tree stays clean

from demo_model.documents import about_documents, read_documents
from demo_model.gguf import GgufWriter
from demo_model.weights import HEAD, Network

HERE = pathlib.Path(__file__).resolve().parent
DESCRIPTION = ("A demonstration made of sample texts, not an intelligence: it answers with sentences of the sample "
               "document that the prompt is most like.")
IDLE_WIDTH = 32


def write_model(network, path, idle_width):
    gguf, vocabulary, width = GgufWriter(), network.vocabulary, network.width
    size = len(vocabulary.texts)
    gguf.text("general.architecture", "llama")
    gguf.text("general.name", "flotte-demo")
    gguf.text("general.description", DESCRIPTION)
    gguf.text("general.license", "apache-2.0")
    gguf.u32("general.file_type", 1)
    for key, value in {"vocab_size": size, "context_length": 131072, "embedding_length": width, "block_count": 1,
                       "feed_forward_length": idle_width, "attention.head_count": 2, "attention.head_count_kv": 2,
                       "attention.key_length": HEAD, "attention.value_length": HEAD,
                       "rope.dimension_count": HEAD}.items():
        gguf.u32("llama." + key, value)
    gguf.f32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    gguf.f32("llama.rope.freq_base", 1e30)   # positions hardly turn the heads' last pair
    gguf.text("tokenizer.ggml.model", "rwkv")
    gguf.texts("tokenizer.ggml.tokens", vocabulary.texts)
    gguf.i32s("tokenizer.ggml.token_type", vocabulary.types)
    gguf.u32("tokenizer.ggml.eos_token_id", network.end)
    gguf.boolean("tokenizer.ggml.add_bos_token", False)
    gguf.text("tokenizer.chat_template", (HERE / "demo_model" / "chat_template.jinja").read_text(encoding="utf-8"))

    ones = [1.0] * width
    gguf.matrix("token_embd.weight", width, list(network.embedding_rows()))
    gguf.vector("output_norm.weight", ones)
    gguf.matrix("output.weight", width, list(network.output_rows()))
    gguf.vector("blk.0.attn_norm.weight", ones)
    gguf.matrix("blk.0.attn_q.weight", width, network.query_rows())
    gguf.matrix("blk.0.attn_k.weight", width, network.key_rows())
    gguf.matrix("blk.0.attn_v.weight", width, network.value_rows())
    gguf.matrix("blk.0.attn_output.weight", 2 * HEAD, network.attention_output_rows())
    gguf.vector("blk.0.ffn_norm.weight", ones)
    gguf.matrix("blk.0.ffn_gate.weight", width, [{}] * idle_width)
    gguf.matrix("blk.0.ffn_up.weight", width, [{}] * idle_width)
    gguf.matrix("blk.0.ffn_down.weight", idle_width, [{}] * width)
    gguf.write(path)


def main():
    parser = argparse.ArgumentParser(description="Makes flotte's demonstration model from sample documents.")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--idle-width", type=int, default=IDLE_WIDTH, metavar="N",
                        help="width of the unused feed-forward part, a multiple of 32 (default %(default)s): larger "
                             "is slower, for trials in which work has to last; the answers stay the same")
    parser.add_argument("samples", type=pathlib.Path)
    options = parser.parse_args()
    documents = read_documents(options.samples, HERE / "sample_pdfs") if options.samples.is_dir() else []
    if not documents:
        sys.exit(f"demo_model.py: no sample documents in {options.samples}")
    network = Network(documents, about_documents())
    options.out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = options.out.with_name(options.out.name + ".part")
    write_model(network, unfinished, options.idle_width)
    os.replace(unfinished, options.out)
    sentences = sum(len(d.sentences) for d in network.documents)
    print(f"{options.out}: {len(documents)} documents, {sentences} sentences, "
          f"{len(network.vocabulary.texts)} tokens, {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
