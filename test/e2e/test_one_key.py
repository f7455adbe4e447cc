"""Any single one of the four keys in the environment, with a simulated provider of that vendor behind *_BASE_URL, is enough for `flotte ask`."""
import json
import unittest

from fleet_under_test import wait_until
from simulated import KEY, Simulated
from test_up import Up

SENTENCE = "The fleet sails at dawn. Die Flotte läuft, 日本語."


class OneKeyOfFour(unittest.TestCase):
    def one(self, vendor, dialect):
        with Simulated("--only", dialect) as simulated, Up({f"{vendor.upper()}_API_KEY": KEY, f"{vendor.upper()}_BASE_URL": simulated.url}) as up:
            text = up.text()
            self.assertIn(f"{vendor.upper()}_API_KEY", text)
            self.assertIn("default", text)
            self.assertEqual(up.cli("ask", "Say hello").stdout.strip(), SENTENCE)
            # The address is not the vendor's own: its list of models says what `default` is, and the reason is shown.
            wait_until("the server's own model is the default", lambda: up.names()["default"]["targets"] == [f"{vendor}/sim-large"])
            default = up.names()["default"]
            self.assertTrue(default["why"], default)
            self.assertIn(default["why"], up.cli("model", "ls").stdout)
            self.assertEqual(up.cli("ask", "-m", "default", "Say hello").stdout.strip(), SENTENCE)
            asked = [r for r in simulated.log() if r["method"] == "POST"]
            self.assertEqual({r["status"] for r in asked}, {200}, [r.get("refused") for r in asked])
            self.assertEqual(asked[-1]["seen"]["model"], "sim-large")
            self.assertNotIn(KEY, json.dumps([text, up.errors()]))

    def test_openai(self):
        self.one("openai", "openai")

    def test_anthropic(self):
        self.one("anthropic", "anthropic")

    def test_gemini(self):
        self.one("gemini", "gemini")

    def test_mistral(self):
        self.one("mistral", "mistral")


if __name__ == "__main__":
    unittest.main()
