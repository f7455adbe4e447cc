"""Five minutes in which the hub and five nodes are killed and cut off at random, under a batch of 2,000 prompts."""
import contextlib
import json
import os
import random
import sqlite3
import threading
import time
import urllib.error

from fleet_under_test import wait_until
from ledger import Ledger
from setting import Bought, Far
from table import experiment

MINUTES = float(os.environ.get("FLOTTE_CHAOS_MINUTES", "5"))
PROMPTS = int(os.environ.get("FLOTTE_CHAOS_PROMPTS", "2000"))
SEED = int(os.environ.get("FLOTTE_CHAOS_SEED", "1"))
WORKERS = ('[[worker]]\nname = "reader"\nkind = "model"\nmodel = "bought"\nslots = 3\n'
           '[[worker]]\nname = "local"\nkind = "model"\nmodel = "flotte-demo"\nslots = 2\n')


class Chaos:
    def __init__(self, fleet, ledger, provider):
        self.fleet, self.ledger, self.provider = fleet, ledger, provider
        self.chance = random.Random(SEED)
        self.in_flight, self.counts = 0, {}
        self.worst = 0.0  # seconds that the hub needed to answer again

    def leased_to(self, node):
        """Prompts whose tasks that node has now."""
        with contextlib.closing(sqlite3.connect(f"file:{self.fleet.database}?mode=ro", uri=True, timeout=5)) as rows:
            specs = rows.execute("SELECT i.spec FROM lease l JOIN node n ON n.id = l.node JOIN task_input i ON i.task = l.task WHERE n.name = ?",
                                 (node,)).fetchall()
        return {json.loads(s[0])["input"]["prompt"] for s in specs}

    def calls_in_flight(self, node=None):
        """Calls that the provider has not finished; of one node's tasks."""
        asked = [r["seen"]["user"] for r in self.provider.log() if r["method"] == "POST" and r["state"] == "running"]
        mine = self.leased_to(node) if node else None
        return sum(1 for prompt in asked if mine is None or prompt in mine)

    def note(self, what, node=None):
        self.counts[what] = self.counts.get(what, 0) + 1
        self.in_flight += self.calls_in_flight(node)

    def kill_hub(self):
        self.note("hub killed")
        self.fleet.hub.kill()
        time.sleep(self.chance.uniform(0, 5))
        self.worst = max(self.worst, self.fleet.restart_hub())

    def kill_node(self, name):
        self.note("nodes killed", name)
        self.fleet.nodes[name].kill()
        threading.Timer(self.chance.uniform(0, 8), self.fleet.nodes[name].start).start()

    def pull_cable(self, name):
        self.note("cables pulled", name)
        self.fleet.cables[name].pull()
        threading.Timer(self.chance.uniform(0.5, 8), self.fleet.cables[name].plug).start()

    def rage(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self.chance.uniform(1, 5))
            name = self.chance.choice(sorted(self.fleet.nodes))
            dice = self.chance.random()
            if dice < 0.2:
                self.kill_hub()
            elif self.fleet.nodes[name].process.poll() is not None:
                continue  # not back yet
            elif dice < 0.75:
                self.kill_node(name)
            else:
                self.pull_cable(name)
        time.sleep(9)  # the last of them come back
        for name, process in self.fleet.nodes.items():
            self.fleet.cables[name].plug()
            assert process.process.poll() is None, f"{name} ended:\n{process.tail()}"


def upload(fleet, batch, bodies, patience):
    """In pieces, each until it is acknowledged."""
    end = time.monotonic() + patience
    for first in range(0, len(bodies), 250):
        lines = "\n".join(json.dumps({"index": first + n, "task": body}) for n, body in enumerate(bodies[first:first + 250]))
        while True:
            try:
                with fleet.request("POST", f"/fleet/v1/batches/{batch}/items", lines.encode(), headers={"content-type": "application/x-ndjson"}):
                    break
            except (urllib.error.URLError, OSError) as error:
                assert time.monotonic() < end, f"items could not be uploaded: {error!r}"
                time.sleep(0.3)
        time.sleep(0.5)
    while True:
        try:
            return fleet.post(f"/fleet/v1/batches/{batch}/seal")
        except (urllib.error.URLError, OSError) as error:
            assert time.monotonic() < end, f"the batch could not be sealed: {error!r}"
            time.sleep(0.3)


