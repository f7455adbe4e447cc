"""A batch of 100,000 items through the API: how long submitting takes (lines, in uploads of 10,000, then sealed), and how long its lists and
its progress take to answer while all of it waits, and while four nodes that finish everything at once work it off."""
import http.client
import json
import sys
import time

from fleet_setting import percentiles, simulated_nodes, start_hub, sync_us
from processes import Bench

ITEMS, UPLOAD = 100_000, 10_000


def ask(connection, key, method, path, body=None):
    connection.request(method, path, body, {"authorization": f"Bearer {key}", "content-type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
    return json.loads(text)


def submit(connection, key):
    """Seconds, and the batch."""
    uploads = ["".join(json.dumps({"index": i, "name": f"letters/{i:06}.md", "task": {
        "kind": "command", "input": {"argv": ["summarise", f"letters/{i:06}.md", "--sentences", "3"]}}}) + "\n"
                       for i in range(at, at + UPLOAD)) for at in range(0, ITEMS, UPLOAD)]
    begun = time.perf_counter()
    batch = ask(connection, key, "POST", "/fleet/v1/batches", "{}")["id"]
    for upload in uploads:
        ask(connection, key, "POST", f"/fleet/v1/batches/{batch}/items", upload)
    sealed = ask(connection, key, "POST", f"/fleet/v1/batches/{batch}/seal", "{}")
    if sealed["total"] != ITEMS:
        raise RuntimeError(f"the batch has {sealed['total']} items")
    return time.perf_counter() - begun, batch


def answers(connection, key, batch, rounds):
    """Median milliseconds of each question."""
    paths = {"progress": f"/fleet/v1/batches/{batch}", "batches": "/fleet/v1/batches", "items": f"/fleet/v1/batches/{batch}/items?limit=100",
             "last items": f"/fleet/v1/batches/{batch}/items?limit=100&cursor={ITEMS - 101}", "tasks": "/fleet/v1/tasks?limit=100",
             "its tasks": f"/fleet/v1/tasks?batch={batch}&limit=100", "queued": "/fleet/v1/tasks?state=queued&limit=100",
             "running": "/fleet/v1/tasks?state=running&limit=100", "failed": "/fleet/v1/tasks?state=failed&limit=100"}
    times = {name: [] for name in paths}
    for _ in range(rounds):
        for name, path in paths.items():
            begun = time.perf_counter()
            ask(connection, key, "GET", path)
            times[name].append((time.perf_counter() - begun) * 1000)
    return {name: percentiles(values)[0] for name, values in times.items()}


def measure(build):
    with Bench() as bench:
        hub, port, key = start_hub(bench, build)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        took, batch = submit(connection, key)
        quiet = answers(connection, key, batch, 20)
        sync = sync_us(bench.folder)
        with simulated_nodes(bench, build, port, key, 4, 2, "command", 16):
            busy = answers(connection, key, batch, 10)
            done = ask(connection, key, "GET", f"/fleet/v1/batches/{batch}")["counts"]
    slowest = max(quiet, key=quiet.get)
    for name, medians in (("waiting", quiet), ("worked off", busy)):
        print(f"  ms while it is {name}: " + ", ".join(f"{k} {v:.1f}" for k, v in medians.items()), file=sys.stderr)
    print(f"  {done}", file=sys.stderr)
    return [
        {"name": f"a batch of {ITEMS:,} items: submit", "ours": f"{took:.2f} s", "peer": f"a data sync {sync:.0f} µs", "value": took,
         "unit": " s", "aim": 5, "accept": 15},
        {"name": f"the same: list and progress answer, the slowest of {len(quiet)} ({slowest})", "ours": f"{quiet[slowest]:.1f} ms",
         "peer": f"progress {quiet['progress']:.1f} ms; while nodes work it off {busy['progress']:.1f}, the slowest {max(busy.values()):.1f}",
         "value": quiet[slowest], "unit": " ms", "aim": 50, "accept": 200},
    ]
