"""Experiments 13 and 14: cables that are pulled, nodes as network namespaces."""
import contextlib
import os
import re
import time

from fleet_under_test import processes_with, wait_until
from ledger import Ledger
from setting import SHELL, Far, outcomes
from table import experiment

COUNT = 'for i in $(seq 1 {}); do echo "line $i"; sleep 0.1; done'


def lines_of(fleet, task):
    return [int(n) for n in re.findall(r"^line (\d+)$", fleet.log_of(task), re.M)]


@experiment(13, "The cable between node and hub is pulled and plugged in again", "shorter than the lease: the same run goes on, its output without a gap; longer: it is fenced and runs again")
def partition(seen):
    with Far(lease=6) as fleet, Ledger(fleet) as ledger:
        fleet.far_node("box", SHELL.format(slots=2))
        cable = fleet.cables["box"]
        short = ledger.submit(fleet.shell(COUNT.format(100), max_attempts=5))
        wait_until("it speaks", lambda: len(lines_of(fleet, short)) > 10)
        cable.pull()
        time.sleep(fleet.lease / 2)
        cable.plug()
        plugged = time.monotonic()
        wait_until("its output comes again", lambda: len(lines_of(fleet, short)) > 70, 60)
        seen.recovered(time.monotonic() - plugged)
        t = fleet.ended(short, 60)
        assert outcomes(t) == ["succeeded"] and lines_of(fleet, short) == list(range(1, 101)), (t, lines_of(fleet, short))
        long = ledger.submit(fleet.shell(COUNT.format(100), max_attempts=5))
        wait_until("it speaks", lambda: len(lines_of(fleet, long)) > 10)
        cable.pull()
        wait_until("the node is lost", lambda: fleet.node_state("box") == "lost", 4 * fleet.lease)
        time.sleep(1)
        cable.plug()
        plugged = time.monotonic()
        wait_until("it is linked again", lambda: fleet.node_state("box") == "linked", 60)
        seen.recovered(time.monotonic() - plugged)
        ledger.finish()
        t = fleet.task(long)
        assert outcomes(t)[-1] == "succeeded" and "lost" in outcomes(t) and lines_of(fleet, long) == list(range(1, 101)), t
        seen(f"{fleet.lease / 2:.0f} s away: one attempt, all 100 lines in order; longer than a lease: attempt 1 lost, attempt {len(outcomes(t))} complete")


def processes_in(node, text):
    """Processes of that node's machine whose command line contains the text."""
    def space(pid):
        with contextlib.suppress(OSError):
            return os.readlink(f"/proc/{pid}/ns/net")
    return [pid for pid, line in processes_with(text) if space(pid) == space(node.process.pid)]


@experiment(14, "Asymmetric: the node's words arrive, the hub's do not", "treated as dead on both sides after a lease; no half-life: no new work, its run goes to another and is ended when it hears again")
def asymmetric(seen):
    with Far(lease=4) as fleet, Ledger(fleet) as ledger:
        box = fleet.far_node("box", SHELL.format(slots=2))
        first = fleet.folder / "first"  # the first run never ends by itself
        task = ledger.submit(fleet.shell(f"echo begins; [ -e {first} ] || {{ touch {first}; sleep 600; }}; echo done", max_attempts=5))
        wait_until("it runs", lambda: "begins" in fleet.log_of(task))
        fleet.far_node("laptop", SHELL.format(slots=2))
        fleet.cables["box"].deafen()
        deaf = time.monotonic()
        wait_until("the hub gives it up", lambda: fleet.node_state("box") == "lost", 60)
        gone = time.monotonic() - deaf
        assert gone < 2 * fleet.lease, f"given up after {gone:.1f} s"
        wait_until("the node gives the hub up", lambda: "the hub said nothing for" in box.tail(1000), 2 * fleet.lease)
        mine = ledger.submit(fleet.shell("echo mine", node="box", max_attempts=1))
        end = fleet.ended(task, 30)
        assert (outcomes(end), end["node"]) == (["lost", "succeeded"], "laptop"), end
        time.sleep(max(0, deaf + 3 * fleet.lease - time.monotonic()))
        assert fleet.node_state("box") == "lost" and fleet.state(mine) == "queued", "it half lives"
        assert processes_in(box, "sleep 600"), "the first run ended by itself"
        fleet.cables["box"].hear()
        healed = time.monotonic()
        wait_until("it is linked again", lambda: fleet.node_state("box") == "linked", 60)
        seen.recovered(time.monotonic() - healed)
        wait_until("what it still ran is ended", lambda: not processes_in(box, "sleep 600"), 20)
        fenced = time.monotonic() - healed
        ledger.finish()
        after = fleet.task(task)
        assert (outcomes(after), after["node"], after["result"]) == (outcomes(end), "laptop", end["result"]), after
        assert outcomes(fleet.task(mine)) == ["succeeded"], fleet.task(mine)
        seen(f"given up by the hub {gone:.1f} s after it became deaf, and by itself too; the other node ended its task in attempt 2; nothing new was given to it "
             f"until it heard again; then its old run was ended within {fenced:.1f} s and changed nothing")
