"""What a restart survives: a node's process (and a hub's, with its own node) is killed, terminated and started again in the middle of a
command; neither the command nor a line of its output is lost, and none is told twice. A machine that sleeps keeps its commands."""
import datetime
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest
import urllib.error

from fleet_under_test import BINARY, Fleet, children_of, processes_with, wait_until

SHELL = '[[worker]]\nname = "shell"\nkind = "command"\nslots = 2\n'
# Numbered lines on both streams, some in bursts; it also notes for itself that it was started once, and how far it is.
SCRIPT = """
import sys, time
open(sys.argv[1], "a").write("started\\n")
for i in range(1, int(sys.argv[2]) + 1):
    print("line", i, flush=True)
    if i % 10 == 0: print("error", i, file=sys.stderr, flush=True)
    if i % 5 == 0:
        open(sys.argv[1] + ".lines", "a").write("x" * 5)
        time.sleep(float(sys.argv[3]))
sys.exit(7)
"""


class Restart(unittest.TestCase):
    lines = 900

    def submit(self, fleet, node, pause=0.05, lines=None, **more):
        started = fleet.folder / "started"
        task = fleet.post("/fleet/v1/tasks", {"kind": "command", "node": node, "max_attempts": 1, **more, "input": {
            "argv": [sys.executable, "-c", SCRIPT, str(started), str(lines or self.lines), str(pause)]}})["id"]
        wait_until("the command runs", lambda: "line 20\n" in self.log(fleet, task))
        return task

    def log(self, fleet, task, stream="stdout"):
        with fleet.request("GET", f"/fleet/v1/tasks/{task}/log?stream={stream}") as answer:
            return answer.read().decode()

    def told(self, fleet, task):
        """How many lines the hub has, whatever has become of the hub."""
        try:
            return self.log(fleet, task).count("\n")
        except (urllib.error.URLError, ConnectionError):
            return 0

    def writes_more(self, fleet, lines=40):
        """Waits until the command is that many lines further, whoever has read them."""
        progress = fleet.folder / "started.lines"
        before = progress.stat().st_size
        wait_until("more output", lambda: progress.stat().st_size >= before + lines)

    def expect_whole(self, fleet, task, lines=None, seconds=90):
        lines = lines or self.lines
        done = wait_until("the command ends", lambda: (lambda t: t if t["state"] in ("succeeded", "failed", "cancelled") else None)(
            fleet.get(f"/fleet/v1/tasks/{task}")), seconds)
        self.assertEqual(done["state"], "failed", done)
        self.assertIn("exit status 7", done["error"]["message"])
        self.assertEqual([a["outcome"] for a in done["attempts"]], ["failed"], "one attempt: nothing was begun anew")
        self.assertEqual((fleet.folder / "started").read_text(), "started\n")
        self.assertEqual(self.log(fleet, task), "".join(f"line {i}\n" for i in range(1, lines + 1)))
        self.assertEqual(self.log(fleet, task, "stderr"), "".join(f"error {i}\n" for i in range(10, lines + 1, 10)))

    def kills(self, fleet, node, task):
        """Killed, terminated, killed soon after its start, and so on; always in the middle of the output."""
        for blow in ("kill", "stop", "kill", "kill", "stop"):
            before = self.told(fleet, task)
            wait_until("more output", lambda: self.told(fleet, task) > before + 20)
            getattr(node, blow)()
            node.start()
        wait_until("it is back", lambda: fleet.node_state(node.name) == "linked")

    def test_a_node_that_is_killed_and_restarted_keeps_its_command_and_every_line(self):
        with Fleet(lease="10s") as fleet:
            node = fleet.node("box", config=SHELL)
            task = self.submit(fleet, "box")
            self.kills(fleet, node, task)
            self.expect_whole(fleet, task)

    def test_also_while_the_hub_was_away(self):
        with Fleet(lease="10s") as fleet:
            node = fleet.node("box", config=SHELL)
            task = self.submit(fleet, "box")
            fleet.hub.kill()
            # Output piles up in files and in the spool: the hub cannot be asked how much, the command's own file can.
            for blow in ("kill", "stop", "kill"):
                self.writes_more(fleet)
                getattr(node, blow)()
                node.start()
            self.writes_more(fleet)
            fleet.start_hub()
            self.expect_whole(fleet, task)

    def test_a_hub_that_is_killed_and_restarted_keeps_the_commands_of_its_own_node(self):
        with Fleet(hub_config=SHELL, lease="10s") as fleet:
            task = self.submit(fleet, "home")
            for blow in ("kill", "stop", "kill", "stop"):
                before = self.told(fleet, task)
                wait_until("more output", lambda: self.told(fleet, task) > before + 20)
                getattr(fleet.hub, blow)()
                fleet.start_hub()
            self.expect_whole(fleet, task)

    def test_ctrl_c_ends_the_commands_and_gives_the_work_back(self):
        with Fleet(lease="10s") as fleet:
            node = fleet.node("box", config=SHELL)
            task = self.submit(fleet, "box", lines=100_000)
            children = children_of(node.process.pid)
            self.assertTrue(children)
            node.stop(number=signal.SIGINT)
            wait_until("its processes are gone", lambda: not [p for p in children if pathlib.Path(f"/proc/{p}").exists()], 10)
            shown = wait_until("the task waits for another node", lambda: (lambda t: t if t["state"] == "queued" else None)(
                fleet.get(f"/fleet/v1/tasks/{task}")))
            self.assertEqual(shown["attempts"][-1]["outcome"], "lost")
            fleet.post(f"/fleet/v1/tasks/{task}/cancel")

    def test_a_command_whose_node_does_not_come_back_ends_after_one_lease(self):
        with Fleet(lease="3s") as fleet:
            node = fleet.node("box", config=SHELL)
            self.submit(fleet, "box", lines=100_000)
            children = children_of(node.process.pid)
            node.stop()
            self.assertTrue([p for p in children if pathlib.Path(f"/proc/{p}").exists()], "it went on for now")
            wait_until("it has ended by itself", lambda: not [p for p in children if pathlib.Path(f"/proc/{p}").exists()], 20)


