"""Experiment 19: the power is cut. A hub's writes and syncs are recorded (store/detail/recording_vfs.hpp); afterwards the files are built as
a cut at each moment may leave them, and opened."""
import contextlib
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import tempfile
import threading
import time

from fleet_under_test import Process, wait_until
from ledger import Ledger
from setting import SHELL, Ground
from table import experiment

HEADER = struct.Struct("=cB6xqqq")
FILES = ("flotte.db", "flotte.db-wal", "flotte.db-journal")
SECTOR = 512


def events(path):
    """(what, file, seconds, offset, bytes) in order."""
    data = memoryview(pathlib.Path(path).read_bytes())
    at = 0
    while at + HEADER.size <= len(data):
        what, file, ns, offset, size = HEADER.unpack_from(data, at)
        at += HEADER.size
        yield what.decode(), file, ns / 1e9, offset, bytes(data[at:at + size])
        at += size


class Disk:
    """Three files: what a cut certainly leaves, and what was written since, which it may leave in any part."""

    def __init__(self):
        self.synced = [bytearray(), bytearray(), bytearray()]
        self.there = [False, False, False]
        self.open = [[], [], []]  # writes and truncations that are not synced

    @staticmethod
    def apply(content, what, offset, data):
        if what == "T":
            del content[offset:]
            content.extend(b"\0" * (offset - len(content)))
        else:
            content.extend(b"\0" * (offset - len(content)))
            content[offset:offset + len(data)] = data

    def take(self, what, file, offset, data):
        if what == "D":
            self.there[file], self.synced[file], self.open[file] = False, bytearray(), []
        elif what == "S":
            for change in self.open[file]:
                self.apply(self.synced[file], *change)
            self.open[file], self.there[file] = [], True
        else:
            self.open[file].append((what, offset, data))

    def leave(self, folder, chance=None):
        """The files as a cut leaves them. Without `chance` nothing that was not synced is left; with it some of it is, in torn pieces."""
        for file, name in enumerate(FILES):
            content = bytearray(self.synced[file])
            any_of_it = self.there[file]
            if chance:
                for what, offset, data in self.open[file]:
                    if chance.random() < 0.5:
                        continue
                    any_of_it = True
                    if what == "W" and chance.random() < 0.3:  # cut between two sectors
                        data = data[:chance.randrange(0, len(data) + 1) // SECTOR * SECTOR]
                    self.apply(content, what, offset, data)
            if any_of_it:
                (folder / name).write_bytes(content)


def look(folder, acknowledged, ended):
    """What is wrong with these files; acknowledged: tasks that must be there, ended: those that must have their end."""
    path = folder / FILES[0]
    if not path.exists() or path.stat().st_size == 0:
        return f"no database, but {len(acknowledged)} tasks were acknowledged" if acknowledged else None
    with contextlib.closing(sqlite3.connect(path)) as rows:
        try:
            good = rows.execute("PRAGMA integrity_check").fetchone()[0]
            if good != "ok":
                return f"integrity_check: {good}"
            tables = {r[0] for r in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            states = dict(rows.execute("SELECT id, state FROM task")) if "task" in tables else {}
        except sqlite3.DatabaseError as error:
            return str(error)
    missing = [t for t in acknowledged if t not in states]
    undone = [t for t in ended if states.get(t) == 0]
    if missing or undone:
        return f"acknowledged and gone: {missing[:3]}; ended and open again: {undone[:3]}"
    return None


@experiment(19, "The power of the hub's machine is cut, at any moment", "every acknowledged submission and every result that was seen is there; the files open without repair, and the work goes on")
def power_cut(seen):
    with contextlib.ExitStack() as stack:
        fleet = Ground(lease=10)
        log = fleet.folder / "store.log"
        fleet.hub.environment["FLOTTE_STORE_LOG"] = str(log)
        stack.enter_context(fleet)
        ledger = stack.enter_context(Ledger(fleet, every=1))
        fleet.node("box", SHELL.format(slots=4))
        acknowledged, ended = [], {}  # (moment, task)
        stop = threading.Event()

        def follow():
            while not stop.wait(0.05):
                for t in fleet.get("/fleet/v1/tasks?state=succeeded&limit=1000")["items"]:
                    ended.setdefault(int(t["id"][1:]), time.monotonic())
        follower = threading.Thread(target=follow)
        follower.start()
        for n in range(150):
            task = ledger.submit(fleet.shell("", title="x" * (n * 37 % 200)) | {"input": {"argv": ["true"]}})
            acknowledged.append((time.monotonic(), int(task[1:])))
        ledger.finish()
        wait_until("every end was seen", lambda: len(ended) >= 150)
        stop.set()
        follower.join()
        fleet.nodes["box"].stop()
        fleet.hub.stop()
        disk, chance = Disk(), random.Random(19)
        syncs = cuts = torn = opened = 0
        folder = pathlib.Path(tempfile.mkdtemp(prefix="flotte-power-"))
        stack.callback(shutil.rmtree, folder, True)

        def cut(moment, with_chance):
            place = folder / f"cut{cuts}"
            place.mkdir()
            disk.leave(place, chance if with_chance else None)
            wrong = look(place, [t for at, t in acknowledged if at <= moment], [t for t, at in ended.items() if at <= moment])
            assert wrong is None, f"cut at sync {syncs}, {'torn' if with_chance else 'only what was synced'}: {wrong}"
            return place
        everything = list(events(log))
        for n, (what, file, at, offset, data) in enumerate(everything):
            # The disk without this sync: whoever was answered until now relied on earlier ones.
            if what == "S":
                for with_chance in (False, True):
                    cuts += 1
                    torn += with_chance
                    place = cut(at, with_chance)
                    shutil.rmtree(place)
                syncs += 1
            disk.take(what, file, offset, data)
        assert syncs > 100, f"only {syncs} syncs were recorded"
        # A few of them with the real hub: it starts, and what was acknowledged is there.
        marks = sorted(chance.sample([n for n, e in enumerate(everything) if e[0] == "S"][20:], 3))
        disk = Disk()
        for n, (what, file, at, offset, data) in enumerate(everything):
            if n in marks:
                cuts += 1
                place = cut(at, True)
                expected = [t for moment, t in acknowledged if moment <= at]
                began = time.monotonic()
                opened += check_with_hub(fleet, place, expected)
                seen.recovered(time.monotonic() - began)
                shutil.rmtree(place)
            disk.take(what, file, offset, data)
        seen(f"{syncs} sync points of {len(everything)} recorded writes: {cuts} files built ({torn} with torn and reordered rests of what was not synced), "
             f"all pass integrity_check and hold every acknowledged task and end; {opened} were opened by the hub, and what was not over in them was done by a new node")


def check_with_hub(fleet, place, expected):
    data = fleet.folder / f"after-{place.name}"
    shutil.copytree(fleet.data, data, ignore=shutil.ignore_patterns("flotte.db*", "node"))
    for name in FILES:
        if (place / name).exists():
            shutil.copy(place / name, data / name)
    arguments = list(fleet.hub.arguments)
    arguments[arguments.index("--data") + 1] = data
    hub = Process(f"hub-{place.name}", arguments, fleet.folder)
    kept, fleet.hub = fleet.hub, hub
    hub.environment["SIMULATED_KEY"] = "x"
    try:
        hub.start()
        wait_until("the hub answers", fleet.ready)
        there = {int(t["id"][1:]): t["state"] for t in fleet.get("/fleet/v1/tasks?limit=1000")["items"]}
        assert set(expected) <= set(there), set(expected) - set(there)
        node = fleet.node(f"node-{place.name}", SHELL.format(slots=4))
        another = fleet.post("/fleet/v1/tasks", fleet.shell("echo after"))["id"]
        assert int(another[1:]) not in expected, f"{another} was given away twice"
        wait_until("the work goes on", lambda: all(t["state"] == "succeeded" for t in fleet.get("/fleet/v1/tasks?limit=1000")["items"]), 60)
        node.stop()
    finally:
        hub.stop()
        fleet.hub = kept
    return 1
