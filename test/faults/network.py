"""Experiments 13 and 14: cables that are pulled, nodes as network namespaces."""
import re
import time

from fleet_under_test import wait_until
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


@experiment(14, "Asymmetric: the node's words arrive, the hub's do not", "treated as dead on both sides after a lease; no half-life")
def asymmetric(seen):
    with Far(lease=4) as fleet, Ledger(fleet) as ledger:
        fleet.far_node("box", SHELL.format(slots=1))
        task = ledger.submit(fleet.shell('echo begins; sleep 3; echo done', node="box", max_attempts=9))
        wait_until("it runs", lambda: "begins" in fleet.log_of(task))
        fleet.cables["box"].deafen()
        deaf = time.monotonic()
        wait_until("the hub gives it up", lambda: fleet.node_state("box") == "lost", 60)
        gone = time.monotonic() - deaf
        time.sleep(2 * fleet.lease)
        assert fleet.node_state("box") == "lost", "it half lives"
        fleet.cables["box"].hear()
        healed = time.monotonic()
        wait_until("it is linked again", lambda: fleet.node_state("box") == "linked", 60)
        seen.recovered(time.monotonic() - healed)
        ledger.finish()
        assert fleet.task(task)["state"] == "succeeded", fleet.task(task)
        seen(f"given up {gone:.1f} s after it became deaf, and not before it could hear again taken back; the task ended in attempt {fleet.task(task)['attempt']}")
