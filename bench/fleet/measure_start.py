"""From the client's submit to the start of the work on an idle node, over HTTP, as a client sees it: a command task whose first act is
to note the time. The node's own record of the start (when it began the run) is what counts; the child's time is printed beside it."""
import http.client
import json
import statistics
import subprocess
import time

from processes import Bench, fetch, free_port, wait_for_port

TASKS = 300


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("not in time")
        time.sleep(0.05)


def started_after(connection, key, body):
    """Seconds from sending the submit to hearing that the task has started, over a kept connection each."""
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
        port = free_port()
        (bench.folder / "hub.toml").write_text(f'[hub]\nlisten = "127.0.0.1:{port}"\n')
        quiet = {"FLOTTE_LOG": "warning"}
        bench.start("hub", build / "flotte", "hub", "--config", bench.folder / "hub.toml", "--data", bench.folder / "data", environment=quiet)
        wait_for_port(port)
        key = (bench.folder / "data" / "admin.key").read_text().strip()
        url = f"http://127.0.0.1:{port}"
        invite = json.loads(subprocess.run([build / "flotte", "node", "invite", "--json", "--url", url, "--key", key], check=True,
                                           capture_output=True, text=True).stdout)
        (bench.folder / "node.toml").write_text('[node]\nname = "box"\n[[worker]]\nname = "shell"\nkind = "command"\nslots = 2\n')
        bench.start("node", build / "flotte", "node", "run", "--config", bench.folder / "node.toml", "--data", bench.folder / "box", "--join",
                    invite["join"], environment=quiet)
        wait_for(lambda: any(w["node"] == "box" for w in json.loads(fetch(url + "/fleet/v1/workers", key=key))["items"]))
        body = json.dumps({"kind": "command", "node": "box", "input": {"argv": ["true"]}})
        connection = http.client.HTTPConnection("127.0.0.1", port)
        times = []
        for i in range(TASKS + 20):
            took = started_after(connection, key, body)
            if i >= 20:
                times.append(took * 1000)
            time.sleep(0.01)  # idle again before the next
        times.sort()
        median, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    return [
        {"name": "submit to start on an idle node, median (over HTTP, as a client hears it)", "ours": f"{median:.2f} ms", "value": median,
         "unit": " ms", "aim": 2, "accept": 5},
        {"name": "submit to start on an idle node, p99", "ours": f"{p99:.2f} ms", "value": p99, "unit": " ms", "aim": 10, "accept": 30},
    ]
