"""Somebody at a keyboard while a batch runs: time to the first token of a provider that thinks for 200 ms, with an idle fleet and while a
batch of prompts saturates an engine that is confined to the other core. The engine is real (llama-server, demonstration model)."""
import json
import os
import pathlib
import shutil
import subprocess
import time

from processes import Bench, fetch, free_port, wait_for_port
from setting import start_source

CALLS, GAP_MS, FIRST_MS, SLOTS = 100, 20, 200, 4
ROOT = pathlib.Path(__file__).resolve().parents[2]


def first_tokens(bench, build, port, key):
    done = subprocess.run([build / "bench" / "gateway_load", "first", str(port), key, "up/m", str(CALLS), str(GAP_MS)], capture_output=True,
                          text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def start_engine(bench):
    program = shutil.which("llama-server") or ROOT / "build/deps/engine/llama-server"
    port = free_port()
    other = max(os.sched_getaffinity(0))
    bench.start("engine", "taskset", "-c", other, program, "-m", ROOT / "build/deps/models/flotte-demo.gguf", "--port", port, "-t", 1, "-tb", 1,
                "-np", SLOTS, "-c", SLOTS * 4096)
    wait_for_port(port, 60)
    return port


def measure(build):
    with Bench() as bench:
        source, engine, port = start_source(bench, build, 1000, FIRST_MS), start_engine(bench), free_port()
        folder = bench.folder / "hub"
        folder.mkdir()
        (folder / "hub.toml").write_text(
            f'[hub]\nlisten = "127.0.0.1:{port}"\n[[provider]]\nname = "up"\ndialect = "openai"\nbase_url = "http://127.0.0.1:{source}/v1"\n'
            f'api_key = "env:BENCH_KEY"\n[[engine]]\nname = "llama"\nkind = "openai"\nbase_url = "http://127.0.0.1:{engine}/v1"\nslots = {SLOTS}\n')
        bench.start("hub", build / "flotte", "hub", "--config", folder / "hub.toml", "--data", folder / "data",
                    environment={"BENCH_KEY": "sk-bench", "FLOTTE_LOG": "warning"})
        wait_for_port(port)
        key = (folder / "data" / "admin.key").read_text().strip()
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 60
        while not any("@home/" in t for m in json.loads(fetch(url + "/fleet/v1/models", key=key))["items"] for t in m["targets"]):
            if time.monotonic() > end:
                raise RuntimeError("the engine did not become ready:\n" + bench.log("hub"))
            time.sleep(0.1)
        model = next(m["id"] for m in json.loads(fetch(url + "/fleet/v1/models", key=key))["items"]
                     if m["kind"] == "engine" and any("@home/" in t for t in m["targets"]))
        first_tokens(bench, build, port, key)
        idle = first_tokens(bench, build, port, key)
        prompts = bench.folder / "prompts.jsonl"
        prompts.write_text("".join(json.dumps({"prompt": f"Tell a long story number {n} about a small town."}) + "\n" for n in range(2000)))
        batch = bench.start("batch", build / "flotte", "batch", "run", prompts, "-m", model, "-o", bench.folder / "out", "--url", url, "--key", key)
        end = time.monotonic() + 60
        while json.loads(fetch(url + "/fleet/v1/tasks?state=running", key=key))["items"] == []:
            if time.monotonic() > end:
                raise RuntimeError("the batch did not start:\n" + bench.log("batch"))
            time.sleep(0.1)
        busy = first_tokens(bench, build, port, key)
        running = json.loads(fetch(url + "/fleet/v1/tasks?state=running", key=key))["items"]
        if not running or batch.poll() is not None:
            raise RuntimeError("the batch ended too early to say anything")
    return [{"name": "first token (200 ms at the provider) at the 95th percentile, batch running against idle fleet",
             "ours": f"{busy[1] / 1000:.1f} ms", "peer": f"idle {idle[1] / 1000:.1f} ms", "value": busy[1] / idle[1], "unit": " times", "aim": 1.02,
             "accept": 1.1}]