class Sleep(unittest.TestCase):
    lease = 3

    def freeze(self, node, number):
        for pid in [node.process.pid, *children_of(node.process.pid)]:
            os.kill(pid, number)

    def sleeping(self, fleet, grace):
        fleet.cli("node", "suspend", "laptop", "--seconds", "600")
        shown = fleet.get("/fleet/v1/nodes/laptop")
        self.assertEqual(shown["state"], "suspended")
        self.assertTrue(shown["suspended_until"])

    def test_a_laptop_that_sleeps_for_many_leases_goes_on_where_it_was(self):
        with Fleet(lease=f"{self.lease}s", hub_config='suspend_grace = "10m"\n') as fleet:
            laptop = fleet.node("laptop", config=SHELL)
            helper = Restart()
            task = helper.submit(fleet, "laptop", lines=300, pause=0.05)
            self.sleeping(fleet, 600)
            self.assertIn("sleeps", fleet.get(f"/fleet/v1/tasks/{task}/why")["text"])
            self.freeze(laptop, signal.SIGSTOP)
            time.sleep(3 * self.lease)  # the sleep itself is what is tested
            self.assertEqual(fleet.node_state("laptop"), "suspended")
            self.assertEqual(fleet.get(f"/fleet/v1/tasks/{task}")["state"], "running")
            woke = time.monotonic()
            self.freeze(laptop, signal.SIGCONT)
            wait_until("it is linked again", lambda: fleet.node_state("laptop") == "linked", 10)
            self.assertLess(time.monotonic() - woke, 3, "at once, by itself")
            helper.expect_whole(fleet, task, lines=300)

    def test_a_laptop_that_sleeps_too_long_is_lost_and_fenced(self):
        with Fleet(lease=f"{self.lease}s", hub_config='suspend_grace = "4s"\n') as fleet:
            laptop = fleet.node("laptop", config=SHELL)
            task = Restart().submit(fleet, "laptop", lines=100_000)
            self.sleeping(fleet, 4)
            children = children_of(laptop.process.pid)
            self.freeze(laptop, signal.SIGSTOP)
            wait_until("its time is over", lambda: fleet.node_state("laptop") == "lost", 20)
            shown = fleet.get(f"/fleet/v1/tasks/{task}")
            self.assertEqual(shown["attempts"][0]["outcome"], "lost")
            self.freeze(laptop, signal.SIGCONT)
            wait_until("it is linked again", lambda: fleet.node_state("laptop") == "linked", 20)
            wait_until("what it ran is gone", lambda: not [p for p in children if pathlib.Path(f"/proc/{p}").exists()], 20)

    def test_a_node_that_is_ended_in_its_sleep_gives_its_work_back(self):
        with Fleet(lease=f"{self.lease}s", hub_config='suspend_grace = "10m"\n') as fleet:
            laptop = fleet.node("laptop", config=SHELL)
            task = Restart().submit(fleet, "laptop", lines=100_000, max_attempts=2)
            self.sleeping(fleet, 600)
            laptop.stop(number=signal.SIGINT)
            wait_until("the hub heard of it", lambda: fleet.node_state("laptop") == "lost", 10)
            shown = fleet.get(f"/fleet/v1/tasks/{task}")
            self.assertEqual(shown["state"], "queued", shown)

    def test_a_short_sleep_is_not_waited_for_as_long_as_a_long_one(self):
        with Fleet(lease=f"{self.lease}s", hub_config='suspend_grace = "10m"\n') as fleet:
            fleet.node("laptop", config=SHELL)
            asked = time.time()
            fleet.post("/fleet/v1/nodes/laptop/suspend", {"seconds": 20})
            shown = fleet.get("/fleet/v1/nodes/laptop")["suspended_until"]
            until = datetime.datetime.fromisoformat(shown.replace("Z", "+00:00")).timestamp()
            self.assertAlmostEqual(until - asked, 20 + self.lease, delta=3)

    def test_what_cannot_be_suspended_says_why(self):
        with Fleet(lease=f"{self.lease}s") as fleet:
            for node, words in (("home", "own node"), ("nobody", "no node")):
                refused = fleet.cli("node", "suspend", node, check=False)
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn(words, refused.stderr)


