"""An Anthropic client before an OpenAI provider, against the same calls passed through: CPU per request and per streamed event."""
import statistics

from measure_events import RATE, per_event
from processes import Bench
from setting import MESSAGE, cpu_per_request, start_hub, start_source, start_upstream, wrk

ROUNDS = 3


def measure(build):
    with Bench() as bench:
        whole, streamed = start_upstream(bench), start_source(bench, build, RATE)
        hub, port, key = start_hub(bench, build, whole)
        relay, relay_port, relay_key = start_hub(bench, build, streamed, name="relay")
        ways = {"pass": ("/v1/chat/completions", None), "translated": ("/v1/messages", MESSAGE)}
        requests, events = {way: [] for way in ways}, {way: [] for way in ways}
        for way, (path, body) in ways.items():
            wrk(bench, port, key, 32, seconds=2, path=path, **({"body": body} if body else {}))
        for n in range(ROUNDS):
            for way, (path, body) in ways.items():
                requests[way].append(cpu_per_request(bench, [hub.pid], port, key, 32, path=path, **({"body": body} if body else {})))
                events[way].append(per_event(bench, build, f"{way}{n}", relay.pid, relay_port, path, relay_key))
    rows = []
    for name, unit, values in (("request", "µs", requests), ("streamed event", "µs", events)):
        ours, plain = statistics.median(values["translated"]), statistics.median(values["pass"])
        rows.append({"name": f"CPU per translated {name}, against pass-through", "ours": f"{ours:.1f} {unit}",
                     "peer": f"passed through {plain:.1f} {unit}", "value": ours / plain, "unit": " times", "aim": 1.5, "accept": 2.5})
    return rows
