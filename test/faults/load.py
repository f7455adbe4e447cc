"""Experiments 20 to 25, 28 and 32: too much at once, poison, slow readers, cancels."""
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import socket
import sqlite3
import statistics
import threading
import time
import urllib.error

from fleet_under_test import wait_until
from ledger import Ledger
from setting import READER, SHELL, Bought, Ground, outcomes
from table import experiment


def memory_mb(process):
    text = pathlib.Path(f"/proc/{process.process.pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


class MemoryWatch:
    """The most memory that a process has while this is open."""

    def __init__(self, process):
        self.process, self.most, self._stop = process, 0, threading.Event()

    def __enter__(self):
        self.first = self.most = memory_mb(self.process)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self):
        while not self._stop.wait(0.1):
            with contextlib.suppress(OSError, StopIteration):
                self.most = max(self.most, memory_mb(self.process))

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


@experiment(20, "The same submission 100 times at once under one key; then another body under that key", "one task, 100 equal answers; 422")
def hundredfold(seen):
    with Ground() as fleet, Ledger(fleet) as ledger:
        fleet.node("box", SHELL.format(slots=2))
        body = fleet.shell("echo once >> " + str(fleet.folder / "ran"))
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            tasks = list(pool.map(lambda _: fleet.post("/fleet/v1/tasks", body, headers={"idempotency-key": "k"})["id"], range(100)))
        assert len(set(tasks)) == 1, collections.Counter(tasks)
        ledger.note(tasks[0])
        try:
            fleet.post("/fleet/v1/tasks", fleet.shell("echo other"), headers={"idempotency-key": "k"})
            code = 201
        except urllib.error.HTTPError as error:
            code = error.code
        ledger.finish()
        assert code == 422 and (fleet.folder / "ran").read_text() == "once\n", code
        seen(f"100 answers named one task, which ran once; another body: {code}")


@experiment(21, "A task kills its node's process each time it runs", "after its last attempt it is a dead letter with every attempt's log; others are lost with the node, once per death")
def poison(seen):
    with Ground() as fleet, Ledger(fleet) as ledger:
        box = fleet.node("box", SHELL.format(slots=3))
        deaths, stop = [], threading.Event()

        def supervise():
            while not stop.is_set():
                if box.process.poll() is not None:
                    deaths.append(time.monotonic())
                    box.start()
                time.sleep(0.1)
        # A command survives its node under its shim: this one kills both.
        script = f'echo "attempt of poison"; sleep 0.7; kill -9 $(cat {fleet.folder}/pid) $PPID; sleep 60'
        watcher = threading.Thread(target=supervise)
        pid = fleet.folder / "pid"

        def write_pid():
            while not stop.is_set():
                part = pid.with_suffix(".part")  # the task must not read half of it
                part.write_text(str(box.process.pid))
                part.rename(pid)
                time.sleep(0.05)
        writer = threading.Thread(target=write_pid)
        watcher.start()
        writer.start()
        try:
            bad = ledger.submit(fleet.shell(script, max_attempts=3))
            good = [ledger.submit(fleet.shell(f"sleep 1; echo good {n}", max_attempts=6)) for n in range(6)]
            ledger.finish(120)
        finally:
            stop.set()
            watcher.join()
            writer.join()
        end = fleet.task(bad)
        logs = [fleet.request("GET", f"/fleet/v1/tasks/{bad}/log?attempt={n}").read().decode() for n in (1, 2, 3)]
        assert end["state"] == "failed" and end["error"]["code"] == "attempts_exhausted" and end["attempt"] == 3, end
        assert all("attempt of poison" in log for log in logs), logs
        worst = max(len(outcomes(fleet.task(t))) for t in good)
        assert all(fleet.state(t) == "succeeded" for t in good)
        assert len(deaths) == 3 and worst <= 1 + len(deaths), (worst, deaths)
        seen(f"failed as attempts_exhausted after 3 attempts, each with its log; the node died {len(deaths)} times; six other tasks succeeded, "
             f"the unluckiest in attempt {worst}")


