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
    """A context manager: while it is open, a thread looks at the rows every so many seconds. It does not close in peace before it has seen
    something, was asked at the end and, where a provider sells, has compared the money."""
    opened = []  # of the experiment that is being made: for the page

    def __init__(self, fleet, provider=None, every=0.2):
        self.fleet, self.provider = fleet, provider
        self.every = every            # seconds between two looks
        self.acknowledged = {}        # task -> prompt, or None
        self.ends = {}                # task -> (state, result) when first seen
        self.wrong = []
        self.looks, self.blind = 0, []  # of the thread: how often it saw the rows, and why it did not
        self.checked, self.compared = False, provider is None
        Ledger.opened.append(self)
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self):
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        self._thread.join()
        if kind is not None:
            return
        self._raise()
        for done, what in ((self.looks, f"the ledger never saw the rows: {self.blind[:1]}"), (self.checked, "nobody asked the ledger at the end"),
                           (self.compared, "the money was not compared")):
            if not done:
                raise AssertionError(what)

    def _watch(self):
        while True:
            try:
                self.look()
                self.looks += 1
            except sqlite3.Error as error:  # a hub that starts, a disk that is full
                self.blind.append(repr(error))
            except Exception as error:
                self._say(f"the ledger cannot read the rows: {error!r}")
            if self._stop.wait(self.every):
                return

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
            if count > self.fleet.slots.get((node, worker), 10 ** 9):
                self._say(f"I4: {worker}@{node} has {count} leases for {self.fleet.slots[node, worker]} slots")
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
        self.checked = True
        self._raise()

    def _raise(self):
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
        self.compared = True
        prompts, twice = self.bought()
        if twice > in_flight:
            raise AssertionError(f"I5: {twice} answers were bought again, {in_flight} were in flight")
        with contextlib.closing(sqlite3.connect(f"file:{self.fleet.database}?mode=ro", uri=True, timeout=5)) as rows:
            journalled, cost = rows.execute("SELECT coalesce(sum(cost_pico_usd > 0), 0), coalesce(sum(cost_pico_usd), 0) FROM call_answer").fetchone()
            spent = rows.execute("SELECT coalesce(sum(cost_pico_usd), 0) FROM task").fetchone()[0]
        sold = prompts + twice
        if not (cost <= spent and spent * journalled <= cost * sold):
            raise AssertionError(f"I5: the journal has {cost} for {journalled} answers, the tasks {spent}, the provider sold {sold}")
        return twice
