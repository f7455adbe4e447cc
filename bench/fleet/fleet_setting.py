"""What the fleet's measurements have in common: a hub on a database of its own, and the time of a data sync on that database's disk."""
import contextlib
import json
import os
import statistics
import subprocess
import time

from processes import fetch, free_port, wait_for_port


def sync_us(folder):
    """Microseconds of one fdatasync after overwriting 4 KiB of a file in that folder, the median."""
    path = folder / "sync-probe"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    page = b"x" * 4096
    try:
        for i in range(64):
            os.pwrite(file, page, i * 4096)
        os.fsync(file)
        times = []
        for i in range(64):
            os.pwrite(file, page, i * 4096)
            begun = time.perf_counter()
            os.fdatasync(file)
            times.append((time.perf_counter() - begun) * 1e6)
    finally:
        os.close(file)
        path.unlink()
    return statistics.median(times)


def start_hub(bench, build, more="", name="hub"):
    """Process, address and key of a hub. `more`: further lines of its file."""
    port, folder = free_port(), bench.folder / name
    folder.mkdir()
    (folder / "hub.toml").write_text(f'[hub]\nlisten = "127.0.0.1:{port}"\n{more}')
    hub = bench.start(name, build / "flotte", "hub", "--config", folder / "hub.toml", "--data", folder / "data",
                      environment={"FLOTTE_LOG": "warning", "BENCH_KEY": "sk-bench"})
    wait_for_port(port)
    return hub, port, (folder / "data" / "admin.key").read_text().strip()


def wait_for(condition, seconds=30, what="it"):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not come in time")
        time.sleep(0.05)


def invite(port, key):
    """The line with which a node joins."""
    return json.loads(fetch(f"http://127.0.0.1:{port}/fleet/v1/invites", method="POST", body={}, key=key))["join"]


def percentiles(values):
    """Median and 99th percentile."""
    values = sorted(values)
    return statistics.median(values), values[min(len(values) - 1, int(len(values) * 0.99))]


@contextlib.contextmanager
def simulated_nodes(bench, build, port, key, count, *workers):
    """One program that is so many nodes; each has `workers` (count, kind, slots) and does at once what it is offered."""
    joins = "".join(invite(port, key) + "\n" for _ in range(count))
    load = subprocess.Popen([build / "bench" / "node_load", *(str(w) for w in workers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        load.stdin.write(joins)
        load.stdin.close()
        if load.stdout.readline().strip() != f"linked {count}":
            raise RuntimeError("the nodes did not link:\n" + bench.log("hub"))
        yield load
        if load.poll() is not None:
            raise RuntimeError("the nodes ended early:\n" + bench.log("hub"))
    finally:
        load.terminate()
        load.wait()
