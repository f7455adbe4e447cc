"""Never bought again: what a task has bought from a model is given to its next attempt, and steps that are finished are not done again. What
was bought is counted in the provider's own log."""
import collections
import hashlib
import json
import os
import signal
import sys
import threading
import unittest
import urllib.error

from fleet_under_test import BINARY, Fleet, children_of, processes_with, wait_until
from simulated import KEY, Simulated, hub_providers

SHELL = '[[worker]]\nname = "shell"\nkind = "command"\nslots = 4\n'
# A command that asks in every dialect, whole and streamed, and says what it got.
ASKS = r"""
import hashlib, json, os, pathlib, sys, time, urllib.request
folder = pathlib.Path(sys.argv[1])
chat = {"messages": [{"role": "user", "content": "hello"}]}
calls = [("/v1/chat/completions", {**chat, "model": "openai/text", "stream": True}),
         ("/v1/chat/completions", {**chat, "model": "openai/text"}),
         ("/v1/chat/completions", {**chat, "model": "anthropic/text", "stream": True}),
         ("/v1/messages", {**chat, "model": "anthropic/text", "stream": True, "max_tokens": 50}),
         ("/v1/messages", {**chat, "model": "openai/text", "max_tokens": 50}),
         ("/v1/responses", {"model": "openai/text", "input": "hello", "stream": True}),
         ("/v1beta/models/openai/text:streamGenerateContent?alt=sse", {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}),
         ("/api/chat", {**chat, "model": "openai/text"})]
said = []
for path, body in calls:
    # The same in another spelling: the order of members does not count.
    text = json.dumps(dict(sorted(body.items(), reverse=len(sys.argv) > 2 or (folder / "first").exists())))
    call = urllib.request.Request(os.environ["FLOTTE_URL"] + path, data=text.encode(), method="POST",
                                  headers={"authorization": "Bearer " + os.environ["FLOTTE_KEY"], "content-type": "application/json",
                                           "anthropic-version": "2023-06-01"})
    with urllib.request.urlopen(call) as answer:
        got = answer.read()
        said.append([path, hashlib.sha256(got).hexdigest(), len(got), answer.headers["content-type"], answer.headers["x-flotte-target"],
                     answer.headers.get("x-flotte-replayed", "0")])
name = "second" if (folder / "first").exists() else "first"
(folder / (name + ".part")).write_text(json.dumps(said))
(folder / (name + ".part")).rename(folder / name)
while name == "first": time.sleep(0.05)
"""
# One call; says when it begins.
ASKS_ONE = r"""
import json, os, pathlib, sys, urllib.request
folder = pathlib.Path(sys.argv[1])
with open(folder / "begun", "a") as f: f.write("x")
body = {"model": sys.argv[2], "stream": sys.argv[3] == "stream", "messages": [{"role": "user", "content": "hello"}]}
call = urllib.request.Request(os.environ["FLOTTE_URL"] + "/v1/chat/completions", data=json.dumps(body).encode(), method="POST",
                              headers={"authorization": "Bearer " + os.environ["FLOTTE_KEY"], "content-type": "application/json"})
with urllib.request.urlopen(call) as answer:
    answer.read()
    print("replayed", answer.headers.get("x-flotte-replayed", "0"))
"""


