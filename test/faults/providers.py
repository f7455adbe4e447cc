"""Experiments 26, 27 and 33: providers that say no, and money."""
import collections
import json
import time

from fleet_under_test import wait_until
from ledger import Ledger
from setting import READER, Bought, Ground, outcomes
from table import experiment


@experiment(26, "The provider answers 429 with Retry-After, 429 without, 529, or is away", "the task waits without using an attempt; its flow waits, others go on; it comes back by itself")
def provider_says_no(seen):
    for name, scenario, seconds in (("429 with Retry-After", "rate~kind=seconds~s=3", 4), ("429 without", "rate~kind=none", 4), ("529", "status~code=529", 4)):
        with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider) as ledger:
            fleet.node("box", READER.format(slots=4))
            provider.play(scenario)
            tasks = [ledger.prompt(f"refused {n}", worker="reader", max_attempts=2) for n in range(8)]
            time.sleep(seconds)
            asked = sum(provider.purchases().values())
            reasons = collections.Counter((fleet.task(t)["state"], fleet.task(t)["reason"]) for t in tasks)
            provider.play("text")
            healed = time.monotonic()
            ledger.finish(120)
            seen.recovered(time.monotonic() - healed)
            ends = [fleet.task(t) for t in tasks]
            assert all(t["state"] == "succeeded" and t["attempt"] <= 1 for t in ends), [(t["state"], t["attempt"], t["error"]) for t in ends]
            words = ", ".join(f"{n} {s}{'/' + r if r else ''}" for (s, r), n in sorted(reasons.items(), key=str))
            seen(f"{name}: {asked} requests in {seconds} s for 8 tasks ({words}), all succeeded in attempt 1")
    with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider) as ledger:
        fleet.node("box", READER.format(slots=4))
        provider.process.kill()
        provider.process.wait()
        tasks = [ledger.prompt(f"nobody there {n}", worker="reader", max_attempts=2) for n in range(4)]
        time.sleep(5)
        states = collections.Counter((fleet.task(t)["state"], fleet.task(t)["reason"]) for t in tasks)
        port = provider.url.rsplit(":", 1)[1]
        provider.arguments += ["--port", port]
        provider.process.stdout.close()
        provider.__enter__()
        healed = time.monotonic()
        ledger.finish(120)
        seen.recovered(time.monotonic() - healed)
        ends = [fleet.task(t) for t in tasks]
        assert all(t["state"] == "succeeded" and t["attempt"] <= 1 for t in ends), [(t["state"], t["attempt"], t["error"]) for t in ends]
        seen("away for 5 s: " + ", ".join(f"{n} {s}{'/' + r if r else ''}" for (s, r), n in states.items()) + ", all succeeded in attempt 1")


@experiment(27, "Calls wait for their turn under a limit of the provider; their node dies before they are sent", "their places are given up: the limit is neither exceeded nor left unused for ever")
def reservation(seen):
    limit = 60
    with Bought() as provider, Ground(provider=provider, rpm=limit) as fleet, Ledger(fleet, provider) as ledger:
        box = fleet.node("box", READER.format(slots=16))
        for n in range(limit + 20):
            ledger.prompt(f"limited {n}", worker="reader", max_attempts=20)
        wait_until("the limit is reached", lambda: sum(provider.purchases().values()) >= limit * 0.8, 60)
        time.sleep(1)
        box.kill()
        died = time.monotonic()
        time.sleep(2)
        box.start()
        ledger.finish(200)
        seen.recovered(time.monotonic() - died)
        at = sorted(r["at_ms"] for r in provider.log() if r["method"] == "POST")
        most = max(sum(1 for b in at if a <= b < a + 60_000) for a in at)
        assert most <= limit, f"{most} requests in one minute"
        twice = ledger.check_money(in_flight=16)
        seen(f"at most {most} requests in any minute of the provider's log (limit {limit}); all {limit + 20} tasks succeeded; {twice} bought twice of at most 16 in flight")


@experiment(33, "A batch's budget is used up while 50 calls are in flight", "no new call starts; what was in flight is the most that it is exceeded by; results so far are kept")
def budget(seen):
    with Bought() as provider, Ground(provider=provider) as fleet, Ledger(fleet, provider) as ledger:
        fleet.node("box", READER.format(slots=50))
        one = ledger.prompt("[[slow~ms=10]] what one costs", worker="reader")
        cost = float(fleet.ended(one)["usage"]["cost_usd"])
        assert cost > 0, cost
        batch = fleet.post("/fleet/v1/batches", {"title": "poor", "max_cost_usd": f"{cost * 100.5:.9f}"})["id"]
        lines = "\n".join(json.dumps({"index": n, "task": {"kind": "prompt", "worker": "reader", "model": "bought", "input": {"prompt": f"[[slow~ms=700]] dear {n}"}}}) for n in range(400))
        fleet.request("POST", f"/fleet/v1/batches/{batch}/items", lines.encode(), headers={"content-type": "application/x-ndjson"}).close()
        fleet.post(f"/fleet/v1/batches/{batch}/seal")
        wait_until("the batch ends", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["state"] in ("cancelled", "done"), 120)
        time.sleep(1)
        ended = fleet.get(f"/fleet/v1/batches/{batch}")
        bought = sum(provider.purchases().values()) - 1
        time.sleep(2)
        assert sum(provider.purchases().values()) - 1 == bought, "calls went on"
        succeeded = ended["counts"].get("succeeded", 0)
        assert 90 <= bought <= 100 + 50, bought
        assert succeeded + ended["counts"].get("cancelled", 0) == 400 and succeeded == bought, ended
        items = fleet.get(f"/fleet/v1/tasks?batch={batch}&limit=400")["items"]
        reasons = collections.Counter(t["reason"] for t in items if t["state"] == "cancelled")
        assert set(reasons) == {"budget"}, reasons
        ledger.check()
        seen(f"budget for 100 calls: {bought} were bought, {max(0, bought - 100)} beyond it (with 50 slots); {succeeded} results kept, "
             f"{reasons['budget']} tasks cancelled with reason budget")
