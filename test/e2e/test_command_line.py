"""What a new user types: commands find the hub of their machine, -- makes a command, and what cannot be is said in a sentence."""
import datetime
import os
import subprocess
import unittest

from fleet_under_test import BINARY, Fleet, Process, wait_until

SHELL = '[[worker]]\nname = "shell"\nkind = "command"\nslots = 2\n'


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = cls.enterClassContext(Fleet(hub_config=SHELL))

    def plain(self, *arguments, **environment):
        """Without an address and a key, as on the machine of a hub."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FLOTTE_")}
        return subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**kept, "HOME": str(self.fleet.folder), **environment})

    def test_commands_find_the_hub_of_this_machine(self):
        data, config = self.fleet.folder / "hub", self.fleet.folder / "hub.toml"
        address = data / "hub.address"
        self.assertEqual(address.read_text().strip(), self.fleet.url)
        found = self.plain("node", "ls", FLOTTE_DATA=str(data))
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertIn("home", found.stdout)
        # The configuration file alone leads there, too.
        address.rename(address.with_suffix(".away"))
        try:
            self.assertEqual(self.plain("node", "ls", "--data", data, "--config", config).returncode, 0)
        finally:
            address.with_suffix(".away").rename(address)
        self.fleet.hub.stop()
        self.assertFalse(address.exists())
        away = self.plain("node", "ls", "--data", data, "--config", config)
        self.assertEqual(away.returncode, 3)
        self.assertIn(self.fleet.url, away.stderr)
        self.fleet.start_hub()

    def test_a_taken_port_names_the_file(self):
        config = self.fleet.folder / "hub.toml"
        second = Process("second", ["hub", "--config", config, "--data", self.fleet.folder / "second"], self.fleet.folder).start()
        self.assertNotEqual(second.process.wait(30), 0)
        self.assertIn(f"under [hub] in {config}", second.tail())

    def test_what_stands_behind_the_mark_is_a_command(self):
        self.assertEqual(self.fleet.cli("task", "run", "--", "echo", "hi", "there").stdout, "hi there\n")
        task = self.fleet.cli_json("task", "ls", "--limit", "1")[0]
        self.assertEqual(task["kind"], "command")
        self.assertEqual(self.fleet.cli("task", "logs", "-f", task["id"]).stdout, "hi there\n")
        refused = self.fleet.cli("task", "run", "--kind", "prompt", "--", "echo", check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("is a command", refused.stderr)
        self.fleet.cli("schedule", "add", "weekly", "@weekly", "--zone", "UTC", "--project", "site", "--", "echo", "later")
        shown = self.fleet.cli("schedule", "show", "weekly").stdout
        for line in ("command    echo later", "project    site", "catch-up   last: "):
            self.assertIn(line, shown)
        self.assertIn("next       ", shown)
        self.fleet.cli("schedule", "rm", "weekly")

    def test_times_are_those_of_the_machine_and_json_is_utc(self):
        self.fleet.cli("task", "run", "--", "true")
        task = self.fleet.cli_json("task", "ls", "--limit", "1")[0]
        utc = datetime.datetime.fromisoformat(task["created_at"].replace("Z", "+00:00"))
        here = (utc + datetime.timedelta(hours=9)).strftime("%Y-%m-%d %H:%M:%S")
        listed = self.plain("task", "ls", "--limit", "1", FLOTTE_DATA=str(self.fleet.folder / "hub"), TZ="XST-9")
        self.assertIn(here, listed.stdout, listed.stderr)

    def test_what_is_not_there_is_said(self):
        invited = self.fleet.cli("node", "invite")
        self.assertIn("on this machine only", invited.stderr)
        self.assertIn("flotte up --lan", invited.stderr)
        missing = self.fleet.cli("task", "ls", "--batch", "b99", check=False)
        self.assertEqual((missing.returncode, missing.stdout), (1, ""), missing.stderr)
        self.assertIn("nothing of that project", self.fleet.cli("project", "pause", "nosuch").stdout)
        self.fleet.cli("project", "resume", "nosuch")
        typed = self.fleet.cli("task", "run", "--detach", "-m", "nosuch", "hello")
        self.assertIn('no model "nosuch" is known now', typed.stderr)
        other = self.fleet.cli("task", "run", "--detach", "--project", "site", "--not-before", "1h", "--", "true").stdout.strip()
        first = typed.stdout.strip()
        self.assertIn(f"{other} cancelled", self.fleet.cli("task", "cancel", first, other).stdout)
        states = {t["id"]: t["state"] for t in self.fleet.cli_json("task", "ls")}
        self.assertEqual((states[first], states[other]), ("cancelled", "cancelled"))

    def test_a_worker_is_shown_as_its_node_has_taken_it_up(self):
        added = self.fleet.cli("worker", "add", "reader", "--model", "nosuch", "--slots", "3").stdout
        self.assertIn("3 slots", added)
        self.assertNotIn("away", added)
        self.assertIn("8 slots", self.fleet.cli("worker", "set", "reader", "--slots", "8").stdout)
        listed = self.fleet.cli("worker", "ls").stdout
        self.assertRegex(listed, r"reader@home .* hub ")
        self.assertRegex(listed, r"shell@home .* its node ")
        self.fleet.cli("worker", "rm", "reader")
        wait_until("it is gone", lambda: self.fleet.cli("worker", "show", "reader", check=False).returncode != 0)


if __name__ == "__main__":
    unittest.main()
