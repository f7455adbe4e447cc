"""Ollama's own API of the real hub, as its command line and its clients ask: the key in the path, the demonstration engine and the simulated
provider behind it, neither of which is an Ollama server."""
import json
import unittest
import urllib.error
import urllib.request

from fleet_under_test import Fleet, wait_until
from simulated import KEY, Simulated, hub_providers


class OllamaEngine(unittest.TestCase):
    """A node beside an Ollama: what its own clients say reaches it as it was written, through the node's streams."""

    def test_calls_pass_through(self):
        with Simulated("--only", "ollama") as simulated, Fleet() as fleet:
            fleet.node("box", config=f'[[engine]]\nname = "ollama"\nkind = "ollama"\nbase_url = "{simulated.url}"\n')
            fleet.wait_for_engine("box")
            body = ('{"keep_alive":"1h", "model":"ollama@box/text","options":{"num_ctx":8192},\n "messages":[{"role":"user","content":"hi"}]}')
            with fleet.request("POST", "/api/chat", body.encode()) as answer:
                self.assertEqual(answer.headers["x-flotte-target"], "ollama@box/text")
                self.assertNotIn("x-flotte-notes", answer.headers)
                self.assertTrue(json.loads(answer.read().splitlines()[-1])["done"])
            vectors = fleet.post("/api/embed", {"model": "ollama@box/sim-embed", "input": "a"})
            self.assertEqual(len(vectors["embeddings"]), 1)
            fleet.post("/api/generate", {"model": "ollama@box/text", "prompt": "", "stream": False})
            self.assertEqual(simulated.log()[-1]["path"], "/api/generate", "it is its server that loads a model")
            [chat] = [entry for entry in simulated.log() if entry["path"] == "/api/chat"]
            self.assertEqual(list(chat["body"]), ["keep_alive", "model", "options", "messages"])
            self.assertEqual((chat["body"]["model"], chat["body"]["keep_alive"]), ("text", "1h"))


