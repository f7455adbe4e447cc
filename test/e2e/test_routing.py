"""Strategies and rules as they are written in flotte.toml, through the real hub."""
import subprocess
import unittest
import urllib.error

from fleet_under_test import Fleet, wait_until
from test_clients import KEY, Provider, SCRIPTED
from test_doors import control, provider

class At(Provider):
    """On a port that is known."""

    def __init__(self, port):
        self.process = subprocess.Popen([str(SCRIPTED), "--key", KEY, "--port", port], stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()


MODELS = """
[[model]]
name = "auto"
rules = [ { when = { images = true }, model = "eyes" }, { when = { min_tokens = 300 }, model = "second/normal" }, { model = "stays" } ]

[[model]]
name = "eyes"
strategy = "weighted"
targets = [ { provider = "first", model = "normal", weight = 3 }, { provider = "second", model = "normal", weight = 0 } ]

[[model]]
name = "stays"
strategy = "affinity"
targets = [ { provider = "first", model = "normal" }, { provider = "second", model = "normal" } ]
"""


@unittest.skipUnless(SCRIPTED.exists(), "the scripted provider is not built")
class Routing(unittest.TestCase):
    def setUp(self):
        self.first, self.second = Provider(), Provider()
        self.addCleanup(self.first.close)
        self.addCleanup(self.second.close)
        self.config = provider("first", self.first.url, "direct") + provider("second", self.second.url, "direct") + MODELS

    def ask(self, fleet, model, *contents):
        body = {"model": model, "messages": [{"role": "user", "content": c} for c in contents]}
        with fleet.request("POST", "/v1/chat/completions", body) as answer:
            answer.read()
            return answer.headers["x-flotte-target"], answer.headers["x-flotte-route"]

    def test_rules_choose_and_say_so_and_model_ls_explains(self):
        with Fleet(self.config) as fleet:
            picture = [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]
            self.assertEqual(self.ask(fleet, "auto", picture), ("first/normal", "auto: rule 1 (images) -> eyes"))
            self.assertEqual(self.ask(fleet, "auto", "word " * 400), ("second/normal", "auto: rule 2 (min_tokens 300) -> second/normal"))
            self.assertEqual(self.ask(fleet, "auto", "hello")[1], "auto: rule 3 (otherwise) -> stays")
            self.assertIsNone(self.ask(fleet, "stays", "hello")[1])
            lines = {m["id"]: m for m in fleet.cli_json("model", "ls")}
            self.assertEqual(lines["auto"]["why"], "[[model]] auto, by its rules")
            self.assertIn("rule 1 (images) -> eyes", lines["auto"]["targets"])
            self.assertEqual(lines["eyes"]["why"], "[[model]] eyes, weighted")

    def test_a_conversation_stays_where_its_prefix_is_and_the_saving_is_counted(self):
        with Fleet(self.config) as fleet:
            # One connection each time: whichever loop takes it sends it to the same place.
            turns = ["be brief"]
            served = set()
            for turn in range(6):
                turns.append(f"turn {turn}")
                served.add(self.ask(fleet, "stays", *turns)[0])
            self.assertEqual(len(served), 1)
            with fleet.request("GET", "/metrics") as answer:
                metrics = answer.read().decode()
            self.assertIn('flotte_affinity_total{prefix="kept"}', metrics)
            self.assertIn("flotte_affinity_cached_tokens_total", metrics)

    def test_a_spend_limit_is_told_and_another_account_answers(self):
        with Fleet(self.config + '[[model]]\nname = "both"\ntargets = [ { provider = "first", model = "m" }, { provider = "second", model = "m" } ]\n') as fleet:
            control(self.first, "/control/scenario", {"scenario": "later:as=spend"})
            self.assertEqual(self.ask(fleet, "both", "hello")[0], "second/m")
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.ask(fleet, "first/m", "hello")
            with caught.exception as answer:
                self.assertEqual(answer.code, 402)
                self.assertIn("spend limit", answer.read().decode())
            self.assertEqual(len(control(self.first, "/control/log")["requests"]), 1, "asked once, then left alone")

    def test_what_was_down_is_open_again_before_a_client_tries(self):
        port = self.first.url.split(":")[2].split("/")[0]
        with Fleet(self.config) as fleet:
            self.first.process.kill()
            self.first.process.wait()
            for _ in range(4):
                self.assertEqual(self.ask(fleet, "eyes", "hello")[0], "second/normal")
            again = At(port)
            self.addCleanup(again.close)
            # The hub's own look comes first: it asks for the list of models.
            wait_until("open again", lambda: self.ask(fleet, "eyes", "hello")[0] == "first/normal", 15)


if __name__ == "__main__":
    unittest.main()
