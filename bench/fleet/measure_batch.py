"""A batch of 100,000 prompts through the API: how long submitting takes (items as lines in uploads of 10,000, then sealed), and how long its
list and its progress take to answer while it is worked on. Nothing of it can be done here: what runs would only blur the figures."""
import http.client
import json
import time

from fleet_setting import percentiles, start_hub, sync_us
from processes import Bench

ITEMS, UPLOAD = 100_000, 10_000


def ask(connection, key, method, path, body=None):
    connection.request(method, path, body, {"authorization": f"Bearer {key}", "content-type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
    return json.loads(text)


def measure(build):
    with Bench() as bench:
        hub, port, key = start_hub(bench, build, '[[provider]]\nname = "up"\ndialect = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n'
                                   'api_key = "env:BENCH_KEY"\n')
        uploads = ["".join(json.dumps({"index": i, "name": f"letters/{i:06}.md", "task": {
            "kind": "prompt", "node": "nobody", "model": "up/m", "input": {"prompt": f"Summarise letter number {i} in three sentences."}}}) + "\n"
                           for i in range(at, at + UPLOAD)) for at in range(0, ITEMS, UPLOAD)]
        connection = http.client.HTTPConnection("127.0.0.1", port)
        begun = time.perf_counter()
        batch = ask(connection, key, "POST", "/fleet/v1/batches", "{}")["id"]
        for upload in uploads:
            ask(connection, key, "POST", f"/fleet/v1/batches/{batch}/items", upload)
        ask(connection, key, "POST", f"/fleet/v1/batches/{batch}/seal", "{}")
        submit = time.perf_counter() - begun
        paths = {"progress": f"/fleet/v1/batches/{batch}", "batches": "/fleet/v1/batches", "items": f"/fleet/v1/batches/{batch}/items?limit=100",
                 "items behind": f"/fleet/v1/batches/{batch}/items?limit=100&cursor={ITEMS - 5000}",
                 "tasks": "/fleet/v1/tasks?limit=100", "tasks of the batch": f"/fleet/v1/tasks?batch={batch}&limit=100",
                 "queued tasks": "/fleet/v1/tasks?state=queued&limit=100", "failed tasks": "/fleet/v1/tasks?state=failed&limit=100"}
        times = {name: [] for name in paths}
        for _ in range(20):
            for name, path in paths.items():
                begun = time.perf_counter()
                answer = ask(connection, key, "GET", path)
                times[name].append((time.perf_counter() - begun) * 1000)
                if name == "progress" and answer["total"] != ITEMS:
                    raise RuntimeError(f"the batch has {answer['total']} items")
        sync = sync_us(bench.folder)
    medians = {name: percentiles(values)[0] for name, values in times.items()}
    slowest = max(medians, key=medians.get)
    others = ", ".join(f"{name} {value:.1f}" for name, value in medians.items())
    return [
        {"name": f"a batch of {ITEMS:,} items: submit", "ours": f"{submit:.2f} s", "peer": f"a data sync {sync:.0f} µs", "value": submit,
         "unit": " s", "aim": 5, "accept": 15},
        {"name": f"the same: list and progress answer, the slowest ({slowest})", "ours": f"{medians[slowest]:.1f} ms", "peer": f"ms: {others}",
         "value": medians[slowest], "unit": " ms", "aim": 50, "accept": 200},
    ]
