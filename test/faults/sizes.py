"""Experiment 23: what is very large."""
import contextlib
import hashlib
import json
import os
import sqlite3
import time

from fleet_under_test import wait_until
from ledger import Ledger
from load import MemoryWatch
from setting import SHELL, Ground
from table import experiment

# What is smaller than the title says is said on the page.
SCALE = float(os.environ.get("FLOTTE_FAULTS_SCALE", "1"))


def longest_row(database):
    """Bytes of the largest task row, its input and its result included."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        return rows.execute("SELECT max(coalesce(length(t.result), 0) + length(t.title) + length(i.spec)) FROM task t "
                            "JOIN task_input i ON i.task = t.id").fetchone()[0]


@experiment(23, "An input of 200 MB, an output of 1 GB, a batch of a million items", "they go to files, rows stay small, memory is bounded")
def large(seen):
    with Ground() as fleet, Ledger(fleet, every=2) as ledger:
        box = fleet.node("box", SHELL.format(slots=2))
        with MemoryWatch(fleet.hub) as hub, MemoryWatch(box) as node:
            piece, digest = os.urandom(1 << 20), hashlib.sha256()
            for _ in range(200):
                digest.update(piece)
            path = fleet.folder / "input"
            with open(path, "wb") as out:
                for _ in range(200):
                    out.write(piece)
            import http.client
            connection = http.client.HTTPConnection("127.0.0.1", fleet.port, timeout=120)
            began = time.monotonic()
            with open(path, "rb") as body:
                connection.request("PUT", f"/fleet/v1/blobs/{digest.hexdigest()}", body, {"authorization": f"Bearer {fleet.key}", "content-length": str(200 << 20)})
                status = connection.getresponse().status
            assert status in (200, 201), status
            input_s = time.monotonic() - began
            output_mb = int(1000 * SCALE)
            began = time.monotonic()
            task = ledger.submit(fleet.shell(f"yes 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ | head -c {output_mb}000000", max_attempts=1))
            ledger.finish(600)
            output_s = time.monotonic() - began
            assert fleet.task(task)["state"] == "succeeded", fleet.task(task)
            count = int(1_000_000 * SCALE)
            batch = fleet.post("/fleet/v1/batches", {"title": "map"})["id"]
            fleet.post(f"/fleet/v1/batches/{batch}/pause")
            began = time.monotonic()
            for first in range(0, count, 20_000):
                lines = "\n".join(json.dumps({"index": n, "task": {"kind": "command", "worker": "shell", "input": {"argv": ["true"]}}})
                                  for n in range(first, min(first + 20_000, count)))
                fleet.request("POST", f"/fleet/v1/batches/{batch}/items", lines.encode(), headers={"content-type": "application/x-ndjson"}, timeout=300).close()
            batch_s = time.monotonic() - began
            assert fleet.get(f"/fleet/v1/batches/{batch}")["total"] == count
        row = longest_row(fleet.database)
        assert row < 100_000, f"a row of {row} bytes"
        for name, watch, most in (("hub", hub, 250), ("node", node, 250)):
            assert watch.most - watch.first < most, f"the {name} grew by {watch.most - watch.first:.0f} MB"
        if SCALE != 1:
            seen(f"at {SCALE:g} of that size")
        seen(f"200 MB in {input_s:.0f} s, {output_mb} MB of output in {output_s:.0f} s, {count} items in {batch_s:.0f} s (a dev build): "
             f"the hub grew from {hub.first:.0f} to {hub.most:.0f} MB, the node from {node.first:.0f} to {node.most:.0f} MB; "
             f"the largest row has {row} bytes")
