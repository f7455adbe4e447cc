"""Doors of providers through the real hub: two projects that never share an address, and a provider that is reached through a node."""
import json
import unittest
import urllib.error
import urllib.request

from fleet_under_test import Fleet, wait_until
from test_clients import KEY, Provider, SCRIPTED

CONFIG = """
[[provider]]
name = "{name}"
dialect = "openai"
base_url = "{url}"
api_key = "{key}"
via = "{via}"
"""


def provider(name, url, via):
    return CONFIG.format(name=name, url=url, key=KEY, via=via)


def control(of, path, body=None):
    request = urllib.request.Request(of.url[:-3] + path, data=json.dumps(body).encode() if body is not None else None)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@unittest.skipUnless(SCRIPTED.exists(), "the scripted provider is not built")
class Doors(unittest.TestCase):
    def setUp(self):
        self.first, self.second = Provider(), Provider()
        self.addCleanup(self.first.close)
        self.addCleanup(self.second.close)

    def ask(self, fleet, model, text, key=None):
        with fleet.request("POST", "/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": text}]}, key=key) as answer:
            answer.read()
            return answer.headers["x-flotte-target"]

    def refused(self, fleet, model, text, key=None):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.ask(fleet, model, text, key)
        with caught.exception as answer:
            return answer.code, json.load(answer)["error"]["message"]

    def peers(self, word):
        """Where requests that hold the word came from."""
        return {r["peer"].rsplit(":", 1)[0] for p in (self.first, self.second)
                for r in control(p, "/control/log")["requests"] if word in r["body"]}

    def test_two_projects_never_share_an_address_also_under_failover(self):
        config = "".join(provider(f"{project}-{number}", p.url, f"interface:{address}")
                         for project, address in (("red", "127.0.0.2"), ("blue", "127.0.0.3"))
                         for number, p in enumerate((self.first, self.second)))
        config += '[[model]]\nname = "shared"\ntargets = [ ' + ", ".join(
            f'{{ provider = "{project}-{number}", model = "normal" }}' for number in (0, 1) for project in ("red", "blue")) + " ]\n"
        config += '[[project]]\nname = "crimson"\nproviders = ["red-*"]\n[[project]]\nname = "azure"\nproviders = ["blue-*"]\n'
        with Fleet(config) as fleet:
            keys = {name: fleet.cli_json("key", "add", name, "--scope", "models", "--provider", f"{name}-*")["key"] for name in ("red", "blue")}
            for scenario in ("normal", "status:status=500", "cut:after=0", "normal"):
                control(self.first, "/control/scenario", {"scenario": scenario})
                for name, key in keys.items():
                    self.assertTrue(self.ask(fleet, "shared", f"for {name}", key).startswith(name + "-"))
            self.assertEqual(self.peers("for red"), {"127.0.0.2"})
            self.assertEqual(self.peers("for blue"), {"127.0.0.3"})
            code, why = self.refused(fleet, "blue-0/normal", "for red too", keys["red"])
            self.assertEqual(code, 403)
            self.assertIn("red-*", why)
            self.assertEqual(self.peers("for red too"), set())

            # Tasks of a project stay within it, whoever handed them in.
            for project, address in (("crimson", "127.0.0.2"), ("azure", "127.0.0.3")):
                task = fleet.post("/fleet/v1/tasks", {"kind": "prompt", "model": "shared", "project": project, "input": {"prompt": f"in {project}"}})
                wait_until("the task is done", lambda: fleet.get(f"/fleet/v1/tasks/{task['id']}")["state"] == "succeeded")
                self.assertEqual(self.peers(f"in {project}"), {address})

    def test_a_provider_is_reached_through_a_node_and_never_without_it(self):
        port = self.first.url.split(":")[2].split("/")[0]
        config = provider("far", self.first.url, "node:box") + provider("closed", self.second.url, "node:box")
        with Fleet(config) as fleet:
            fleet.node("box", f'egress = ["127.0.0.1:{port}"]\n')
            self.assertEqual(self.ask(fleet, "far/normal", "through the node"), "far/normal")
            self.assertEqual(self.peers("through the node"), {"127.0.0.1"})
            code, why = self.refused(fleet, "closed/normal", "not listed")
            self.assertEqual(code, 503)
            self.assertIn("does not let others reach", why)
            fleet.nodes["box"].kill()
            code, why = self.refused(fleet, "far/normal", "without the node")
            self.assertIn(code, (502, 503))
            self.assertEqual(self.peers("without the node"), set(), "nothing leaves by another door")


if __name__ == "__main__":
    unittest.main()
