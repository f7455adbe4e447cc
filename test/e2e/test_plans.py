"""Tasks that wait for others, schedules and budgets of tasks: real hub, real node, command line, a scripted provider that counts."""
import json
import os
import sys
import unittest
import urllib.error
import urllib.request
from decimal import Decimal

from fleet_under_test import wait_until
from test_cost import CALL, priced_fleet

SHELL = '[[worker]]\nname = "shell"\nkind = "command"\nslots = 8\n'
# Fifty calls at once; says how many were answered and how many refused, and then stays.
MANY = r"""
import collections, json, os, sys, threading, time, urllib.error, urllib.request
said = collections.Counter()
def ask(n):
    body = {"model": "paid", "max_tokens": 4, "messages": [{"role": "user", "content": f"call {n}"}]}
    call = urllib.request.Request(os.environ["FLOTTE_URL"] + "/v1/chat/completions", data=json.dumps(body).encode(), method="POST",
                                  headers={"authorization": "Bearer " + os.environ["FLOTTE_KEY"], "content-type": "application/json"})
    try:
        urllib.request.urlopen(call).read()
        said[200] += 1
    except urllib.error.HTTPError as error:
        said[error.code] += 1
    except OSError:
        said["lost"] += 1
threads = [threading.Thread(target=ask, args=(n,)) for n in range(50)]
for t in threads: t.start()
for t in threads: t.join()
print("said", dict(said), flush=True)
time.sleep(600)
"""