class NeverTwice(unittest.TestCase):
    def setUp(self):
        self.simulated = self.enterContext(Simulated())

    def fleet(self, environment=None, lease="3s"):
        return Fleet(hub_providers(self.simulated.url, ["openai", "anthropic"]), lease=lease,
                     environment={"SIMULATED_KEY": KEY, **(environment or {})})

    def sold(self):
        """Requests that the provider answered or began to answer."""
        return [r for r in self.simulated.log() if r["method"] == "POST"]

    def submit(self, fleet, **task):
        return fleet.post("/fleet/v1/tasks", task)["id"]

    def ended(self, fleet, task, seconds=60):
        def look():
            shown = fleet.get(f"/fleet/v1/tasks/{task}")
            return shown if shown["state"] in ("succeeded", "failed", "cancelled") else None
        return wait_until(f"{task} ends", look, seconds)

    def command(self, fleet, *argv):
        return self.submit(fleet, kind="command", worker="shell", input={"argv": [str(a) for a in argv]})

    def kill_run(self, fleet, name):
        """kill -9 of a node and of everything that it runs."""
        node = fleet.nodes[name]
        family = set(children_of(node.process.pid))
        for shim, _ in processes_with(str(fleet.folder / name / "node" / "runs")):
            family |= {shim, *children_of(shim)}
        node.kill()
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        node.start()

    def test_a_hub_killed_between_recording_and_the_last_byte(self):
        for model in ("openai/text", "anthropic/text"):
            with self.subTest(model=model), self.fleet({"FLOTTE_FAIL": "journal.after_record:kill9"}) as fleet:
                before = len(self.sold())
                task = self.submit(fleet, kind="prompt", model=model, input={"prompt": f"once, {model}"})
                wait_until("the hub has died", lambda: fleet.hub.process.poll() is not None)
                del fleet.hub.environment["FLOTTE_FAIL"]
                fleet.start_hub()
                shown = self.ended(fleet, task)
                self.assertEqual(shown["state"], "succeeded", shown)
                self.assertEqual(len(self.sold()) - before, 1, "bought twice")
                self.assertEqual(shown["usage"].get("replayed_calls"), 1, shown)
                self.assertNotIn("maybe_bought_twice", shown["usage"])
                calls = fleet.get(f"/fleet/v1/tasks/{task}/calls")["items"]
                self.assertEqual([c["state"] for c in calls], ["bought", "replayed"])
                self.assertIn("1 replayed", fleet.cli("task", "show", task).stdout)

    def test_a_hub_killed_before_recording_counts_what_is_bought_twice(self):
        with self.fleet({"FLOTTE_FAIL": "journal.before_record:kill9"}) as fleet:
            task = self.submit(fleet, kind="prompt", model="openai/text", input={"prompt": "perhaps twice"})
            wait_until("the hub has died", lambda: fleet.hub.process.poll() is not None)
            del fleet.hub.environment["FLOTTE_FAIL"]
            fleet.start_hub()
            shown = self.ended(fleet, task)
            self.assertEqual(shown["state"], "succeeded", shown)
            self.assertEqual(len(self.sold()), 2)
            self.assertEqual(shown["usage"].get("maybe_bought_twice"), 1, "what the provider sold twice is counted")
            self.assertIn("1 perhaps bought twice", fleet.cli("task", "show", task).stdout)

    def test_every_dialect_is_replayed_to_the_next_attempt(self):
        with self.fleet() as fleet:
            fleet.node("box", SHELL)
            task = self.command(fleet, sys.executable, "-c", ASKS, fleet.folder)
            wait_until("the first attempt has all answers", (fleet.folder / "first").exists)
            first = json.loads((fleet.folder / "first").read_text())
            self.assertEqual({c[5] for c in first}, {"0"})
            self.assertEqual(len(self.sold()), len(first))
            self.kill_run(fleet, "box")
            wait_until("the second attempt has all answers", (fleet.folder / "second").exists, 60)
            second = json.loads((fleet.folder / "second").read_text())
            self.assertEqual({c[5] for c in second}, {"1"}, "every answer is marked as replayed")
            self.assertEqual([c[:5] for c in second], [c[:5] for c in first], "the same bytes in the same dialect")
            self.assertEqual(len(self.sold()), len(first), "nothing was bought again")
            shown = self.ended(fleet, task)
            self.assertEqual(shown["state"], "succeeded", shown)
            self.assertEqual(shown["usage"]["replayed_calls"], len(first))
            self.assertNotIn("maybe_bought_twice", shown["usage"])

    def test_an_answer_whose_client_dies_is_read_to_its_end(self):
        for stream, model in (("whole", "openai/slow~ms=1500"), ("stream", "openai/gaps~ms=150")):
            with self.subTest(stream=stream), self.fleet() as fleet:
                before = len(self.sold())
                fleet.node("box", SHELL)
                task = self.command(fleet, sys.executable, "-c", ASKS_ONE, fleet.folder, model, stream)
                wait_until("the provider answers", lambda: len(self.sold()) == before + 1)
                self.kill_run(fleet, "box")
                shown = self.ended(fleet, task)
                self.assertEqual(shown["state"], "succeeded", shown)
                self.assertEqual(len(self.sold()) - before, 1, "bought twice")
                self.assertEqual((fleet.folder / "begun").read_text(), "xx")
                self.assertIn("replayed 1", fleet.cli("task", "logs", task).stdout)

    def test_a_cancelled_task_stops_buying(self):
        with self.fleet() as fleet:
            fleet.node("box", SHELL)
            task = self.command(fleet, sys.executable, "-c", ASKS_ONE, fleet.folder, "openai/gaps~ms=2000", "stream")
            wait_until("the provider answers", lambda: len(self.sold()) == 1)
            fleet.post(f"/fleet/v1/tasks/{task}/cancel")
            wait_until("the provider was left", lambda: self.sold()[0]["state"] == "gone", 10)
            self.assertEqual(self.ended(fleet, task)["state"], "cancelled")

    def test_a_document_in_pieces_is_not_bought_again(self):
        with self.fleet() as fleet:
            text = "\n\n".join(f"Paragraph {n}: the fleet goes on, mile {n * 7}." for n in range(2000)).encode()
            blob = hashlib.sha256(text).hexdigest()
            fleet.request("PUT", f"/fleet/v1/blobs/{blob}", text).close()
            task = self.submit(fleet, kind="document", model="openai/slow~ms=150",
                               input={"name": "log.txt", "blob": blob, "prompt": "Sum up."})
            wait_until("three pieces are read", lambda: len([r for r in self.sold() if r["state"] == "done"]) >= 3)
            fleet.hub.kill()
            wait_until("the provider is idle", lambda: all(r["state"] != "running" for r in self.sold()))
            fleet.start_hub()
            shown = self.ended(fleet, task)
            self.assertEqual(shown["state"], "succeeded", shown)
            self.assertGreaterEqual(shown["result"]["parts"], 6)
            bodies = collections.Counter(json.dumps(r["body"], sort_keys=True) for r in self.sold())
            twice = sum(n - 1 for n in bodies.values())
            self.assertLessEqual(twice, 1, "more than was under way when the hub died")
            self.assertIn(shown["usage"].get("maybe_bought_twice", 0), (twice, 1), "and that is counted")
            self.assertGreaterEqual(shown["usage"]["replayed_calls"], 2)
            self.assertEqual([s["name"] for s in shown["steps"]], ["parts"])

    def test_a_command_of_three_steps_goes_on_behind_the_last_finished_one(self):
        with self.fleet() as fleet:
            fleet.node("box", SHELL)
            folder = fleet.folder
            third = f'echo three >> {folder}/done; if [ ! -e {folder}/again ]; then touch {folder}/again; sleep 600; fi; echo output three'
            script = (f'{BINARY} step one -- sh -c "echo one >> {folder}/done; echo output one; head -c 100000 /dev/zero" | wc -c && '
                      f'{BINARY} step two -- sh -c "echo two >> {folder}/done; echo output two" && '
                      f"{BINARY} step three -- sh -c '{third}'")
            task = self.command(fleet, "sh", "-c", script)
            wait_until("the third step runs", (folder / "again").exists)
            self.kill_run(fleet, "box")
            shown = self.ended(fleet, task)
            self.assertEqual(shown["state"], "succeeded", shown)
            self.assertEqual((folder / "done").read_text().split(), ["one", "two", "three", "three"])
            self.assertEqual(fleet.cli("task", "logs", task).stdout, "100011\noutput two\noutput three\n")
            self.assertEqual([(s["name"], s["attempt"]) for s in shown["steps"]], [("one", 1), ("two", 1), ("three", 2)])
            self.assertIn("output two", fleet.request("GET", f"/fleet/v1/tasks/{task}/steps/two").read().decode())
            self.assertEqual(len(fleet.request("GET", f"/fleet/v1/tasks/{task}/steps/one").read()), 100011)
            self.assertRegex(fleet.cli("task", "show", task).stdout, r"three\s+2")

    def test_steps_work_without_the_network_and_while_the_hub_is_away(self):
        with self.fleet(lease="10s") as fleet:
            fleet.node("box", SHELL)
            # Only the socket leads to the hub here.
            script = (f"unset FLOTTE_KEY; FLOTTE_URL=http://127.0.0.1:9 {BINARY} step slow -- "
                      f"sh -c 'touch {fleet.folder}/runs; while [ ! -e {fleet.folder}/go ]; do sleep 0.05; done; echo kept'; echo status $?; "
                      f"{BINARY} step bad -- sh -c 'echo no; exit 7'; echo status $?")
            task = self.command(fleet, "sh", "-c", script)
            wait_until("the step runs", (fleet.folder / "runs").exists)
            fleet.hub.kill()
            waiting = len(processes_with(f"{fleet.folder}/go"))
            (fleet.folder / "go").touch()
            wait_until("the step's command ended and wants to be kept", lambda: len(processes_with(f"{fleet.folder}/go")) < waiting)
            fleet.start_hub()
            shown = self.ended(fleet, task)
            self.assertEqual(fleet.cli("task", "logs", task).stdout, "kept\nstatus 0\nno\nstatus 7\n", shown)
            self.assertEqual([s["name"] for s in shown["steps"]], ["slow"], "a step that failed is not kept")

    def test_a_command_finds_flotte_wherever_that_was_unpacked(self):
        with self.fleet() as fleet:
            fleet.node("box", SHELL)
            shown = self.ended(fleet, self.command(fleet, "sh", "-c", "flotte step greeting -- echo hello"))
            self.assertEqual(shown["state"], "succeeded", shown)
            self.assertEqual([s["name"] for s in shown["steps"]], ["greeting"])

    def test_steps_are_refused_to_strangers(self):
        with self.fleet() as fleet:
            fleet.node("box", SHELL)
            script = 'printf "%s %s %s" $FLOTTE_KEY $FLOTTE_TASK $FLOTTE_STEP_SOCKET > "$0/env.part"; mv "$0/env.part" "$0/env"; while [ ! -e "$0/go" ]; do sleep 0.05; done'
            task = self.command(fleet, "sh", "-c", script, fleet.folder)
            wait_until("the command runs", (fleet.folder / "env").exists)
            key, number, socket = (fleet.folder / "env").read_text().split()
            self.assertEqual(number, task)
            self.assertTrue(socket.endswith("/step"))

            def put(path, by, headers=None, body=b"x"):
                try:
                    with fleet.request("PUT", path, body, key=by, headers=headers) as answer:
                        return answer.status
                except urllib.error.HTTPError as error:
                    with error:
                        return error.code

            def put_too_much(path, by):
                """The status, or None: refused and cut off before all of it was sent, by a hub that goes on."""
                try:
                    return put(path, by, body=bytes(17 << 20))
                except (urllib.error.URLError, ConnectionError):
                    self.assertTrue(fleet.ready())
                    return None
            other = self.submit(fleet, kind="prompt", worker="nobody", input={"prompt": "x"})
            self.assertEqual(put(f"/fleet/v1/tasks/{task}/steps/a", key), 201)
            self.assertEqual(put(f"/fleet/v1/tasks/{task}/steps/a", key, body=b"y"), 200)
            self.assertEqual(fleet.request("GET", f"/fleet/v1/tasks/{task}/steps/a", key=key).read(), b"x", "the first stays")
            self.assertEqual(put(f"/fleet/v1/tasks/{other}/steps/a", key), 403, "another task's")
            self.assertEqual(put(f"/fleet/v1/tasks/{task}/steps/b", fleet.key), 400, "for which run?")
            self.assertEqual(put(f"/fleet/v1/tasks/{task}/steps/b", fleet.key, {"x-flotte-fence": "999"}), 409, "not that run's")
            self.assertEqual(put(f"/fleet/v1/tasks/{task}/steps/%0A", key), 400)
            self.assertIn(put_too_much(f"/fleet/v1/tasks/{task}/steps/big", key), (413, None))
            self.assertEqual([s["name"] for s in fleet.get(f"/fleet/v1/tasks/{task}")["steps"]], ["a"])
            (fleet.folder / "go").touch()
            self.ended(fleet, task)
            self.assertEqual(put(f"/fleet/v1/tasks/{task}/steps/late", key), 401, "the run has ended")
            outside = fleet.cli("step", "x", "--", "true", check=False)
            self.assertEqual(outside.returncode, 2)
            self.assertIn("FLOTTE_TASK is not set", outside.stderr)


if __name__ == "__main__":
    unittest.main()
