"""Experiments 1 to 6: processes that die at the worst moments."""
import time
import urllib.error

from fleet_under_test import wait_until
from ledger import Ledger
from setting import READER, SHELL, Bought, Ground, outcomes
from table import experiment

ONE = SHELL.format(slots=2)


def dies_while_asked(fleet, body, key):
    """Submits to a hub that will not live to answer."""
    try:
        fleet.post("/fleet/v1/tasks", body, headers={"idempotency-key": key}, timeout=20)
    except (urllib.error.URLError, OSError):
        return fleet.hub_ended()
    raise AssertionError("it was acknowledged")


@experiment(1, "The hub dies (kill -9) after the task's INSERT, before COMMIT", "no acknowledgement, nothing stored; the same key again makes one task")
def before_commit(seen):
    with Ground(failing="submit.before_commit:kill9") as fleet, Ledger(fleet) as ledger:
        fleet.node("box", ONE)
        body = fleet.shell("echo once >> " + str(fleet.folder / "ran"))
        died = dies_while_asked(fleet, body, "k1")
        fleet.restart_hub()
        left = len(fleet.get("/fleet/v1/tasks")["items"])
        first, again = ledger.submit(body, "k1"), ledger.submit(body, "k1")
        ledger.finish()
        seen.recovered(time.monotonic() - died)
        ran = (fleet.folder / "ran").read_text().count("once")
        assert (left, first, ran) == (0, again, 1), (left, first, again, ran)
        seen("no answer, no row left; the same key made one task, which ran once")


@experiment(2, "The hub dies after COMMIT, before its reply", "the same key again gives the same task")
def after_commit(seen):
    with Ground(failing="submit.after_commit:kill9") as fleet, Ledger(fleet) as ledger:
        fleet.node("box", ONE)
        body = fleet.shell("echo once >> " + str(fleet.folder / "ran"))
        died = dies_while_asked(fleet, body, "k1")
        fleet.restart_hub()
        stored = [t["id"] for t in fleet.get("/fleet/v1/tasks")["items"]]
        task = ledger.submit(body, "k1")
        ledger.finish()
        seen.recovered(time.monotonic() - died)
        ran = (fleet.folder / "ran").read_text().count("once")
        assert stored == [task] and ran == 1, (stored, task, ran)
        seen("the task was there; the same key gave its id; it ran once")


@experiment(3, "The hub dies after a claim's COMMIT, before the node hears of it", "the node never starts it; the offer comes back and costs no attempt; one execution")
def after_claim(seen):
    with Ground(failing="claim.after_commit:kill9") as fleet, Ledger(fleet) as ledger:
        fleet.node("box", ONE)
        body = fleet.shell("echo once >> " + str(fleet.folder / "ran"), max_attempts=1)
        try:
            ledger.submit(body, "k1", patience=0.1)
        except AssertionError:
            pass
        died = fleet.hub_ended()
        time.sleep(0.5)
        assert not (fleet.folder / "ran").exists(), "it ran without an offer"
        fleet.restart_hub()
        task = ledger.submit(body, "k1")
        ledger.finish()
        seen.recovered(time.monotonic() - died)
        end = fleet.task(task)
        ran = (fleet.folder / "ran").read_text().count("once")
        assert (end["state"], end["attempt"], ran) == ("succeeded", 1, 1), (end, ran)
        seen("nothing ran while the hub was away; then one run, attempt 1 of 1")


@experiment(4, "A node dies in the middle of its tasks and stays away", "leases are given up within a lease and a second; attempt + 1; an answer that was paid for is replayed")
def node_dies(seen):
    with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider) as ledger:
        workers = ONE + READER.format(slots=2)
        # It dies as soon as it has the answer on its disk: bought, journalled, not reported.
        box = fleet.node("box", workers, failing="node.before_report:kill9")
        command = ledger.submit(fleet.shell('echo "$FLOTTE_TASK begins"; sleep 2; echo done', max_attempts=3))
        wait_until("the command runs", lambda: "begins" in fleet.log_of(command))
        prompt = ledger.prompt("[[slow~ms=500]] dies with its node", worker="reader", max_attempts=3)
        box.process.wait(20)
        died = time.monotonic()
        fleet.node("laptop", workers)
        wait_until("the node is lost", lambda: fleet.node_state("box") == "lost", 20)
        gone = time.monotonic() - died
        ledger.finish()
        seen.recovered(time.monotonic() - died)
        assert gone < fleet.lease + 1, f"lost after {gone:.1f} s"
        for task in (command, prompt):
            assert outcomes(fleet.task(task)) == ["lost", "succeeded"], fleet.task(task)
        replayed = fleet.task(prompt)["result"].get("replayed")
        purchases = sum(provider.purchases().values())
        assert (replayed, purchases) == (1, 1), (fleet.task(prompt), provider.purchases())
        ledger.check_money(in_flight=0)
        seen(f"the hub saw it {gone:.1f} s after its death; both tasks succeeded in attempt 2; one purchase, replayed for the second attempt")


@experiment(5, "A node dies with a result on its disk, before `complete`, and comes back", "the result is reported from its spool; no second run, no second payment")
def before_report(seen):
    with Bought() as provider, Ground(provider=provider, lease=6) as fleet, Ledger(fleet, provider) as ledger:
        box = fleet.node("box", READER.format(slots=2), failing="node.before_report:kill9")
        task = ledger.prompt("one result on the disk", worker="reader", max_attempts=1)
        box.process.wait(20)
        died = time.monotonic()
        box.start()
        ledger.finish()
        seen.recovered(time.monotonic() - died)
        assert outcomes(fleet.task(task)) == ["succeeded"], fleet.task(task)
        assert ledger.check_money(in_flight=0) == 0
        seen("attempt 1 succeeded with the result from the spool; one purchase")


@experiment(6, "The hub dies between a result's COMMIT and its reply", "the node says it again; it is known already; no second run")
def after_complete(seen):
    with Ground(failing="complete.after_commit:kill9") as fleet, Ledger(fleet) as ledger:
        fleet.node("box", ONE)
        spool = fleet.folder / "box/node/spool"

        def unsaid():
            return [p.name for p in spool.glob("*.seg") if p.stat().st_size]
        task = ledger.submit(fleet.shell("echo once >> " + str(fleet.folder / "ran")))
        died = fleet.hub_ended()
        assert unsaid(), "the node believes that it was told"
        fleet.restart_hub()
        wait_until("the node is linked again", lambda: fleet.node_state("box") == "linked")
        other = ledger.submit(fleet.shell("echo after"))
        ledger.finish()
        seen.recovered(time.monotonic() - died)
        ran = (fleet.folder / "ran").read_text().count("once")
        assert ran == 1 and outcomes(fleet.task(task)) == ["succeeded"] and outcomes(fleet.task(other)) == ["succeeded"], fleet.task(task)
        wait_until("the node is told that it is stored", lambda: not unsaid(), 10)
        seen("the result stayed in the node's spool until it was said again; one run, one outcome; the spool is empty, and the node works on")