class Plans(unittest.TestCase):
    def ended(self, fleet, task, seconds=60):
        path = "/fleet/v1/tasks/" + task
        return wait_until(f"{task} ended", lambda: (t := fleet.get(path))["ended_at"] and t, seconds)

    def log(self, provider):
        with urllib.request.urlopen(provider.url + "/control/log") as log:
            return json.load(log)["requests"]

    def asked(self, provider, number):
        with urllib.request.urlopen(f"{provider.url}/control/log/{number}/body") as body:
            return json.load(body)["messages"][-1]["content"]

    def test_a_task_waits_for_another_and_reads_what_it_wrote(self):
        with priced_fleet() as (fleet, provider):
            provider.play("slow:delay_ms=2000")
            first = fleet.cli("task", "run", "--detach", "one").stdout.strip()
            second = fleet.cli("task", "run", "--detach", "--after", first, "two: {{after}}").stdout.strip()
            third = fleet.cli("task", "run", "--detach", "--after", first, "--after", second, "{{after.2}} / {{after.1}}").stdout.strip()
            self.assertIn(f"it waits for {first}", fleet.cli("task", "why", second).stdout)
            self.assertIn(f"after      {first}, {second}", fleet.cli("task", "show", third).stdout)
            fleet.hub.kill()
            fleet.start_hub()
            for task in (first, second, third):
                self.assertEqual(self.ended(fleet, task)["state"], "succeeded")
            answer = fleet.get("/fleet/v1/tasks/" + first)["result"]["text"]
            asked = [self.asked(provider, entry["number"]) for entry in self.log(provider) if entry["target"].endswith("/chat/completions")]
            self.assertIn("two: " + answer, asked)
            broken = fleet.post("/fleet/v1/tasks", {"kind": "prompt", "worker": "nobody", "input": {"prompt": "x"}})["id"]
            late = fleet.cli("task", "run", "--detach", "--after", broken, "never").stdout.strip()
            fleet.cli("task", "cancel", broken)
            self.assertEqual((self.ended(fleet, late)["state"], self.ended(fleet, late)["reason"]), ("cancelled", "dependency"))
            self.assertIn(f"{broken}, which it depends on", fleet.cli("task", "why", late).stdout)
            refused = fleet.cli("task", "run", "--after", "t4711", "x", check=False)
            self.assertNotEqual(refused.returncode, 0, refused.stderr)
            self.assertIn("no task t4711", refused.stderr)

    def test_a_schedule_makes_tasks_and_is_managed(self):
        with priced_fleet() as (fleet, _):
            made = fleet.cli_json("schedule", "add", "news", "* * * * *", "--zone", "Europe/Berlin", "--paused", "what is new?")
            self.assertEqual((made["state"], made["next_at"], made["zone"]), ("paused", None, "Europe/Berlin"))
            said = fleet.cli("schedule", "add", "later", "@daily", "--paused", "x").stdout
            self.assertEqual(said, "later is paused; `flotte schedule resume later`\n")
            self.assertIn("later comes next at 20", fleet.cli("schedule", "resume", "later").stdout)
            edited = fleet.cli_json("schedule", "edit", "later", "--cron", "30 2 * * *", "--zone", "Asia/Tokyo", "something", "else")
            self.assertEqual((edited["cron"], edited["zone"], edited["task"]["input"]["prompt"]), ("30 2 * * *", "Asia/Tokyo", "something else"))
            self.assertIn("later comes next at 20", fleet.cli("schedule", "edit", "later", "--overlap", "skip").stdout)
            for arguments, words in ((["--model", "x"], "say the whole prompt"), ([], "nothing to change")):
                refused = fleet.cli("schedule", "edit", "later", *arguments, check=False)
                self.assertNotEqual(refused.returncode, 0, refused.stdout)
                self.assertIn(words, refused.stderr)
            fleet.cli("schedule", "rm", "later")
            task = fleet.cli("schedule", "run", "news").stdout.strip()
            self.assertEqual(self.ended(fleet, task)["state"], "succeeded")
            fleet.cli("schedule", "resume", "news")
            shown = fleet.cli_json("schedule", "show", made["id"])
            self.assertEqual(len(shown["upcoming"]), 5)
            self.assertEqual(shown["runs"][0]["made"], task)
            self.assertIn("news", fleet.cli("schedule", "ls").stdout)
            if os.environ.get("FLOTTE_SLOW_TESTS"):  # up to a minute
                # The next full minute, with a kill before it: one task for one instant.
                due = shown["next_at"]
                fleet.hub.kill()
                fleet.start_hub()
                runs = wait_until("it fired", lambda: [r for r in fleet.get("/fleet/v1/schedules/news")["runs"] if r["instant"] == due], 75)
                self.assertEqual([r["outcome"] for r in runs], ["made"])
            fleet.cli("schedule", "pause", "news")
            fleet.cli("schedule", "rm", "news")
            self.assertEqual(fleet.cli_json("schedule", "ls"), [])
            for arguments, words in ((["bad", "* * *", "x"], "five fields"), (["bad", "@daily", "--zone", "Mars/Olympus", "x"], "no time zone")):
                refused = fleet.cli("schedule", "add", *arguments, check=False)
                self.assertNotEqual(refused.returncode, 0, refused.stderr)
                self.assertIn(words, refused.stderr)

    def test_a_budget_holds_with_fifty_calls_in_flight_and_stops_the_task(self):
        with priced_fleet() as (fleet, provider):
            provider.play("slow:delay_ms=60")
            fleet.node("box", SHELL)
            budget = 10 * CALL
            task = fleet.post("/fleet/v1/tasks", {"kind": "command", "worker": "shell", "budget_usd": f"{budget:f}",
                                                  "input": {"argv": [sys.executable, "-c", MANY]}})["id"]
            shown = self.ended(fleet, task)
            self.assertEqual((shown["state"], shown["reason"]), ("cancelled", "budget"))
            self.assertTrue(shown["result"]["partial"])
            cost = Decimal(shown["usage"]["cost_usd"])
            self.assertEqual(cost, provider.calls() * CALL)
            self.assertTrue(4 * CALL <= cost <= budget, cost / CALL)
            self.assertIn(f"of its budget of ${budget.normalize():f}", fleet.cli("task", "why", task).stdout)
            self.assertIn("budget     $", fleet.cli("task", "show", task).stdout)
            # A prompt: refused before it is asked at all, and what a budget needs is a price.
            poor = fleet.cli("task", "run", "--detach", "--budget", "0.0000001", "x").stdout.strip()
            self.assertEqual(self.ended(fleet, poor)["reason"], "budget")
            with self.assertRaises(urllib.error.HTTPError) as failed:
                fleet.post("/fleet/v1/tasks", {"kind": "prompt", "model": "mystery", "budget_usd": "1", "input": {"prompt": "x"}})
            self.assertEqual(failed.exception.code, 422)


if __name__ == "__main__":
    unittest.main()
