"""From the client's submit to the start of the work on an idle node, over HTTP, as a client hears it: a command task on a node process,
followed over its events. What it costs to say that a command has started is in it, what the command does is not."""
import http.client
import json
import time

from fleet_setting import invite, percentiles, start_hub, sync_us, wait_for
from processes import Bench, fetch

TASKS = 400


def started_after(connection, key, body):
    """Seconds from sending the submit to hearing that the task has started, over a kept connection."""
    head = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    begun = time.perf_counter()
    connection.request("POST", "/fleet/v1/tasks", body, head)
    task = json.loads(connection.getresponse().read())
    connection.request("GET", f"/fleet/v1/tasks/{task['id']}/events", headers=head)
    stream = connection.getresponse()
    while True:
        line = stream.readline()
        if not line:
            raise RuntimeError("the events ended without a start")
        if line.startswith(b"event: started") or line.startswith(b"data:") and b'"state":"running"' in line.replace(b" ", b""):
            took = time.perf_counter() - begun
            break
    while stream.readline():
        pass
    return took


def measure(build):
    with Bench() as bench:
        hub, port, key = start_hub(bench, build)
        url = f"http://127.0.0.1:{port}"
        (bench.folder / "node.toml").write_text('[node]\nname = "box"\n[[worker]]\nname = "shell"\nkind = "command"\nslots = 2\n')
        bench.start("node", build / "flotte", "node", "run", "--config", bench.folder / "node.toml", "--data", bench.folder / "box", "--join",
                    invite(port, key), environment={"FLOTTE_LOG": "warning"})
        wait_for(lambda: any(w["node"] == "box" for w in json.loads(fetch(url + "/fleet/v1/workers", key=key))["items"]), what="the node")
        body = json.dumps({"kind": "command", "node": "box", "input": {"argv": ["true"]}})
        connection = http.client.HTTPConnection("127.0.0.1", port)
        times = []
        for i in range(TASKS + 20):
            took = started_after(connection, key, body)
            if i >= 20:
                times.append(took * 1000)
            time.sleep(0.01)  # idle again before the next
        sync = sync_us(bench.folder)
        median, p99 = percentiles(times)
    beside = f"a data sync {sync:.0f} µs"
    return [
        {"name": "submit to start on an idle node, median (over HTTP, as a client hears it)", "ours": f"{median:.2f} ms", "peer": beside,
         "value": median, "unit": " ms", "aim": 2, "accept": 5},
        {"name": "submit to start on an idle node, p99", "ours": f"{p99:.2f} ms", "peer": beside, "value": p99, "unit": " ms", "aim": 10,
         "accept": 20},
    ]
