"""One hub with 200 nodes linked, ten workers each, and nothing to do: CPU over some leases, and memory. The nodes are one program that
speaks the link: enrolment, hello, beats, two spare streams each. Beside it what the same hub takes alone."""
import sys
import time

from fleet_setting import simulated_nodes, start_hub, sync_us
from processes import Bench, cpu_seconds, fetch, resident_mb

NODES, WORKERS, SETTLE, SECONDS = 200, 10, 12, 40


def cpu_share(pid, seconds):
    before, begun = cpu_seconds([pid]), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds([pid]) - before) / (time.monotonic() - begun) * 100


def measure(build):
    with Bench() as bench:
        hub, port, key = start_hub(bench, build)
        time.sleep(3)
        alone_cpu, alone = cpu_share(hub.pid, 5), resident_mb(hub.pid)
        with simulated_nodes(bench, build, port, key, NODES, WORKERS):
            time.sleep(SETTLE)
            cpu = cpu_share(hub.pid, SECONDS)
            memory = resident_mb(hub.pid)
            seen = fetch(f"http://127.0.0.1:{port}/fleet/v1/workers", key=key).count(b'"idle"')
            sync = sync_us(bench.folder)
            if seen < NODES * WORKERS:
                raise RuntimeError(f"only {seen} workers were idle at the end:\n" + bench.log("hub"))
    print(f"  alone {alone:.1f} MB, {alone_cpu:.2f} %; with {NODES} nodes {memory:.1f} MB, {cpu:.2f} %", file=sys.stderr)
    return [
        {"name": f"{NODES} nodes with {NODES * WORKERS:,} idle workers on one hub: CPU, of one core", "ours": f"{cpu:.2f} %",
         "peer": f"the hub alone {alone_cpu:.2f} %; a data sync {sync:.0f} µs", "value": cpu, "unit": " %", "aim": 2, "accept": 5},
        {"name": "the same: resident memory", "ours": f"{memory:.1f} MB", "peer": f"the hub alone {alone:.1f} MB", "value": memory, "unit": " MB",
         "aim": 80, "accept": 150},
    ]