def bodies():
    """Half of them for the provider, half for llama.cpp; each text once."""
    length = random.Random(SEED + 1)
    out = []
    for n in range(PROMPTS):
        if n % 2:
            out.append({"kind": "prompt", "worker": "local", "max_attempts": 100, "input": {"prompt": f"Summarise this document. Number {n}: the fleet sails at dawn."}})
        else:
            out.append({"kind": "prompt", "worker": "reader", "max_attempts": 100, "input": {"prompt": f"[[slow~ms={length.randrange(1500, 5500)}]] prompt {n}"}})
    return out


def results_of(fleet, batch):
    """Every task of the batch as the API lists it."""
    items, cursor = [], ""
    while True:
        page = fleet.get(f"/fleet/v1/tasks?batch={batch}&limit=500{cursor}")
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


@experiment("chaos", "Hub and nodes are killed and cut off at random", "all results are there, once; bought twice at most what was in flight")
def chaos(seen):
    with Bought() as provider, Far(provider=provider, lease=6) as fleet, Ledger(fleet, provider, every=1) as ledger:
        for n in range(1, 6):
            engine = (f'[[engine]]\nname = "llama"\nkind = "llama-server"\nmodel = "{fleet_model()}"\nargs = ["-c", "8192", "-np", "2", "-t", "1", "-tb", "1"]\n'
                      if n <= 2 else "")
            fleet.far_node(f"n{n}", WORKERS + engine)
        for name in ("n1", "n2"):
            fleet.wait_for_engine(name)
        batch = fleet.post("/fleet/v1/batches", {"title": "chaos"})["id"]
        work = bodies()
        client = threading.Thread(target=upload, args=(fleet, batch, work, 120))
        chaos = Chaos(fleet, ledger, provider)
        client.start()
        began = time.monotonic()
        chaos.rage(MINUTES * 60)
        client.join()
        at_end = fleet.get(f"/fleet/v1/batches/{batch}")["counts"]
        wait_until("the batch is done", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["state"] == "done", 900)
        took = time.monotonic() - began
        tasks = results_of(fleet, batch)
        for task in tasks:
            ledger.note(task["id"])
        ledger.finish()
        assert len(tasks) == len({t["id"] for t in tasks}) == PROMPTS, len(tasks)
        bad = [t for t in tasks if t["state"] != "succeeded" or not t["result"]["text"]]
        assert not bad, bad[:3]
        prompts, twice = ledger.bought()
        assert prompts == PROMPTS // 2, f"{prompts} of {PROMPTS // 2} prompts reached the provider"
        ledger.check_money(in_flight=chaos.in_flight)
        attempts = sum(t["attempt"] for t in tasks)
        done = at_end.get("succeeded", 0)
        seen.recovered(chaos.worst)
        seen(f"A batch of {PROMPTS} prompts, half of them for llama.cpp on two of five nodes, half for the scripted provider. In {MINUTES:g} minutes: "
             + ", ".join(f"{n} {what}" for what, n in sorted(chaos.counts.items()))
             + f"; {done} results were there when it ended, the last after {took:.0f} s. All {PROMPTS} results are there, once, in {attempts} attempts. "
             f"The provider's log has {prompts + twice} purchases for {prompts} prompts: **{twice} answers were bought twice**; {chaos.in_flight} calls "
             f"were in flight at the moments of the {sum(chaos.counts.values())} faults. The hub answered again within {chaos.worst:.1f} s of each restart")


def fleet_model():
    from fleet_under_test import MODEL
    return MODEL
