"""Streamed events passing through the real hub beside nginx without buffering: CPU per event of the process in the middle."""
import statistics
import time

from processes import Bench, cpu_seconds, free_port, wait_for_port
from setting import start_hub, start_source

ROUNDS, SECONDS, STREAMS, RATE = 3, 4, 64, 200


def events(bench, name):
    lines = [line for line in bench.log(name).splitlines() if line.endswith(" events")]
    return int(lines[-1].split()[0]) if lines else 0


def per_event(bench, build, name, pid, port, path, key, model="up/m"):
    """CPU microseconds of `pid` for each event that the clients see."""
    client = bench.start(name, build / "bench" / "gateway_load", "streams", port, path, key, model, STREAMS)
    end = time.monotonic() + 20
    while events(bench, name) < STREAMS * RATE / 2:
        if time.monotonic() > end:
            raise RuntimeError("no events:\n" + bench.log(name))
        time.sleep(0.1)
    # From one report to a later one, so that both counts belong to the same span.
    def next_report():
        now = events(bench, name)
        while events(bench, name) == now:
            time.sleep(0.002)
        return cpu_seconds([pid]), events(bench, name)
    cpu, begun = next_report()
    time.sleep(SECONDS)
    cpu_end, ended = next_report()
    client.terminate()
    client.wait()
    if ended - begun < STREAMS * RATE * SECONDS / 3:
        raise RuntimeError(f"only {ended - begun} events in {SECONDS} s")
    return (cpu_end - cpu) / (ended - begun) * 1e6


def measure(build):
    with Bench() as bench:
        source, front = start_source(bench, build, RATE), free_port()
        nginx = bench.nginx("proxy", f"""  server {{ listen 127.0.0.1:{front} backlog=4096;
    location / {{ proxy_pass http://127.0.0.1:{source}; proxy_http_version 1.1; proxy_buffering off; }} }}""")
        wait_for_port(front)
        hub, port, key = start_hub(bench, build, source)
        ours, theirs = [], []
        for n in range(ROUNDS):
            theirs.append(per_event(bench, build, f"nginx{n}", nginx.pid, front, "/v1/chat/completions", key))
            ours.append(per_event(bench, build, f"flotte{n}", hub.pid, port, "/v1/chat/completions", key))
    mine, other = statistics.median(ours), statistics.median(theirs)
    return [{"name": "CPU per streamed event, pass-through, against nginx unbuffered", "ours": f"{mine:.1f} µs", "peer": f"nginx {other:.1f} µs",
             "value": mine / other, "unit": " times", "aim": 1.0, "accept": 1.3}]
