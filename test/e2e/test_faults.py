"""kill -9 and SIGSTOP in the middle of a batch: it ends complete, every input one recorded result, nothing stuck, and each task's story
tells what happened."""
import json
import pathlib
import signal
import subprocess
import time
import unittest

from fleet_under_test import ROOT, Fleet, children_of, processes_with, slow_model, wait_until

PROMPT = "Summarise this document in a few sentences."


class Faults(unittest.TestCase):
    lease = 3

    def start_batch(self, fleet, *more):
        """A batch large enough that a fault hits its middle."""
        inputs = fleet.folder / "in"
        inputs.mkdir()
        source = sorted(p for p in (ROOT / "samples").rglob("*.md"))
        for copy in range(4):
            for p in source:
                (inputs / f"{copy}-{p.parent.name}-{p.name}").write_text(p.read_text() + f"\n\nCopy {copy}.\n")
        self.inputs = sorted(p.name for p in inputs.iterdir())
        self.out = fleet.folder / "out"
        self.run_process = subprocess.Popen(
            fleet.command("batch", "run", inputs, "--prompt", PROMPT, "-o", self.out, *more), env=fleet.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: self.run_process.poll() is None and self.run_process.kill())
        wait_until("the middle of the batch", lambda: self.counts(fleet).get("succeeded", 0) >= len(self.inputs) // 6, 90)
        counts = self.counts(fleet)
        self.assertLess(counts["succeeded"], len(self.inputs) * 5 // 6, "the fault came too late to prove anything")

    def counts(self, fleet):
        batches = fleet.get("/fleet/v1/batches")["items"]
        return batches[0]["counts"] if batches else {}

    def finish(self, fleet, seconds=240):
        out, err = self.run_process.communicate(timeout=seconds)
        self.assertEqual(self.run_process.returncode, 0, f"{out}\n{err}")
        rows = [json.loads(line) for line in (self.out / "results.jsonl").read_text().splitlines()]
        self.assertEqual([pathlib.Path(r["input"]).name for r in rows], self.inputs)
        self.assertTrue(all(r["state"] == "succeeded" for r in rows))
        batch = fleet.get("/fleet/v1/batches")["items"][0]
        self.assertEqual((batch["state"], batch["total"], batch["counts"]["succeeded"]), ("done", len(self.inputs), len(self.inputs)))
        # One recorded outcome per task, by its newest attempt.
        tasks = fleet.get("/fleet/v1/tasks?limit=1000")["items"]
        self.assertEqual(len(tasks), len(self.inputs))
        self.stories = {}
        for task in tasks:
            detail = fleet.get(f"/fleet/v1/tasks/{task['id']}")
            outcomes = [a["outcome"] for a in detail["attempts"]]
            self.assertEqual(outcomes.count("succeeded"), 1, detail)
            self.assertEqual(outcomes[-1], "succeeded", detail)
            self.assertNotIn("running", outcomes, detail)
            self.stories[task["id"]] = detail
        return rows

    def lost_attempts(self):
        return [a for s in self.stories.values() for a in s["attempts"] if a["outcome"] == "lost"]

    def two_nodes(self, fleet):
        for name in ("box", "laptop"):
            fleet.node(name, engine="llama", slots=2, model=slow_model())
        for name in ("box", "laptop"):
            fleet.wait_for_engine(name)

    def test_a_node_with_an_engine_dies(self):
        with Fleet(lease=f"{self.lease}s") as fleet:
            self.two_nodes(fleet)
            self.start_batch(fleet)
            fleet.nodes["box"].kill()
            # Its engine must not survive it.
            wait_until("no orphan engine", lambda: not processes_with(str(fleet.folder / "box")), 10)
            self.finish(fleet)
            wait_until("the node is lost", lambda: fleet.node_state("box") == "lost", 20)
            fleet.nodes["box"].start()
            wait_until("the node is back", lambda: fleet.node_state("box") == "linked", 20)

    def test_a_node_with_a_worker_of_its_own_dies(self):
        worker = '[[worker]]\nname = "reader"\nkind = "model"\nmodel = "flotte-demo"\nslots = 3\n'
        with Fleet(lease=f"{self.lease}s") as fleet:
            self.two_nodes(fleet)
            fleet.node("desk", config=worker)
            self.start_batch(fleet, "--worker", "reader")
            held = wait_until("runs on the node", lambda: [t for t in fleet.get("/fleet/v1/tasks?state=running")["items"] if t["node"] == "desk"])
            fleet.nodes["desk"].kill()
            time.sleep(1)
            fleet.nodes["desk"].start()
            self.finish(fleet)
            lost = self.lost_attempts()
            self.assertTrue(lost, "the node's death is in nobody's story")
            self.assertTrue(all(a["node"] == "desk" for a in lost))
            self.assertTrue(held)

    def hub_dies(self, away, lease):
        with Fleet(lease=f"{lease}s") as fleet:
            worker = '[[worker]]\nname = "reader"\nkind = "model"\nmodel = "flotte-demo"\nslots = 2\n'
            self.two_nodes(fleet)
            fleet.node("desk", config=worker)
            self.start_batch(fleet)
            fleet.hub.kill()
            time.sleep(away)
            fleet.start_hub()
            self.finish(fleet)
            for name in ("box", "laptop", "desk"):
                wait_until(f"{name} is linked again", lambda name=name: fleet.node_state(name) == "linked", 30)

    def test_the_hub_dies_and_stays_away_for_ten_seconds(self):
        self.hub_dies(away=10, lease=30)

    def test_the_hub_dies_and_stays_away_for_two_leases(self):
        self.hub_dies(away=2 * self.lease, lease=self.lease)

    def test_a_node_that_was_stopped_for_three_leases_is_fenced(self):
        script = 'echo "begin $$"; trap "" TERM; i=0; while [ $i -lt 400 ]; do sleep 0.1; i=$((i+1)); done; echo late'
        worker = '[[worker]]\nname = "shell"\nkind = "command"\nslots = 2\n'
        with Fleet(lease=f"{self.lease}s") as fleet:
            sleeper = fleet.node("sleeper", config=worker)
            task = fleet.post("/fleet/v1/tasks", {"kind": "command", "node": "sleeper", "max_attempts": 2,
                                                  "input": {"argv": ["sh", "-c", script]}})
            wait_until("the command runs", lambda: "begin" in fleet.request("GET", f"/fleet/v1/tasks/{task['id']}/log").read().decode())
            children = children_of(sleeper.process.pid)
            self.assertTrue(children)
            sleeper.signal(signal.SIGSTOP)
            wait_until("the lease is taken away", lambda: fleet.node_state("sleeper") == "lost", 4 * self.lease)
            time.sleep(2 * self.lease)  # three leases in all; the pause itself is what is tested
            sleeper.signal(signal.SIGCONT)
            wait_until("it takes part again", lambda: fleet.node_state("sleeper") == "linked", 30)
            wait_until("the children of the lost run are gone", lambda: not [p for p in children if pathlib.Path(f"/proc/{p}").exists()], 30)
            detail = fleet.get(f"/fleet/v1/tasks/{task['id']}")
            self.assertEqual(detail["attempts"][0]["outcome"], "lost", detail)
            quick = fleet.cli("task", "run", "--kind", "command", "--node", "sleeper", "--", "echo", "awake")
            self.assertIn("awake", quick.stdout)
            fleet.post(f"/fleet/v1/tasks/{task['id']}/cancel")
            wait_until("cancelled", lambda: fleet.get(f"/fleet/v1/tasks/{task['id']}")["state"] in ("cancelled", "failed"), 30)


if __name__ == "__main__":
    unittest.main()
