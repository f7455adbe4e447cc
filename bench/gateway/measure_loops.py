"""The same load on a hub with two event loops and on one with a single loop: CPU per request."""
import statistics

from processes import Bench
from setting import cpu_per_request, start_hub, start_upstream, wrk

ROUNDS = 3


def measure(build):
    with Bench() as bench:
        up = start_upstream(bench)
        hubs = {"two": start_hub(bench, build, up, name="two", more="loops = 2\n"),
                "one": start_hub(bench, build, up, name="one", more="loops = 1\n")}
        values = {name: [] for name in hubs}
        for hub, port, key in hubs.values():
            wrk(bench, port, key, 32, seconds=2)
        for _ in range(ROUNDS):
            for name, (hub, port, key) in hubs.items():
                values[name].append(cpu_per_request(bench, [hub.pid], port, key, 32))
    two, one = statistics.median(values["two"]), statistics.median(values["one"])
    return [{"name": "CPU per request with two event loops, against one", "ours": f"{two:.1f} µs", "peer": f"one loop {one:.1f} µs",
             "value": two / one, "unit": " times", "aim": 1.0, "accept": 1.1}]
