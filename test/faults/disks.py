"""Experiment 18: disks that are full, one after the other."""
import contextlib
import hashlib
import os
import sqlite3
import time
import urllib.error

from fleet_under_test import wait_until
from ledger import Ledger
from setting import SHELL, Ground, fill, outcomes, small_disk
from table import experiment


def refused(fleet, body):
    """The status of a submission, and what was said."""
    try:
        return 201, fleet.post("/fleet/v1/tasks", body, timeout=20)["id"]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def intact(database):
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        return rows.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def hub_disk(seen):
    """The hub's data: its database and its blobs."""
    with contextlib.ExitStack() as stack:
        fleet = Ground()  # not yet started: its data goes to the small disk
        small = stack.enter_context(small_disk(fleet.folder, 24))
        fleet.hub.arguments[fleet.hub.arguments.index("--data") + 1] = small / "hub"
        fleet.data = small / "hub"
        stack.enter_context(fleet)
        ledger = stack.enter_context(Ledger(fleet))
        fleet.node("box", SHELL.format(slots=2))
        first = ledger.submit(fleet.shell("sleep 2; echo done", max_attempts=5))
        wait_until("it runs", lambda: fleet.state(first) == "running")
        ballast = fill(small)
        code = wait_until("submissions are refused", lambda: next((c for c in [refused(fleet, fleet.shell("true" + " #" * 40000))[0]] if c != 201), None), 30)
        blob = os.urandom(2_000_000)
        try:
            fleet.request("PUT", f"/fleet/v1/blobs/{hashlib.sha256(blob).hexdigest()}", blob)
            raise AssertionError("a blob went onto a full disk")
        except urllib.error.HTTPError as error:
            blob_code = error.code
        time.sleep(3)  # the task ends meanwhile; its result has no room here
        assert fleet.ready(), "the hub fell over"
        ballast.unlink()
        freed = time.monotonic()
        second = ledger.submit(fleet.shell("echo after", max_attempts=5))
        ledger.finish()
        seen.recovered(time.monotonic() - freed)
        assert intact(fleet.database), "the database is damaged"
        for task in (first, second):
            assert fleet.task(task)["state"] == "succeeded", fleet.task(task)
        # Refused tasks are not there.
        assert len(fleet.get("/fleet/v1/tasks?limit=100")["items"]) <= 2 + ledger_extra(fleet), "a refused task was stored"
        seen(f"hub: submit answered {code}, a blob {blob_code}; the task that ran ended with its result once there was room, attempts {outcomes(fleet.task(first))}; integrity_check ok")


def ledger_extra(fleet):
    """Submissions that were answered 201 while the disk was filling up."""
    return sum(1 for t in fleet.get("/fleet/v1/tasks?limit=100")["items"] if t["title"].startswith("sh -c true"))


def node_disk(seen):
    """A node's data: its spool, and the output of its commands."""
    with contextlib.ExitStack() as stack:
        fleet = stack.enter_context(Ground())
        small = stack.enter_context(small_disk(fleet.folder, 4))
        (fleet.folder / "box").symlink_to(small)
        ledger = stack.enter_context(Ledger(fleet))
        stack.callback(lambda: fleet.nodes["box"].stop())  # before its disk goes away
        fleet.node("box", SHELL.format(slots=2))
        warm = ledger.submit(fleet.shell("echo warm", max_attempts=5))
        wait_until("a first task", lambda: fleet.state(warm) == "succeeded")
        ballast = fill(small)
        task = ledger.submit(fleet.shell("echo done", max_attempts=100))
        time.sleep(3)
        during = fleet.task(task)
        assert fleet.node_state("box") == "linked", "the node fell over"
        ballast.unlink()
        freed = time.monotonic()
        ledger.finish()
        seen.recovered(time.monotonic() - freed)
        assert fleet.task(task)["state"] == "succeeded", fleet.task(task)
        seen(f"node: it stayed linked, its task was {during['state']} meanwhile and succeeded with room, attempts {len(outcomes(fleet.task(task)))}")


@experiment(18, "The disk of the hub (database, blobs) is full, then the disk of a node (spool, logs of commands)",
            "submits are refused with a status that says so, running tasks finish or park, nothing is damaged, it recovers without a hand")
def full_disks(seen):
    hub_disk(seen)
    node_disk(seen)
