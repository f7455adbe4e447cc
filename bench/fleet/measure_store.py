"""Tasks per second through the store: submit, claim and complete, batched as the hub does it, with the disk's own figures beside it."""
import json
import subprocess

from processes import Bench


def measure(build):
    with Bench() as bench:
        done = subprocess.run([build / "bench" / "store_bench", "--json", bench.folder], check=True, capture_output=True, text=True)
    n = json.loads(done.stdout)
    return [{"name": "tasks per second on SQLite: submit + claim + complete", "ours": f"{n['tasks_per_s']:,.0f}/s",
             "peer": f"fdatasync {n['sync_us']:.0f} µs; SQLite alone, 64 rows a commit: {n['raw_rows_per_s']['64']:,.0f} rows/s",
             "value": n["tasks_per_s"], "aim": 20000, "accept": 10000, "more_is_better": True}]
