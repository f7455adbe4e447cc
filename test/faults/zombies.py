"""Experiments 7 to 12: nodes that stand still, work that takes long, clocks that are wrong."""
import time
import urllib.error

from fleet_under_test import wait_until
from ledger import Ledger
from setting import READER, SHELL, Bought, Clock, Ground, outcomes
from table import experiment


@experiment(7, "A node is stopped (SIGSTOP) for three leases, then continued", "its lease goes to another; what it reports late is refused; the other's result stands")
def zombie(seen):
    import signal
    with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider) as ledger:
        box = fleet.node("box", READER.format(slots=1))
        task = ledger.prompt("[[slow~ms=1500]] for a zombie", worker="reader", max_attempts=5)
        wait_until("the provider is asked", lambda: provider.running() == 1)
        box.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        fleet.node("laptop", READER.format(slots=1))
        end = fleet.ended(task)
        taken = time.monotonic() - stopped
        assert (outcomes(end), end["node"]) == (["lost", "succeeded"], "laptop"), end
        time.sleep(max(0, stopped + 3 * fleet.lease - time.monotonic()))
        box.signal(signal.SIGCONT)
        continued = time.monotonic()
        wait_until("it takes part again", lambda: fleet.node_state("box") == "linked", 30)
        seen.recovered(time.monotonic() - continued)
        time.sleep(1)  # for whatever it still says
        ledger.finish()
        after = fleet.task(task)
        assert (outcomes(after), after["node"], after["result"]) == (outcomes(end), end["node"], end["result"]), after
        ledger.check_money(in_flight=0)
        seen(f"the other node had the result {taken:.1f} s after the stop, replayed from the journal (1 purchase); the late one changed nothing")


@experiment(8, "A zombie goes on with effects outside: it calls a model with its run's key", "the key of a run that is no longer the newest is refused before anything is bought")
def stale_key(seen):
    import signal
    with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider) as ledger:
        box = fleet.node("box", SHELL.format(slots=1))
        keys = fleet.folder / "key"
        task = ledger.submit(fleet.shell(f'[ -e {keys} ] || echo "$FLOTTE_KEY" > {keys}; sleep 2', node="box", max_attempts=5))
        key = wait_until("the run's key", lambda: keys.exists() and keys.read_text().strip())
        ask = {"model": "bought", "messages": [{"role": "user", "content": "an effect"}]}
        fleet.post("/v1/chat/completions", ask, key=key)
        box.signal(signal.SIGSTOP)
        wait_until("the lease is taken away", lambda: fleet.node_state("box") == "lost", 20)
        try:
            fleet.post("/v1/chat/completions", ask, key=key)
            raise AssertionError("the stale key was good")
        except urllib.error.HTTPError as error:
            code, said = error.code, error.read().decode()
        box.signal(signal.SIGCONT)
        ledger.finish()
        assert code in (401, 403), said
        assert sum(provider.purchases().values()) == 1, provider.purchases()
        ledger.check_money(in_flight=0)
        assert fleet.task(task)["state"] == "succeeded"
        seen(f"while its lease lived the key was good; afterwards {code}, and nothing was bought. A service outside that knows no fence may see "
             "an effect twice: that is the documented limit")


@experiment(9, "A node's work loop is blocked for four leases", "no false death: the link has a thread of its own; one attempt")
def blocked_loop(seen):
    with Ground() as fleet, Ledger(fleet) as ledger:
        fleet.node("box", SHELL.format(slots=1), failing=f"node.after_accept:delay:{4000 * fleet.lease}@1")
        task = ledger.submit(fleet.shell("echo done", max_attempts=1))
        states = set()
        end = time.monotonic() + 4 * fleet.lease
        while time.monotonic() < end:
            states.add(fleet.node_state("box"))
            time.sleep(0.2)
        ledger.finish()
        assert states == {"linked"} and outcomes(fleet.task(task)) == ["succeeded"], (states, fleet.task(task))
        seen(f"the node stayed linked for {4 * fleet.lease} s of a loop that did not turn; attempt 1 succeeded")


@experiment(10, "A model call takes very long (eight leases; 45 minutes in life)", "it is not given to anybody else; one purchase")
def long_call(seen):
    with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider) as ledger:
        for name in ("box", "laptop"):
            fleet.node(name, READER.format(slots=1))
        task = ledger.prompt(f"[[slow~ms={8000 * fleet.lease}]] take your time", worker="reader")
        ledger.finish(12 * fleet.lease)
        assert outcomes(fleet.task(task)) == ["succeeded"], fleet.task(task)
        assert ledger.check_money(in_flight=0) == 0
        seen(f"one attempt, one purchase after {8 * fleet.lease} s, with another node idle beside it")


@experiment(11, "A node's clock is an hour ahead, jumps to an hour behind, then to the right time", "no lease and no time of a task depends on it")
def node_clock(seen):
    with Ground() as fleet, Ledger(fleet) as ledger:
        clock = Clock(fleet.folder, hours=1)
        fleet.node("box", SHELL.format(slots=2), environment=clock.environment)
        tasks = [ledger.submit(fleet.shell("sleep 2", max_attempts=1))]
        for hours in (-1, 0, 1):
            time.sleep(1)
            clock.set(hours)
            tasks.append(ledger.submit(fleet.shell("sleep 2", max_attempts=1)))
        ledger.finish()
        for task in tasks:
            t = fleet.task(task)
            assert outcomes(t) == ["succeeded"], t
            assert t["created_at"] <= t["started_at"] <= t["ended_at"], t
        assert fleet.node_state("box") == "linked"
        seen(f"{len(tasks)} tasks across three jumps: one attempt each, times in the hub's order, the node linked throughout")
