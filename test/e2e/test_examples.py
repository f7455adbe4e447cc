"""docs/examples: each program hands a hundred prompts to a real hub, is killed in the middle, and picks up where it was."""
import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

from fleet_under_test import ROOT, Fleet, wait_until
from simulated import KEY, Simulated, hub_providers, node_environment

EXAMPLES = ROOT / "docs/examples"
COUNT = 100
WRONG = 41  # this line's prompt is one that the provider refuses


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulated = cls.enterClassContext(Simulated("--scenario", "slow~ms=120"))
        cls.fleet = cls.enterClassContext(Fleet(hub_providers(cls.simulated.url, ["openai"]), environment={"SIMULATED_KEY": KEY}))

    def prompts(self, name):
        lines = [f"{name} {n}: <what> is the état of the fleet?" for n in range(1, COUNT + 1)]
        lines[WRONG - 1] += " [[status~code=400]]"
        file = self.fleet.folder / f"{name}.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file, lines

    def start(self, command, environment, *arguments, key=None):
        return subprocess.Popen([*map(str, command), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**environment, "FLOTTE_URL": self.fleet.url, "FLOTTE_KEY": key or self.fleet.key})

    def rows(self, results):
        return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []

    def asked(self, name, state=None):
        """How often the provider was asked what; of these requests those with that state."""
        said = [r["body"]["messages"][-1]["content"] for r in self.simulated.log() if r["method"] == "POST" and state in (None, r["state"])]
        return collections.Counter(text for text in said if text.startswith(name + " "))

    def check(self, name, command, environment):
        source, lines = self.prompts(name)
        results = self.fleet.folder / f"{name}.jsonl"
        first = self.start(command, environment, source, results, "openai/any")
        self.addCleanup(first.kill)
        wait_until("some rows", lambda: len(self.rows(results)) >= 5, 60)
        first.kill()
        first.communicate()
        self.assertLess(len(self.rows(results)), COUNT, "it was killed too late to prove anything")
        before = {b["id"] for b in self.fleet.get("/fleet/v1/batches")["items"]}
        self.assertIn((results.parent / f"{results.name}.batch").read_text().strip(), before)
        second = self.start(command, environment, source, results, "openai/any")
        self.addCleanup(second.kill)
        # A hub that restarts meanwhile is waited for.
        self.fleet.hub.stop()
        self.fleet.start_hub()
        _, told = second.communicate(timeout=120)
        self.assertEqual(second.returncode, 1, told)
        rows = self.rows(results)
        self.assertEqual([r["line"] for r in rows], list(range(1, COUNT + 1)))
        self.assertEqual([r["prompt"] for r in rows], lines)
        for row in rows:
            if row["line"] == WRONG:
                self.assertEqual((row["state"], row["text"]), ("failed", None))
                self.assertIn("simulated 400", row["error"])
            else:
                self.assertEqual(row["state"], "succeeded", row)
                self.assertIn("The fleet sails at dawn", row["text"])
                self.assertIsNone(row["error"])
        self.assertIn(f"{COUNT} of {COUNT}, 1 without an answer", told)
        self.assertIn(f"line {WRONG}: failed: ", told)
        # No second batch, and nothing that was answered was asked twice: only what was under way when the hub was stopped.
        self.assertEqual({b["id"] for b in self.fleet.get("/fleet/v1/batches")["items"]}, before)
        again, cut = self.asked(name), self.asked(name, "gone")
        print(f"{name}: {sum(again.values())} requests for {COUNT} prompts, {sum(cut.values())} of them cut off by the restart")
        self.assertEqual(set(again), set(lines))
        self.assertLessEqual(sum(again.values()) - COUNT, sum(w["slots"] for w in self.fleet.get("/fleet/v1/workers")["items"]))
        # An answer can arrive in the very moment of the stop; two of four cannot.
        self.assertLessEqual(sum((again - cut - collections.Counter(lines)).values()), 1, "answers were bought twice")
        # A third time there is nothing to do.
        third = self.start(command, environment, source, results, "openai/any")
        third.communicate(timeout=60)
        self.assertEqual(third.returncode, 1)
        self.assertEqual(self.asked(name), again)

    def refusals(self, command, environment):
        """What cannot be done is said in a sentence, with status 2."""
        source, _ = self.prompts("refused")
        for key, batch, says in (("fk_wrong", None, "key"), (self.fleet.key, "b4711", "b4711")):
            results = self.fleet.folder / f"refused-{os.urandom(4).hex()}.jsonl"
            if batch:
                (results.parent / f"{results.name}.batch").write_text(batch)
            process = self.start(command, environment, source, results, "openai/any", key=key)
            self.addCleanup(process.kill)
            _, told = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 2, told)
            self.assertRegex(told, f"(?s)prompts: .*{says}")
            self.assertNotIn("Traceback", told)
        missing = self.start(command, environment, self.fleet.folder / "none.txt", self.fleet.folder / "none.jsonl")
        _, told = missing.communicate(timeout=60)
        self.assertEqual(missing.returncode, 2, told)
        self.assertIn("none.txt", told)

    def test_python(self):
        self.check("python", [sys.executable, EXAMPLES / "prompts.py"], dict(os.environ))
        self.refusals([sys.executable, EXAMPLES / "prompts.py"], dict(os.environ))

    def test_python_says_at_once_what_keeps_it_waiting(self):
        source, _ = self.prompts("waiting")
        environment = {**os.environ, "FLOTTE_URL": "http://127.0.0.1:1", "FLOTTE_KEY": self.fleet.key}
        process = subprocess.Popen([sys.executable, EXAMPLES / "prompts.py", source, self.fleet.folder / "waiting.jsonl"], env=environment,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertRegex(process.stderr.readline(), r"prompts: http://127.0.0.1:1/fleet/v1 does not answer: .*trying for 5 minutes")
        typed = self.start([sys.executable, EXAMPLES / "prompts.py"], dict(os.environ), source, self.fleet.folder / "typed.jsonl", "nosuch")
        self.addCleanup(typed.stderr.close)
        self.addCleanup(typed.stdout.close)
        self.addCleanup(typed.wait)
        self.addCleanup(typed.kill)
        self.assertIn('no model "nosuch" is known now', typed.stderr.readline())

    def test_python_interrupted(self):
        source, _ = self.prompts("interrupted")
        results = self.fleet.folder / "interrupted.jsonl"
        process = self.start([sys.executable, EXAMPLES / "prompts.py"], dict(os.environ), source, results, "openai/any")
        wait_until("some rows", lambda: self.rows(results), 60)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, told)
        batch = (self.fleet.folder / "interrupted.jsonl.batch").read_text().strip()
        self.assertIn(f"flotte batch cancel {batch}", told)
        self.fleet.cli("batch", "cancel", batch)
        again = self.start([sys.executable, EXAMPLES / "prompts.py"], dict(os.environ), source, results, "openai/any")
        _, told = again.communicate(timeout=60)
        self.assertEqual(again.returncode, 1, told)
        self.assertEqual(len(self.rows(results)), COUNT, "cancelled ones have rows too")

    def test_typescript(self):
        command = ["node", "--experimental-strip-types", "--disable-warning=ExperimentalWarning", EXAMPLES / "prompts.ts"]
        self.check("typescript", command, node_environment())
        self.refusals(command, node_environment())

    @unittest.skipUnless(shutil.which("go"), "Go is not installed")
    def test_go(self):
        program = self.fleet.folder / "prompts"
        environment = {**os.environ, "GO111MODULE": "off", "GOFLAGS": ""}
        subprocess.run(["go", "vet", str(EXAMPLES / "prompts.go")], check=True, env=environment, capture_output=True, cwd=self.fleet.folder)
        subprocess.run(["go", "build", "-o", str(program), str(EXAMPLES / "prompts.go")], check=True, env=environment, capture_output=True, cwd=self.fleet.folder)
        self.check("go", [program], environment)
        self.refusals([program], environment)


if __name__ == "__main__":
    unittest.main()