class Ollama(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulated = cls.enterClassContext(Simulated())
        named = '[[model]]\nname = "clever-7b-q4_k_m"\ntargets = [{ provider = "anthropic", model = "text" }]\n'
        cls.fleet = cls.enterClassContext(Fleet(hub_providers(cls.simulated.url) + named, environment={"SIMULATED_KEY": KEY}))
        cls.fleet.node("box", engine="demo")
        cls.fleet.wait_for_engine("box")
        cls.engine_model = next(m["id"] for m in cls.fleet.cli_json("model", "ls") if m["kind"] == "engine")

    def ask(self, method, path, body=None, key=None, agent="ollama/0.12.6 (amd64 linux) Go/go1.24"):
        """Below /k/KEY, without a header that says the key."""
        call = urllib.request.Request(f"{self.fleet.url}/k/{key or self.fleet.key}{path}", method=method,
                                      data=None if body is None else json.dumps(body).encode(), headers={"user-agent": agent})
        return urllib.request.urlopen(call, timeout=60)

    def answer(self, *arguments, **more):
        with self.ask(*arguments, **more) as answer:
            return json.load(answer)

    def refused(self, *arguments, **more):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.ask(*arguments, **more)
        with caught.exception as answer:
            return answer.code, json.load(answer)["error"]

    def lines(self, path, body):
        with self.ask("POST", path, body) as answer:
            self.assertEqual(answer.headers["content-type"], "application/x-ndjson")
            return [json.loads(line) for line in answer.read().decode().splitlines()]

    def test_it_is_there(self):
        for method in ("HEAD", "GET"):
            with self.ask(method, "/") as answer:
                self.assertEqual((answer.status, answer.read()), (200, b"" if method == "HEAD" else b"Ollama is running"))
        self.assertRegex(self.answer("GET", "/api/version")["version"], r"^\d+\.\d+\.\d+$")
        knock = urllib.request.Request(self.fleet.url + "/", headers={"user-agent": "ollama-python/0.6.0"})
        with urllib.request.urlopen(knock, timeout=10) as answer:
            self.assertEqual(answer.read(), b"Ollama is running")
        status, error = self.refused("GET", "/api/tags", key="fk_wrong")
        self.assertEqual(status, 401)
        self.assertIn("key", error)

    def test_the_board_keeps_its_place(self):
        browser = urllib.request.Request(self.fleet.url + "/", headers={"user-agent": "Mozilla/5.0", "accept": "text/html"})
        try:
            with urllib.request.urlopen(browser, timeout=10) as answer:
                self.assertIn("text/html", answer.headers["content-type"])
        except urllib.error.HTTPError as error:  # a binary that was built without the board
            with error:
                self.assertEqual(error.code, 404)

    def test_models_are_listed_and_shown(self):
        tags = {model["name"]: model for model in self.answer("GET", "/api/tags")["models"]}
        clever = tags["clever-7b-q4_k_m"]
        self.assertEqual(len(clever["digest"]), 64)
        self.assertIn(self.engine_model, tags)
        shown = self.answer("POST", "/api/show", {"model": self.engine_model})
        family = shown["model_info"]["general.architecture"]
        self.assertGreater(shown["model_info"][f"{family}.context_length"], 0)
        self.assertIn("completion", shown["capabilities"])
        running = {model["name"] for model in self.answer("GET", "/api/ps")["models"]}
        self.assertIn(self.engine_model, running)
        self.assertNotIn("clever-7b-q4_k_m", running)
        status, error = self.refused("POST", "/api/show", {"model": "nobody"})
        self.assertEqual(status, 404)
        self.assertIn("nobody", error)

    def test_models_are_managed_on_the_nodes(self):
        with self.ask("POST", "/api/pull", {"model": self.engine_model}) as answer:
            self.assertEqual(json.load(answer), {"status": "success"})
        for method, path in (("POST", "/api/pull"), ("POST", "/api/create"), ("DELETE", "/api/delete"), ("POST", "/api/push")):
            status, error = self.refused(method, path, {"model": "nobody"})
            self.assertEqual(status, 501)
            self.assertIn("managed on the nodes", error)

    def test_a_chat_streams_from_the_engine(self):
        lines = self.lines("/api/chat", {"model": f"{self.engine_model}:latest", "options": {"num_predict": 20},
                                         "messages": [{"role": "user", "content": "Summarise: the fleet sails."}]})
        self.assertTrue("".join(line["message"]["content"] for line in lines))
        self.assertEqual([line["done"] for line in lines], [False] * (len(lines) - 1) + [True])
        self.assertGreater(lines[-1]["eval_count"], 0)
        self.assertGreater(lines[-1]["total_duration"], 0)
        self.assertGreaterEqual(lines[-1]["total_duration"], lines[-1]["eval_duration"])

    def test_a_whole_answer_of_another_dialect(self):
        body = {"model": "clever-7b-q4_k_m", "stream": False, "keep_alive": "5m", "messages": [{"role": "user", "content": "hello"}]}
        with self.ask("POST", "/api/chat", body) as answer:
            self.assertEqual(answer.headers["x-flotte-target"], "anthropic/text")
            self.assertIn("keep_alive left out", answer.headers["x-flotte-notes"])
            whole = json.load(answer)
        self.assertEqual((whole["done"], whole["done_reason"], whole["message"]["role"]), (True, "stop", "assistant"))
        self.assertTrue(whole["message"]["content"])
        self.assertGreater(whole["prompt_eval_count"], 0)

    def test_a_prompt_is_answered(self):
        lines = self.lines("/api/generate", {"model": "gemini/text", "prompt": "hello", "system": "be brief"})
        self.assertTrue("".join(line["response"] for line in lines))
        self.assertTrue(lines[-1]["done"])

    def test_what_others_keep_is_always_loaded(self):
        loaded = self.answer("POST", "/api/generate", {"model": "clever-7b-q4_k_m", "stream": False})
        self.assertEqual((loaded["done"], loaded["done_reason"], loaded["response"]), (True, "load", ""))
        [line] = self.lines("/api/chat", {"model": self.engine_model, "messages": [], "keep_alive": 0})
        self.assertEqual((line["done"], line["done_reason"]), (True, "unload"))

    def test_a_load_reaches_a_server_of_ollamas(self):
        with self.ask("POST", "/api/generate", {"model": "ollama/text"}) as answer:
            answer.read()
        self.assertIn("/api/generate", [entry["path"] for entry in self.simulated.log() if entry["dialect"] == "ollama"])

    def test_vectors_of_other_dialects(self):
        for provider in ("openai", "gemini", "ollama"):
            found = self.answer("POST", "/api/embed", {"model": f"{provider}/sim-embed", "input": ["a", "b"]})
            self.assertEqual(len(found["embeddings"]), 2, provider)
            self.assertTrue(all(isinstance(n, (int, float)) for n in found["embeddings"][0]))
        old = self.answer("POST", "/api/embeddings", {"model": "openai/sim-embed", "prompt": "a"})
        self.assertTrue(old["embedding"])
        status, error = self.refused("POST", "/api/embed", {"model": "anthropic/sim-embed", "input": "a"})
        self.assertEqual(status, 400)
        self.assertIn("embed", error)

    def test_errors_are_one_text(self):
        status, error = self.refused("POST", "/api/chat", {"model": "nobody", "messages": []})
        self.assertEqual(status, 404)
        self.assertIn("nobody", error)
        status, error = self.refused("POST", "/api/generate", {"model": "clever-7b-q4_k_m", "prompt": "a", "raw": True})
        self.assertEqual(status, 400)
        self.assertIn("raw cannot be sent to Anthropic Messages", error)

    def test_a_client_that_leaves_is_noticed(self):
        answer = self.ask("POST", "/api/chat", {"model": "anthropic/forever", "messages": [{"role": "user", "content": "count"}]})
        answer.readline()
        answer.close()
        wait_until("the provider's call is gone",
                   lambda: any(e["state"] == "gone" for e in self.simulated.log() if e["dialect"] == "anthropic"))


if __name__ == "__main__":
    unittest.main()