class Contained(unittest.TestCase):
    """Tasks that behave badly, on a real node beside others that do not."""

    def test_a_task_that_crashes_its_worker_each_time_ends_in_the_dead_letters(self):
        with Fleet(lease="5s") as fleet:
            fleet.node("box", config=SHELL)
            poison = fleet.post("/fleet/v1/tasks", {"kind": "command", "node": "box", "max_attempts": 3, "input": {
                "argv": ["sh", "-c", "echo poison $$; sleep 0.5; kill -9 $PPID; sleep 60.125"]}})["id"]
            good = fleet.cli("task", "run", "--kind", "command", "--node", "box", "--", "sh", "-c", "sleep 1; echo unharmed")
            self.assertIn("unharmed", good.stdout)
            dead = wait_until("it is given up", lambda: (lambda t: t if t["state"] == "failed" else None)(
                fleet.get(f"/fleet/v1/tasks/{poison}")), 60)
            self.assertEqual(dead["error"]["code"], "attempts_exhausted")
            self.assertEqual(len(dead["attempts"]), 3)
            logs = set()
            for attempt in (1, 2, 3):
                with fleet.request("GET", f"/fleet/v1/tasks/{poison}/log?attempt={attempt}") as answer:
                    logs.add(answer.read().decode())
            self.assertEqual(len(logs), 3, "each attempt has its own")
            self.assertTrue(all("poison" in log for log in logs), logs)
            self.assertEqual(fleet.node_state("box"), "linked")
            self.assertFalse(processes_with("sleep 60.125"))

    def test_a_large_output_is_whole_in_a_blob_and_costs_no_memory(self):
        size = int(os.environ.get("FLOTTE_OUTPUT_MB", "96")) * 1_000_000
        with Fleet(lease="10s") as fleet:
            box = fleet.node("box", config=SHELL)

            def memory(process):
                text = pathlib.Path(f"/proc/{process.process.pid}/status").read_text()
                return int(text.split("VmHWM:")[1].split()[0]) * 1024

            fleet.cli("task", "run", "--kind", "command", "--node", "box", "--", "true")
            before = memory(box) + memory(fleet.hub)
            done = fleet.cli("task", "run", "--kind", "command", "--node", "box", "--json", "--", "sh", "-c",
                             f"yes 0123456789012345678 | head -c {size}", timeout=300)
            self.assertLess(memory(box) + memory(fleet.hub) - before, 64_000_000)
            task = fleet.get("/fleet/v1/tasks?kind=command&limit=1")["items"][0]
            whole = task["result"]["stdout"]
            self.assertEqual(whole["bytes"], size)
            with fleet.request("GET", "/fleet/v1/blobs/" + whole["blob"].removeprefix("sha256:")) as answer:
                got = 0
                while piece := answer.read(1 << 20):
                    got += len(piece)
            self.assertEqual(got, size)
            self.assertLess(len(done.stdout), 12_000_000, "the log has the beginning and the end")


if __name__ == "__main__":
    unittest.main()
