"""Experiments 22 and 31: versions beside one another."""
import os
import pathlib
import subprocess
import time

from fleet_under_test import ROOT, wait_until
from ledger import Ledger
from setting import SHELL, Ground, Left, outcomes
from table import experiment

OLD = pathlib.Path(os.environ.get("FLOTTE_OLD_BINARY", ROOT / "build/old/flotte"))


def old_binary():
    if not OLD.exists() and ("FLOTTE_OLD_BINARY" in os.environ or subprocess.run([ROOT / "script/lib/older.sh", OLD], check=False).returncode != 0):
        raise Left(f"it needs a flotte of link protocol 1 in {OLD.relative_to(ROOT) if OLD.is_relative_to(ROOT) else OLD}; script/lib/older.sh "
                   "makes it of this repository's history")
    return OLD


def old_node(fleet, name, config):
    """A node of the older version, enrolled by itself."""
    process = fleet.node(name, config)
    process.stop()
    process.program = old_binary()
    process.start()
    wait_until(f"the older {name} is linked", lambda: fleet.node_state(name) == "linked")
    return process


@experiment(22, "A payload needs something that a node does not understand", "it is not offered to that node; it says what it waits for; other work goes on")
def unknown_payload(seen):
    with Ground() as fleet, Ledger(fleet) as ledger:
        fleet.node("box", SHELL.format(slots=2))
        strange = fleet.post("/fleet/v1/tasks", fleet.shell("echo never", features=["telepathy"]))["id"]
        for n in range(5):
            ledger.submit(fleet.shell(f"echo {n}"))
        ledger.finish()
        time.sleep(2)
        task, said = fleet.task(strange), fleet.get(f"/fleet/v1/tasks/{strange}/why")["text"]
        assert task["state"] == "queued" and task["attempt"] == 0 and not task["attempts"], task
        assert "shell@box runs flotte" in said and "telepathy" in said, said
        fleet.post(f"/fleet/v1/tasks/{strange}/cancel")
        seen(f"never offered, 0 attempts, five others ended; why: \"{said}\"")


@experiment(31, "A node of the older version under a new hub; rolling upgrade and downgrade with work in it", "the protocol is negotiated, tasks that the older one cannot do are not offered to it, nothing is lost")
def rolling(seen):
    old_binary()  # before the clock of anybody runs
    with Ground(lease=6) as fleet, Ledger(fleet) as ledger:
        old_node(fleet, "box", SHELL.format(slots=2))
        tasks = [ledger.submit(fleet.shell(f"sleep 1; echo {n}", max_attempts=5)) for n in range(6)]
        wait_until("it works", lambda: ledger.count("succeeded") > 0)
        newer = fleet.post("/fleet/v1/tasks", fleet.shell("echo steps", features=["steps"]))["id"]
        time.sleep(3)
        assert fleet.state(newer) == "queued", fleet.task(newer)
        began = time.monotonic()
        box = fleet.nodes["box"]
        box.stop()
        box.program = None
        box.start()  # upgraded
        wait_until("the upgraded node is linked", lambda: fleet.node_state("box") == "linked")
        seen.recovered(time.monotonic() - began)
        ledger.note(newer)
        wait_until("the newer task is done", lambda: fleet.state(newer) == "succeeded", 30)
        tasks += [ledger.submit(fleet.shell(f"sleep 1; echo {n}", max_attempts=5)) for n in range(6)]
        time.sleep(0.5)
        box.stop()
        box.program = old_binary()
        box.start()  # and back again
        wait_until("the older node is linked", lambda: fleet.node_state("box") == "linked")
        ledger.finish()
        most = max(len(outcomes(fleet.task(t))) for t in tasks)
        assert all(fleet.state(t) == "succeeded" for t in tasks)
        seen(f"the older node did its share; what needed 'steps' waited for the upgrade; 12 tasks across upgrade and downgrade, at most {most} attempts")
