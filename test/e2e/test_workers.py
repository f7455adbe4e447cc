"""Workers that the hub gives to nodes, what machines have, and what was seen on them and cannot be used: real hub, real nodes, command line."""
import json
import pathlib
import stat
import unittest
import urllib.error

from fleet_under_test import MODEL, Fleet, wait_until


def seen_of(fleet, node):
    return {one["name"]: one for one in fleet.cli_json("node", "show", node)["seen"]}


class Workers(unittest.TestCase):
    def test_a_worker_given_by_the_hub_works_and_goes_again(self):
        with Fleet() as fleet:
            box = fleet.node("box", engine="llama", slots=2)
            fleet.wait_for_engine("box")
            added = fleet.cli_json("worker", "add", "reader", "--node", "box", "--model", MODEL.stem, "--slots", "3", "--label", "quiet")
            self.assertEqual((added["id"], added["origin"], added["slots"]), ("reader@box", "hub", 3))
            wait_until("the worker is there", lambda: fleet.cli_json("worker", "show", "reader@box")["state"] == "idle")
            fleet.cli("task", "run", "--worker", "reader", "--label", "quiet", "say something")
            task = fleet.cli_json("task", "ls", "--limit", "1")[0]
            self.assertEqual((task["state"], task["node"], task["worker"]), ("succeeded", "box", "reader"))

            # The node's process and the hub's forget nothing.
            box.stop()
            wait_until("away", lambda: fleet.node_state("box") != "linked")
            changed = fleet.cli_json("worker", "set", "reader@box", "--slots", "5", "--no-labels")
            self.assertEqual((changed["slots"], changed["labels"], changed["state"]), (5, [], "away"))
            box.start()
            wait_until("the change has arrived", lambda: fleet.cli_json("worker", "show", "reader@box")["slots"] == 5)
            fleet.hub.stop()
            fleet.start_hub()
            # Before its machine has linked again it may not be listed yet.
            wait_until("still there", lambda: "idle" in fleet.cli("worker", "show", "reader@box", check=False).stdout)
            self.assertEqual(fleet.cli_json("worker", "show", "reader@box")["origin"], "hub")

            fleet.cli("worker", "rm", "reader@box")
            wait_until("it is gone", lambda: fleet.cli("worker", "show", "reader@box", check=False).returncode != 0)

    def test_what_a_hub_may_not_give_is_refused_with_the_reason(self):
        with Fleet() as fleet:
            fleet.node("box", '[[worker]]\nname = "own"\nkind = "model"\nmodel = "x"\n')
            with self.assertRaises(urllib.error.HTTPError) as refused:
                fleet.post("/fleet/v1/workers", {"name": "shell", "node": "box", "kind": "command", "model": "x"})
            self.assertEqual(refused.exception.code, 403)
            self.assertIn("its own file", json.load(refused.exception)["error"]["message"])
            again = fleet.cli("worker", "add", "own@box", "--model", "x", check=False)
            self.assertEqual(again.returncode, 1)
            self.assertIn("of its own", again.stderr)
            self.assertIn("was not defined at this hub", fleet.cli("worker", "set", "own@box", "--slots", "2", check=False).stderr)
            self.assertIn("no node 'nowhere'", fleet.cli("worker", "add", "a@nowhere", "--model", "x", check=False).stderr)
            self.assertIn("nothing answers for model", fleet.cli("worker", "add", "b@box", "--model", "nonesuch").stdout)
            self.assertEqual(fleet.cli("worker", "add", "c@box", check=False).returncode, 2)

    def test_a_hubs_own_commands_are_held_to_their_limits_and_leave_nothing_behind(self):
        worker = '[[worker]]\nname = "shell"\nkind = "command"\nlimits = { memory = "64M", processes = 20 }\n'
        with Fleet(hub_config=worker) as fleet:
            def perform(script):
                task = fleet.post("/fleet/v1/tasks", {"kind": "command", "node": "home", "max_attempts": 1, "input": {"argv": ["sh", "-c", script]}})["id"]
                done = wait_until("it ends", lambda: (lambda t: t if t["state"] in ("succeeded", "failed") else None)(
                    fleet.get(f"/fleet/v1/tasks/{task}")))
                with fleet.request("GET", f"/fleet/v1/tasks/{task}/log") as answer:
                    return done, answer.read().decode()

            done, said = perform("cat /proc/self/cgroup")
            self.assertEqual(done["state"], "succeeded", done)
            groups = [line.split(":", 2) for line in said.splitlines() if "/flotte/run-" in line]
            if not groups:
                self.skipTest("no cgroup can be made here")
            name = groups[0][2].rsplit("/", 1)[1]
            self.assertEqual(list(pathlib.Path("/sys/fs/cgroup").rglob(name)), [], "the groups of a run go with it")
            if any(controllers in ("memory", "") for _, controllers, _ in groups):
                done, _ = perform("tail -n 1 /dev/zero")
                self.assertEqual(done["state"], "failed", done)
                self.assertIn("memory limit", done["error"]["message"])

    def test_a_machine_says_what_it_has_and_what_it_cannot_use(self):
        with Fleet() as fleet:
            tools = fleet.folder / "tools"
            tools.mkdir()
            agent = tools / "codex"
            agent.write_text('#!/bin/sh\necho "codex-cli 0.98.0"\n')
            agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
            models = fleet.folder / "box" / "models"
            models.mkdir(parents=True)
            (models / "notes.gguf").write_text("no model at all")
            node = fleet.node("box", "wake = true\n")
            node.stop()
            node.environment["PATH"] = f"{tools}:{node.environment['PATH']}"
            node.environment["HOME"] = str(fleet.folder)
            node.start()
            shown = wait_until("it is measured", lambda: (n := fleet.cli_json("node", "show", "box"))["capacity"]["measured_at"]
                               and {"codex", "notes.gguf"} <= {one["name"] for one in n["seen"]} and n)
            has = shown["capacity"]
            self.assertGreater(has["cores"], 0)
            self.assertGreater(has["memory_mb"], 100)
            self.assertGreater(has["disk_free_mb"], 0)
            self.assertIn(has["power"], ("mains", "battery"))
            self.assertTrue(shown["wake"])
            codex = [a for a in has["agents"] if a["program"] == "codex"][0]
            self.assertEqual((codex["version"], codex["logged_in"], codex["path"]), ("0.98.0", False, str(agent)))
            seen = seen_of(fleet, "box")
            self.assertIn("flotte launch codex", seen["codex"]["hint"])
            self.assertTrue(seen["notes.gguf"]["why"])
            text = fleet.cli("node", "show", "box").stdout
            self.assertIn("seen, not usable", text)
            self.assertIn("notes.gguf", text)
            self.assertIn("memory", text)
            # What was measured is asked for without a label that somebody gave.
            task = fleet.cli("task", "run", "--detach", "--worker", "none", "--min-memory", "1M", "x").stdout.strip()
            self.assertEqual(fleet.get(f"/fleet/v1/tasks/{task}")["labels"], ["memory>=1M"])
            self.assertIn("is awake", fleet.cli("node", "wake", "box", check=False).stderr)
            node.stop()
            wait_until("away", lambda: fleet.node_state("box") != "linked")
            away = fleet.cli("node", "wake", "box", check=False)
            # Where this machine has a wired card of its own, home is in the same network and sends the packet.
            self.assertTrue("cannot be woken" in away.stderr or "waking box" in away.stdout, away)


if __name__ == "__main__":
    unittest.main()
