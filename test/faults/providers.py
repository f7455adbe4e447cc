"""Experiments 26, 27 and 33: providers that say no, and money."""
import collections
import json
import time

from fleet_under_test import wait_until
from ledger import Ledger
from setting import READER, Bought, Ground, outcomes
from table import experiment


OTHER = ('[[provider]]\nname = "other"\ndialect = "openai"\napis = ["chat"]\napi_key = "env:SIMULATED_KEY"\nbase_url = "{url}/openai/v1"\n'
         '[[model]]\nname = "elsewhere"\ntargets = [ {{ provider = "other", model = "text" }} ]\n')
WRITER = '[[worker]]\nname = "writer"\nkind = "model"\nmodel = "elsewhere"\nslots = 2\n'
COUNT = 8


def refused(seen, name, begin, end, seconds=4):
    """A provider that says no for a while, beside one that does not."""
    with Bought() as provider, Bought() as other, Ground(OTHER.format(url=other.url), provider=provider) as fleet, Ledger(fleet, provider) as ledger:
        fleet.node("box", READER.format(slots=4) + WRITER)
        begin(provider)
        began = time.monotonic()
        tasks = [ledger.prompt(f"refused {n}", worker="reader", max_attempts=2) for n in range(COUNT)]
        others = [ledger.submit({"kind": "prompt", "model": "elsewhere", "worker": "writer", "input": {"prompt": f"another flow {n}"}}) for n in range(4)]
        for task in others:
            assert outcomes(fleet.ended(task, seconds)) == ["succeeded"], fleet.task(task)
        others_s = time.monotonic() - began
        time.sleep(max(0, seconds - others_s))
        now = {t["id"]: t for t in fleet.get("/fleet/v1/tasks?limit=100")["items"]}  # at one moment
        words = collections.Counter(t["state"] + "/" + t["reason"] if t["reason"] else t["state"] for t in (now[task] for task in tasks))
        asked = provider.asked() if provider.process.poll() is None else None
        # One may be looking whether it works again; nobody has used an attempt.
        assert words["waiting/quota"] >= COUNT - 1 and sum(words.values()) - words["waiting/quota"] <= 1, words
        assert asked is None or asked <= COUNT, f"{asked} requests for {COUNT} tasks"
        end(provider)
        healed = time.monotonic()
        ledger.finish(120)
        seen.recovered(time.monotonic() - healed)
        for task in tasks:
            *before, last = outcomes(fleet.task(task))
            assert (last, set(before) - {"later"}, fleet.task(task)["attempt"]) == ("succeeded", set(), 1), fleet.task(task)
        ledger.check_money(in_flight=0)
        requests = "" if asked is None else f"{asked} requests, "
        seen(f"{name} for {seconds} s: {requests}" + ", ".join(f"{n} {w}" for w, n in sorted(words.items())) + f" of {COUNT}, "
             f"four tasks of another flow done after {others_s:.1f} s; all succeeded in attempt 1")


def leave(provider):
    provider.process.kill()
    provider.process.wait()
    provider.process.stdout.close()


def come_back(provider):
    provider.arguments += ["--port", provider.url.rsplit(":", 1)[1]]
    provider.__enter__()


@experiment(26, "The provider answers 429 with Retry-After, 429 without, 529, or is away", "the task waits without using an attempt; its flow waits, others go on; it comes back by itself")
def provider_says_no(seen):
    for name, scenario in (("429 with Retry-After", "rate~kind=seconds~s=3"), ("429 without", "rate~kind=none"), ("529", "status~code=529")):
        refused(seen, name, lambda provider: provider.play(scenario), lambda provider: provider.play("text"))
    refused(seen, "away", leave, come_back, 5)


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
        ledger.finish()
        ledger.check_money(in_flight=0)
        seen(f"budget for 100 calls: {bought} were bought, {max(0, bought - 100)} beyond it (with 50 slots); {succeeded} results kept, "
             f"{reasons['budget']} tasks cancelled with reason budget")
