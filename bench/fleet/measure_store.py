"""No-op tasks per second at store level, submitting included, beside BullMQ on a Redis that keeps nothing on the disk, adding included: the
same work, the same minute. Ours are durable (synchronous=FULL) at every step. Singly, and in bulk."""
import json
import os
import pathlib
import statistics
import subprocess
import time

from processes import Bench, free_port, wait_for_port

BULLMQ, IOREDIS = "6.7.0", "5.8.2"
ROUNDS, TASKS = 3, 60_000


def bullmq_modules(bench):
    """From npm, into a cache outside the tree. None where it cannot be had."""
    cache = pathlib.Path(os.environ.get("FLOTTE_BENCH_CACHE", bench.folder)) / f"bullmq-{BULLMQ}"
    if not (cache / "node_modules/ioredis").exists():
        cache.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", cache, f"bullmq@{BULLMQ}", f"ioredis@{IOREDIS}"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("BullMQ cannot be installed: " + done.stderr[-300:])
    return cache


class BullMq:
    def __init__(self, bench):
        self.modules, self.port = bullmq_modules(bench), free_port()
        # The server's program is part of redis-tools; the package redis-server would start one for the whole machine.
        server = bench.folder / "redis-server"
        server.symlink_to("/usr/bin/redis-check-rdb")
        bench.start("redis", server, "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        wait_for_port(self.port)

    def start(self, part, callers, bulk):
        process = subprocess.Popen([str(w) for w in ("node", pathlib.Path(__file__).with_name("bullmq_load.mjs"), self.modules, self.port, part,
                                                     TASKS, callers, bulk)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("BullMQ did not start")
        return process

    def tasks_per_second(self, callers, bulk):
        """From the first add to the last completion."""
        worker, adder = self.start("work", callers, 1), self.start("add", callers if bulk == 1 else 4, bulk)
        try:
            begun = time.perf_counter()
            adder.stdin.write("go\n")
            adder.stdin.flush()
            if worker.stdout.readline().strip() != "done":
                raise RuntimeError("BullMQ's worker ended early")
            return TASKS / (time.perf_counter() - begun)
        finally:
            for process in (adder, worker):
                process.stdin.close()
                process.wait(20)


def measure(build):
    single, batch, theirs_single, theirs_bulk = [], [], [], []
    with Bench() as bench:
        peer = BullMq(bench)
        for _ in range(ROUNDS):
            done = subprocess.run([build / "bench" / "store_bench", "--json", "--tasks", str(TASKS), bench.folder], check=True,
                                  capture_output=True, text=True)
            n = json.loads(done.stdout)
            single.append(n["tasks_per_s"])
            batch.append(n["batch_tasks_per_s"])
            theirs_single.append(peer.tasks_per_second(512, 1))
            theirs_bulk.append(peer.tasks_per_second(512, 500))
    ours, bulk, add, add_bulk = (statistics.median(values) for values in (single, batch, theirs_single, theirs_bulk))
    disk = f"a data sync {n['sync_us']:.0f} µs; SQLite alone, 64 rows a commit: {n['raw_rows_per_s']['64']:,.0f} rows/s"
    return [
        {"name": "no-op tasks per second on SQLite, submitted singly by 512 at once, store level, against BullMQ on Redis in memory",
         "ours": f"{ours:,.0f}/s", "peer": f"BullMQ {add:,.0f}/s ({disk})", "value": ours / add, "unit": " times", "aim": 1.0, "accept": 0.4,
         "more_is_better": True},
        {"name": "the same submitted in bulk, 500 at a time, against addBulk", "ours": f"{bulk:,.0f}/s", "peer": f"BullMQ {add_bulk:,.0f}/s",
         "value": bulk / add_bulk, "unit": " times", "aim": 1.0, "accept": 0.4, "more_is_better": True},
    ]
