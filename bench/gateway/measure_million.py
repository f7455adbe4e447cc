"""A million requests: how much the resident memory of the hub grows after the first tenth."""
from processes import Bench, resident_mb
from setting import start_hub, start_upstream, wrk

REQUESTS = 1_000_000


def measure(build):
    with Bench() as bench:
        hub, port, key = start_hub(bench, build, start_upstream(bench))
        done, early = 0, 0
        while done < REQUESTS:
            done += wrk(bench, port, key, 32, seconds=3)[0]
            if not early and done >= REQUESTS / 10:
                early = resident_mb(hub.pid)
        late = resident_mb(hub.pid)
    growth = (late - early) / early * 100
    return [{"name": "growth of resident memory over a million requests, after the first tenth", "ours": f"{early:.1f} to {late:.1f} MB",
             "value": growth, "unit": " %", "aim": 0.5, "accept": 5}]
