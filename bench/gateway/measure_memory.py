"""Memory of the hub: 1,500 connections that each hold a body of 150 KB while the provider thinks; and 5,000 open streams that say nothing."""
import time

from processes import Bench, peak_mb, resident_mb
from setting import start_hub, start_source, wrk

BODIES, BODY_BYTES, STREAMS = 1500, 150_000, 5000
BODY = '{"model":"up/m","messages":[{"role":"user","content":"' + "x" * BODY_BYTES + '"}]}'


def measure_bodies(build):
    with Bench() as bench:
        # Two seconds of thinking: every connection's body is there at the same time.
        hub, port, key = start_hub(bench, build, start_source(bench, build, 0, first_ms=2000))
        wrk(bench, port, key, BODIES, seconds=20, body=BODY)
        return peak_mb(hub.pid), resident_mb(hub.pid)


def measure_streams(build):
    with Bench() as bench:
        hub, port, key = start_hub(bench, build, start_source(bench, build, 0))
        client = bench.start("client", build / "bench" / "gateway_load", "streams", port, "/v1/chat/completions", key, "up/m", STREAMS)
        end = time.monotonic() + 60
        while not any(line.startswith(f"{STREAMS} ") for line in bench.log("client").splitlines()):
            if time.monotonic() > end or client.poll() is not None:
                raise RuntimeError("not every stream opened:\n" + bench.log("client"))
            time.sleep(0.2)
        return resident_mb(hub.pid)


def measure(build):
    peak, after = measure_bodies(build)
    idle = measure_streams(build)
    return [
        {"name": f"memory at the peak, {BODIES:,} connections with a body of 150 KB each", "ours": f"{peak:.0f} MB (afterwards {after:.0f} MB)",
         "value": peak, "unit": " MB", "aim": 300, "accept": 400},
        {"name": f"memory with {STREAMS:,} open streams that say nothing", "ours": f"{idle:.0f} MB", "value": idle, "unit": " MB", "aim": 100,
         "accept": 150},
    ]
