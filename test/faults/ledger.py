"""Everything that was submitted, acknowledged, bought and completed, and the invariants I1 to I7 over it, the hub's rows and the provider's
log."""
import collections
import contextlib
import json
import sqlite3
import threading
import time
import urllib.error

from fleet_under_test import wait_until

ENDED = {4: "succeeded", 5: "failed", 6: "cancelled"}
# Where an active task can stand; tables that a hub does not have are left out.
PLACES = ("ready", "deferred", "lease")


class Ledger:
    """A context manager: while it is open, a thread looks at the rows five times a second."""

    def __init__(self, fleet, provider=None, slots=None, every=0.2):
        self.fleet, self.provider = fleet, provider
        self.every = every            # seconds between two looks
        self.slots = slots or {}      # (node, worker) -> leases at most
        self.acknowledged = {}        # task -> prompt, or None
        self.ends = {}                # task -> (state, result) when first seen
        self.wrong = []
        self.looks = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self):
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        while not self._stop.wait(self.every):
            with contextlib.suppress(sqlite3.Error):
                self.look()

    # ---- what is submitted

    def submit(self, body, key=None, patience=60):
        """As a client does: until it has an answer, the same again under the same key."""
        end = time.monotonic() + patience
        key = key or f"ledger-{len(self.acknowledged)}-{time.monotonic_ns()}"
        while True:
            try:
                task = self.fleet.post("/fleet/v1/tasks", body, headers={"idempotency-key": key}, timeout=10)["id"]
                break
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code not in (408, 429):
                    raise
                last = error
            except OSError as error:
                last = error
            if time.monotonic() > end:
                raise AssertionError(f"nobody acknowledged it: {last!r}")
            time.sleep(0.1)
        return self.note(task, (body.get("input") or {}).get("prompt"))

    def note(self, task, prompt=None):
        self.acknowledged[task] = prompt
        return task

    def prompt(self, text, **more):
        return self.submit({"kind": "prompt", "model": "bought", "input": {"prompt": text}, **more})

    # ---- the invariants

    def look(self):
        """I1, I2, I3, I4 and I6, now, over one snapshot."""
        with contextlib.closing(sqlite3.connect(f"file:{self.fleet.database}?mode=ro", uri=True, timeout=5)) as rows, self._lock:
            known = list(self.acknowledged)  # before the snapshot: what is acknowledged later need not be in it
            rows.execute("BEGIN")
            self._look(rows, known)
            self.looks += 1

    def _say(self, what):
        if what not in self.wrong:
            self.wrong.append(what)

    def _look(self, rows, known):
        tables = {r[0] for r in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "task" not in tables:
            return
        places = collections.Counter()
        for table in PLACES:
            if table in tables:
                places.update(r[0] for r in rows.execute(f"SELECT task FROM {table}"))
        states = dict(rows.execute("SELECT id, state FROM task"))
        for task, state in states.items():
            if places[task] != (1 if state == 0 else 0):
                self._say(f"I1: t{task} with state {state} stands in {places[task]} places")
        for task in known:
            if int(task[1:]) not in states:
                self._say(f"I1: acknowledged {task} is gone")
        newest = dict(rows.execute("SELECT task, max(fence) FROM attempt GROUP BY task"))
        for task, fence in rows.execute("SELECT task, fence FROM lease"):
            if fence <= newest.get(task, 0):
                self._say(f"I2: t{task} is leased under fence {fence}, but {newest[task]} was told about already")
        for task, count, last in rows.execute("SELECT task, count(*), max(fence) FROM attempt WHERE outcome = 'succeeded' GROUP BY task"):
            if count > 1:
                self._say(f"I3: t{task} has {count} successful attempts")
            if last != newest[task]:
                self._say(f"I3: t{task}'s result is not of its newest fence")
            if states[task] != 4:
                self._say(f"I3: t{task} has a successful attempt and state {states[task]}")
        for node, worker, count in rows.execute(
                "SELECT n.name, l.worker, count(*) FROM lease l JOIN node n ON n.id = l.node GROUP BY 1, 2"):
            if count > self.slots.get((node, worker), 10 ** 9):
                self._say(f"I4: {worker}@{node} has {count} leases")
        if "concurrency_key" in tables:
            for key, most, count in rows.execute("SELECT k.key, k.most, count(*) FROM lease l JOIN concurrency_key k ON k.id = l.limited GROUP BY k.id"):
                if count > most:
                    self._say(f"I4: {count} tasks of key {key} have a lease, {most} may")
        for task, state, result in rows.execute("SELECT id, state, coalesce(result, '') || coalesce(error_message, '') FROM task WHERE state <> 0"):
            if self.ends.setdefault(task, (state, result)) != (state, result):
                self._say(f"I6: the end of t{task} changed from {self.ends[task]} to {(state, result)}")

    def finish(self, seconds=120):
        """I7: everything ends; then all the others once more. Nothing may be wrong. Seconds that it took."""
        began = time.monotonic()
        wait_until("everything that was acknowledged has ended", self.all_ended, seconds)
        took = time.monotonic() - began
        self.check()
        return took

    def check(self):
        self.look()
        if self.wrong:
            raise AssertionError("; ".join(self.wrong[:10]))

    def all_ended(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.fleet.database}?mode=ro", uri=True, timeout=5)) as rows:
            ended = {f"t{r[0]}" for r in rows.execute("SELECT id FROM task WHERE state <> 0")}
        return all(task in ended for task in self.acknowledged)

    def count(self, state):
        with contextlib.closing(sqlite3.connect(f"file:{self.fleet.database}?mode=ro", uri=True, timeout=5)) as rows:
            return rows.execute("SELECT count(*) FROM task WHERE state = ?", (next(n for n, s in ENDED.items() if s == state),)).fetchone()[0]

    # ---- money

    def bought(self):
        """(distinct prompts bought, purchases beyond the first of each): by the provider's log."""
        purchases = self.provider.purchases()
        return len(purchases), sum(purchases.values()) - len(purchases)

    def check_money(self, in_flight):
        """I5: at most `in_flight` answers were bought twice, and what the hub recorded as spent lies between the price of what it
        journalled and of what the provider says it sold."""
        prompts, twice = self.bought()
        if twice > in_flight:
            raise AssertionError(f"I5: {twice} answers were bought again, {in_flight} were in flight")
        with contextlib.closing(sqlite3.connect(f"file:{self.fleet.database}?mode=ro", uri=True, timeout=5)) as rows:
            journalled, cost = rows.execute("SELECT coalesce(sum(cost_pico_usd > 0), 0), coalesce(sum(cost_pico_usd), 0) FROM call_answer").fetchone()
            spent = rows.execute("SELECT coalesce(sum(cost_pico_usd), 0) FROM task").fetchone()[0]
        sold = prompts + twice
        each = cost // journalled if journalled else 0
        if not cost <= spent <= each * sold:
            raise AssertionError(f"I5: the journal has {cost}, the tasks {spent}, the provider sold {sold} at {each}")
        return twice
