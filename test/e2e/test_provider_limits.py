"""Provider limits shared by tasks and people, by the provider's own log: a limit is kept, and used, and a person gets through at once. Tasks wait
in the fleet and say until when; a 429 costs no attempt and what comes back comes slowly.

FLOTTE_LIMITS_FULL=1: 60 requests a minute, 200 tasks, 205 s (script/faults limits). Else the same at 120 a minute for some twenty seconds."""
import bisect
import os
import threading
import time
import unittest

from fleet_under_test import Fleet, wait_until
from simulated import KEY, Simulated

FULL = os.environ.get("FLOTTE_LIMITS_FULL") == "1"
RPM, TASKS, SECONDS = (60, 200, 205) if FULL else (120, 200, 22)


def config(url, limits):
    return f'[[provider]]\nname = "paid"\ndialect = "openai"\nbase_url = "{url}/openai/v1"\napis = ["chat"]\napi_key = "{KEY}"\n{limits}'


def asked(simulated):
    """When the provider got each request for an answer, in seconds."""
    return sorted(r["at_ms"] / 1000 for r in simulated.log() if r["path"].endswith("/chat/completions"))


def most_in(times, window):
    return max((bisect.bisect_left(times, t + window) - i for i, t in enumerate(times)), default=0)


class ProviderLimits(unittest.TestCase):
    def setUp(self):
        self.simulated = Simulated().__enter__()
        self.addCleanup(self.simulated.__exit__)

    def submit(self, fleet, count, model="paid/m"):
        batch = fleet.post("/fleet/v1/batches", {"title": "many"})["id"]
        lines = "".join('{"index":%d,"task":{"kind":"prompt","model":"%s","input":{"prompt":"number %d"}}}\n' % (i, model, i) for i in range(count))
        with fleet.request("POST", f"/fleet/v1/batches/{batch}/items", lines.encode(), headers={"content-type": "application/x-ndjson"}) as answer:
            answer.read()
        fleet.post(f"/fleet/v1/batches/{batch}/seal")
        return batch

    def tasks(self, fleet, batch, state):
        return fleet.get(f"/fleet/v1/tasks?batch={batch}&state={state}&limit=500")["items"]

    def test_the_limit_is_kept_and_used_and_a_person_gets_through_at_once(self):
        # Each answer takes a while, so that several are under way at the same time.
        self.simulated.play("slow~ms=1500")
        with Fleet(config(self.simulated.url, f"limits = {{ rpm = {RPM} }}\n")) as fleet:
            batch = self.submit(fleet, TASKS)
            began = wait_until("the first request", lambda: asked(self.simulated))[0]
            waits, people, stop = [], [], threading.Event()

            def person():
                while not stop.wait(3):
                    at = time.time()
                    with fleet.request("POST", "/v1/chat/completions", {"model": "paid/text", "messages": [{"role": "user", "content": "now"}]}) as answer:
                        answer.read()
                    people.append(at)
                    waits.append(time.time() - at)

            thread = threading.Thread(target=person)
            thread.start()
            try:
                waiting = wait_until("tasks that wait", lambda: self.tasks(fleet, batch, "waiting"))
                self.assertEqual({t["reason"] for t in waiting}, {"quota"})

                def why():
                    told = fleet.get(f"/fleet/v1/tasks/{waiting[-1]['id']}/why")
                    return told if "limits of those who answer for" in told["text"] and told["due_at"] else None
                wait_until("why, with the time", why)
                time.sleep(max(0, began + SECONDS - time.time()))
            finally:
                stop.set()
                thread.join()
            times = [t for t in asked(self.simulated) if t <= began + SECONDS]
            counts = fleet.get(f"/fleet/v1/batches/{batch}")["counts"]
            states = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
            share = len(times) / (RPM * SECONDS / 60)
            print(f"{RPM} requests a minute, {SECONDS} s: {len(times)} by the provider's log ({share:.0%}), at most {most_in(times, 60)} in a minute; "
                  f"{len(waits)} calls of a person, the slowest {max(waits):.2f} s; tasks at the end: {states}")
            self.assertLessEqual(most_in(times, 60), RPM)
            # The limit is spread over its minute: a window of 60 s alone would let a shorter run ask for all of it at once.
            self.assertLessEqual(len(times), RPM * (SECONDS + 3) / 60 + len(people))
            self.assertGreaterEqual(share, 0.9, "idle by more than a tenth")
            if FULL:
                ends = [began + s for s in range(0, SECONDS - 60)]
                fewest = min(bisect.bisect_left(times, t + 60) - bisect.bisect_left(times, t) for t in ends)
                self.assertGreaterEqual(fewest, RPM * 0.9)
            self.assertGreaterEqual(len(waits), 4)
            self.assertLess(max(waits), 2.0)
            self.assertEqual(counts.get("failed", 0), 0)
            self.assertTrue(all(r["status"] != 429 for r in self.simulated.log()))

    def test_a_429_parks_the_flow_costs_no_attempt_and_what_comes_back_comes_slowly(self):
        self.simulated.play("rate~s=6")
        with Fleet(config(self.simulated.url, "")) as fleet:
            batch = self.submit(fleet, 40)
            wait_until("all wait", lambda: len(self.tasks(fleet, batch, "waiting")) == 40)
            first = asked(self.simulated)
            self.assertLessEqual(len(first), 8, "the flow is parked: not everybody finds out by himself")
            for task in self.tasks(fleet, batch, "waiting"):
                self.assertEqual((task["reason"], task["attempt"]), ("quota", 0))
            why = fleet.get(f"/fleet/v1/tasks/{self.tasks(fleet, batch, 'waiting')[0]['id']}/why")
            self.assertIsNotNone(why["due_at"])
            self.simulated.play("text")
            wait_until("all done", lambda: fleet.get(f"/fleet/v1/batches/{batch}")["counts"]["succeeded"] == 40, 60)
            self.assertEqual({t["attempt"] for t in self.tasks(fleet, batch, "succeeded")}, {1})
            times = [t for t in asked(self.simulated) if t not in first]
            self.assertGreaterEqual(times[0] - first[0], 5.5, "not before it said")
            self.assertLessEqual(bisect.bisect_left(times, times[0] + 0.8), 2, "one looks whether it works, then twice as many")


if __name__ == "__main__":
    unittest.main()
