"""Responses, messages, completions and embeddings through the real hub: to the demonstration engine, which speaks them, and to a scripted
provider that is told to speak chat only."""
import json
import subprocess
import sys
import unittest
import urllib.error

from fleet_under_test import Fleet
from test_clients import KEY, PLAYED, Provider


def events_of(text):
    """(name, data) of each event of a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = [line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":")]
        named = dict(fields)
        if "data" in named and named["data"] != "[DONE]":
            data = json.loads(named["data"])
            found.append((named.get("event", data.get("type")), data))
    return found


class Apis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.close)
        cls.fleet = Fleet(f'[[provider]]\nname = "plain"\ndialect = "openai"\nbase_url = "{cls.provider.url}"\napi_key = "{KEY}"\n'
                          f'[[provider]]\nname = "vectors"\ndialect = "openai"\nbase_url = "{cls.provider.url}"\napi_key = "{KEY}"\napis = ["embeddings"]\n'
                          f'[[provider]]\nname = "ant"\ndialect = "anthropic"\nbase_url = "{cls.provider.url[:-3]}"\napi_key = "{KEY}"\n')
        cls.fleet.__enter__()
        cls.addClassCleanup(cls.fleet.__exit__, None, None, None)
        cls.fleet.node("box", engine="demo")
        cls.fleet.wait_for_engine("box")

    def stream(self, path, body, **more):
        with self.fleet.request("POST", path, body, **more) as answer:
            self.assertTrue(answer.headers["content-type"].startswith("text/event-stream"))
            return answer.headers["x-flotte-target"], events_of(answer.read().decode())

    def refused(self, method, path, body=None, **more):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.fleet.request(method, path, body, **more)
        with caught.exception as answer:
            return answer.code, json.load(answer)

    def test_messages_of_the_engine_stream(self):
        target, events = self.stream("/v1/messages", {"model": "default", "max_tokens": 20, "stream": True,
                                                      "messages": [{"role": "user", "content": "Summarise: the fleet sails."}]},
                                     headers={"anthropic-version": "2023-06-01"})
        self.assertTrue(target.startswith("demo@box/"))
        names = [name for name, _ in events]
        self.assertEqual((names[0], names[-1]), ("message_start", "message_stop"))
        self.assertIn("content_block_delta", names)
        count = self.fleet.post("/v1/messages/count_tokens", {"model": "default", "messages": [{"role": "user", "content": "hello"}]})
        self.assertGreater(count["input_tokens"], 0)

    def test_responses_of_the_engine_stream(self):
        target, events = self.stream("/v1/responses", {"model": "default", "max_output_tokens": 20, "stream": True, "input": "Summarise: wind."})
        self.assertTrue(target.startswith("demo@box/"))
        names = [name for name, _ in events]
        self.assertEqual(names[0], "response.created")
        self.assertEqual(names[-1], "response.completed")
        self.assertIn("response.output_text.delta", names)

    def test_messages_of_a_provider_of_that_dialect(self):
        target, events = self.stream("/v1/messages", {"model": "ant/normal", "stream": True, "messages": []})
        self.assertEqual(target, "ant/normal")
        self.assertEqual(events[-1][0], "message_stop")

    def test_a_model_that_does_not_speak_it_is_asked_in_what_it_speaks(self):
        hello = [{"role": "user", "content": "hello"}]
        answer = self.fleet.post("/v1/messages", {"model": "plain/normal", "max_tokens": 9, "messages": hello})
        self.assertEqual((answer["type"], answer["content"][0]["type"]), ("message", "text"))
        answer = self.fleet.post("/v1/responses", {"model": "ant/normal", "input": "hello"})
        self.assertEqual((answer["object"], answer["status"]), ("response", "completed"))

    def test_what_cannot_be_translated_says_so(self):
        status, error = self.refused("POST", "/v1/messages", {"model": "vectors/normal", "max_tokens": 9,
                                                              "messages": [{"role": "user", "content": "hello"}]})
        self.assertEqual((status, error["type"], error["error"]["type"]), (400, "error", "invalid_request_error"))
        self.assertIn("it cannot be translated to what it speaks: embeddings", error["error"]["message"])
        status, error = self.refused("POST", "/v1/embeddings", {"model": "ant/normal", "input": "hello"})
        self.assertEqual((status, error["error"]["code"]), (400, "api_not_spoken"))

    def test_errors_and_models_have_anthropics_shape(self):
        status, error = self.refused("POST", "/v1/messages", {}, key="fk_wrong")
        self.assertEqual((status, error["error"]["type"]), (401, "authentication_error"))
        status, error = self.refused("GET", "/v1/models", key="fk_wrong", headers={"anthropic-version": "2023-06-01"})
        self.assertEqual((status, error["error"]["type"]), (401, "authentication_error"))
        models = self.fleet.get("/v1/models", headers={"anthropic-version": "2023-06-01"})
        self.assertFalse(models["has_more"])
        self.assertIn("default", [m["id"] for m in models["data"]])
        listed = {m["id"]: m["apis"] for m in self.fleet.get("/fleet/v1/models")["items"]}
        self.assertEqual(listed["default"], ["chat", "completions", "embeddings", "responses", "messages"])

    def test_the_key_may_stand_in_the_path(self):
        path = f"/k/{self.fleet.key}"
        nobody = {"authorization": "", "x-api-key": ""}
        answer = self.fleet.post(path + "/v1/messages", {"model": "ant/normal", "messages": []}, headers=nobody)
        self.assertEqual(answer["type"], "message")
        self.assertIn("data", self.fleet.get(path + "/v1/models", headers=nobody))
        for wrong in ("/k/fk_wrong/v1/models", "/k/fk_wrong/v1/messages"):
            status, error = self.refused("POST" if wrong.endswith("messages") else "GET", wrong, {} if wrong.endswith("messages") else None)
            self.assertEqual(status, 401)
            self.assertNotIn("fk_wrong", json.dumps(error))
        for closed in (path + "/fleet/v1/keys", path + "/v1/nothing", "/k/" + self.fleet.key):
            status, error = self.refused("GET", closed)
            self.assertEqual(status, 404)
            self.assertNotIn(self.fleet.key, json.dumps(error))
        self.assertNotIn(self.fleet.key, self.fleet.hub.log.read_text())

    def test_launch_goes_ahead_where_the_model_answers(self):
        folder = self.fleet.folder / "played"
        folder.mkdir()
        for name in ("claude", "codex"):
            out = folder / f"{name}.json"
            (folder / name).write_text(PLAYED.format(python=sys.executable, out=str(out)))
            (folder / name).chmod(0o755)
            environment = dict(self.fleet.environment(), HOME=str(folder), PATH=f"{folder}:/usr/bin:/bin")
            done = subprocess.run(self.fleet.command("launch", name, "x"), capture_output=True, text=True, env=environment, timeout=60,
                                  stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 7, done.stderr)
            self.assertNotIn("warning", done.stderr)
            self.assertTrue(out.exists())
            out.unlink()
            # The hub translates between their APIs.
            other = subprocess.run(self.fleet.command("launch", "-m", "plain/normal", name, "x"), capture_output=True, text=True,
                                   env=environment, timeout=60, stdin=subprocess.DEVNULL)
            self.assertEqual(other.returncode, 7, other.stderr)
            out.unlink()
            refused = subprocess.run(self.fleet.command("launch", "-m", "vectors/normal", name, "x"), capture_output=True, text=True,
                                     env=environment, timeout=60, stdin=subprocess.DEVNULL)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn("vectors/normal", refused.stderr)
            self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