@experiment(24, "Somebody subscribes to a task's output and stops reading", "bounded memory for that reader; the worker is not blocked")
def slow_reader(seen):
    with Ground() as fleet, Ledger(fleet) as ledger:
        fleet.node("box", SHELL.format(slots=2))
        script = 'i=0; while [ $i -lt 300 ]; do head -c 60000 /dev/zero | tr "\\0" "x"; echo; i=$((i+1)); done; echo finished'
        task = ledger.submit(fleet.shell("sleep 1; " + script))
        readers = []
        for _ in range(20):
            s = socket.create_connection(("127.0.0.1", fleet.port))
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(f"GET /fleet/v1/tasks/{task}/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {fleet.key}\r\n\r\n".encode())
            readers.append(s)
        began = time.monotonic()
        with MemoryWatch(fleet.hub) as memory:
            ledger.finish(120)
        took = time.monotonic() - began
        for s in readers:
            s.close()
        assert fleet.task(task)["state"] == "succeeded"
        grown = memory.most - memory.first
        assert grown < 120, f"the hub grew by {grown:.0f} MB"
        seen(f"18 MB of output with 20 readers that never read: the task ended after {took:.1f} s, the hub grew by {grown:.0f} MB at most")


@experiment(25, "5,000 tasks become due in the same second; all nodes come back at once", "limits hold, an interactive submit still takes less than a second (p99)")
def herd(seen):
    with Ground() as fleet, Ledger(fleet, every=0.5) as ledger:
        for n in range(8):
            fleet.node(f"n{n}", SHELL.format(slots=4))
        due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 25))
        batch = fleet.post("/fleet/v1/batches", {"title": "herd"})["id"]
        count = 5000
        for first in range(0, count, 1000):
            lines = "\n".join(json.dumps({"index": n, "task": fleet.shell("", not_before=due, title=f"herd {n}", max_attempts=9) | {"input": {"argv": ["true"]}}})
                              for n in range(first, first + 1000))
            fleet.request("POST", f"/fleet/v1/batches/{batch}/items", lines.encode(), headers={"content-type": "application/x-ndjson"}).close()
        fleet.post(f"/fleet/v1/batches/{batch}/seal")
        assert time.time() < time.mktime(time.strptime(due, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone, "the batch came after its moment"
        wait_until("the moment", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["counts"].get("succeeded", 0) > 0, 60)
        for n in range(8):  # every node at once
            fleet.nodes[f"n{n}"].kill()
            fleet.nodes[f"n{n}"].start()
        back = time.monotonic()
        wait_until("all are linked", lambda: all(fleet.node_state(f"n{n}") == "linked" for n in range(8)), 60)
        seen.recovered(time.monotonic() - back)
        times = []
        for n in range(100):
            began = time.monotonic()
            ledger.submit(fleet.shell(f"echo quick {n}", priority=0))
            times.append(time.monotonic() - began)
        p99 = sorted(times)[98]
        left = fleet.get(f"/fleet/v1/batches/{batch}")["counts"].get("queued", 0)
        assert left > count / 10, f"only {left} of the herd were left: nothing was measured"
        fleet.post(f"/fleet/v1/batches/{batch}/cancel")
        cancelled = time.monotonic()
        wait_until("the rest is cancelled", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["state"] in ("cancelled", "done"), 120)
        took = time.monotonic() - cancelled
        ledger.finish(180)
        assert p99 < 1, f"p99 of submit {p99:.2f} s"
        seen(f"eight nodes (32 slots) came back into the herd at once; submit meanwhile: median {statistics.median(times) * 1000:.0f} ms, "
             f"p99 {p99 * 1000:.0f} ms; no worker over its slots; cancelling the {left} that were left took {took:.1f} s")


@experiment(28, "Cancel against complete, 200 times; cancel of a batch of 10,000; cancel while a provider streams", "one end each; all children cancelled; the stream at the provider is cut off")
def cancels(seen):
    with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider, every=0.5) as ledger:
        fleet.node("box", SHELL.format(slots=8) + READER.format(slots=2))
        ends = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            def race(n):
                task = ledger.submit(fleet.shell("", max_attempts=1) | {"input": {"argv": ["true"]}}, key=f"race-{n}")
                time.sleep((n % 20) * 0.004)
                try:
                    fleet.post(f"/fleet/v1/tasks/{task}/cancel")
                except urllib.error.HTTPError as error:
                    assert error.code == 409, error.code
                return task
            tasks = list(pool.map(race, range(200)))
        ledger.finish()
        for task in tasks:
            ends[fleet.state(task)] += 1
        assert set(ends) <= {"succeeded", "cancelled"}, ends
        batch = fleet.post("/fleet/v1/batches", {"title": "many"})["id"]
        for first in range(0, 10_000, 2500):
            lines = "\n".join(json.dumps({"index": n, "task": fleet.shell("sleep 5")}) for n in range(first, first + 2500))
            fleet.request("POST", f"/fleet/v1/batches/{batch}/items", lines.encode(), headers={"content-type": "application/x-ndjson"}).close()
        fleet.post(f"/fleet/v1/batches/{batch}/seal")
        wait_until("some run", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["counts"].get("running", 0) > 0)
        began = time.monotonic()
        fleet.post(f"/fleet/v1/batches/{batch}/cancel")
        wait_until("all are cancelled", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["counts"].get("cancelled") == 10_000, 120)
        took = time.monotonic() - began
        stream = ledger.prompt("[[forever]] words", worker="reader")
        wait_until("it streams", lambda: provider.running() == 1)
        began = time.monotonic()
        fleet.post(f"/fleet/v1/tasks/{stream}/cancel")
        wait_until("the provider's stream is cut off", lambda: provider.running() == 0, 20)
        cut = time.monotonic() - began
        ledger.finish()
        assert fleet.state(stream) == "cancelled"
        ledger.check_money(in_flight=0)
        seen.recovered(took)
        seen(f"of 200 races {ends['cancelled']} were cancelled and {ends['succeeded']} succeeded, none both; 10,000 children cancelled in {took:.1f} s; "
             f"the provider's stream ended {cut:.2f} s after the cancel")


@experiment(32, "One key floods the queue with 20,000 tasks of the highest priority; another submits one of the lowest", "the second is served within its fair share, not behind the flood")
def flood(seen):
    with Ground() as fleet, Ledger(fleet, every=1) as ledger:
        fleet.node("box", SHELL.format(slots=4))
        keys = {name: fleet.cli_json("key", "add", name, "--scope", "tasks", "--scope", "commands")["key"] for name in ("greedy", "modest")}
        batch = fleet.post("/fleet/v1/batches", {"title": "flood"}, key=keys["greedy"])["id"]
        for first in range(0, 20_000, 2500):
            lines = "\n".join(json.dumps({"index": n, "task": fleet.shell("", priority=0) | {"input": {"argv": ["sleep", "0.05"]}}})
                              for n in range(first, first + 2500))
            fleet.request("POST", f"/fleet/v1/batches/{batch}/items", lines.encode(), headers={"content-type": "application/x-ndjson"}, key=keys["greedy"]).close()
        fleet.post(f"/fleet/v1/batches/{batch}/seal", key=keys["greedy"])
        wait_until("the flood runs", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["counts"].get("succeeded", 0) > 10, 60)
        began = time.monotonic()
        waits = []
        for _ in range(5):
            asked = time.monotonic()
            task = fleet.post("/fleet/v1/tasks", fleet.shell("echo modest", priority=3), key=keys["modest"])["id"]
            ledger.note(task)
            fleet.ended(task, 60)
            waits.append(time.monotonic() - asked)
        assert max(waits) < 5, waits
        left = fleet.get(f"/fleet/v1/batches/{batch}")["counts"]
        fleet.post(f"/fleet/v1/batches/{batch}/cancel")
        wait_until("the flood is cancelled", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["state"] in ("cancelled", "done"), 180)
        ledger.finish()
        seen(f"{left.get('queued', 0)} tasks waited before it; its five tasks, one after the other, took {', '.join(f'{w:.2f}' for w in waits)} s each from submit to end")
