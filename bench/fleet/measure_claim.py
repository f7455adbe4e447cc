"""Claiming when a million tasks wait in 500 flows, beside claiming when a thousand do (in one flow; and spread over as many flows): from a
worker's free slot to its offer, the lease durable. One at a time; beside it what each of 64 in one transaction takes."""
import json
import subprocess

from processes import Bench


def measure(build):
    with Bench() as bench:
        done = subprocess.run([build / "bench" / "claim_bench", bench.folder], check=True, capture_output=True, text=True)
    n = json.loads(done.stdout)
    deep, short, spread = n["deep"], n["short"], n["spread"]
    return [{"name": "claim with 1,000,000 queued in 500 flows, against 1,000 queued in one", "ours": f"{deep['claim_us']:.0f} µs",
             "peer": f"1,000: {short['claim_us']:.0f} µs, 1,000 in 500 flows: {spread['claim_us']:.0f} µs; each of 64 in one transaction: "
                     f"{deep['each_of_64_us']:.0f}, {short['each_of_64_us']:.0f}, {spread['each_of_64_us']:.0f} µs; a data sync {n['sync_us']:.0f} µs",
             "value": deep["claim_us"] / short["claim_us"], "unit": " times", "aim": 1.2, "accept": 2.0}]
