"""Gemini's paths of the real hub, and its signatures on their way: a simulated provider of every dialect behind it refuses what the real
APIs refuse, above all thoughts and calls whose signatures did not come back."""
import json
import unittest
import urllib.error
import urllib.request

from fleet_under_test import Fleet
from simulated import KEY, Simulated, hub_providers

SENTENCE = "The fleet sails at dawn. Die Flotte läuft, 日本語."
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
HELLO = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


class Gemini(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulated = Simulated()
        cls.simulated.__enter__()
        cls.addClassCleanup(cls.simulated.__exit__, None, None, None)
        cls.fleet = Fleet(hub_providers(cls.simulated.url) + '[[model]]\nname = "smarter"\ntargets = [ { provider = "anthropic", model = "text" } ]\n',
                          environment={"SIMULATED_KEY": KEY})
        cls.fleet.__enter__()
        cls.addClassCleanup(cls.fleet.__exit__, None, None, None)

    def ask(self, path, body=None, headers=None):
        """Status and text; without the key that Fleet would send."""
        data = None if body is None else json.dumps(body).encode()
        call = urllib.request.Request(self.fleet.url + path, data=data, headers={"content-type": "application/json", **(headers or {})})
        try:
            with urllib.request.urlopen(call, timeout=20) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers

    def test_takes_the_key_where_its_clients_put_it(self):
        key = self.fleet.key
        for path, headers in [(f"?key={key}", {}), ("", {"x-goog-api-key": key}), ("", {"authorization": f"Bearer {key}"})]:
            status, text, _ = self.ask("/v1beta/models/gemini%2Ftext:generateContent" + path, HELLO, headers)
            self.assertEqual(status, 200, text)
        self.assertEqual(self.ask(f"/k/{key}/v1beta/models/gemini/text:generateContent", HELLO)[0], 200)
        status, text, _ = self.ask("/v1beta/models/gemini/text:generateContent?key=fk_wrong", HELLO)
        self.assertEqual((status, json.loads(text)["error"]["status"]), (401, "UNAUTHENTICATED"))
        self.assertNotIn("fk_wrong", text)
        self.assertEqual(self.ask(f"/v1/chat/completions?key={key}", {})[0], 401, "no other dialect has it there")
        self.assertNotIn(key, json.dumps(self.simulated.log()))

    def test_lists_models_in_its_own_shape(self):
        headers = {"x-goog-api-key": self.fleet.key}
        names, token = [], ""
        while True:
            page = json.loads(self.ask(f"/v1beta/models?pageSize=2&pageToken={token}", None, headers)[1])
            self.assertLessEqual(len(page["models"]), 2)
            names += [model["name"] for model in page["models"]]
            token = page.get("nextPageToken", "")
            if not token:
                break
        self.assertIn("models/smarter", names)
        for name in ["smarter", "anthropic/text", "anthropic%2Ftext"]:
            shown = json.loads(self.ask(f"/v1beta/models/{name}", None, headers)[1])
            self.assertEqual(shown["name"], "models/" + name.replace("%2F", "/"))
            self.assertIn("generateContent", shown["supportedGenerationMethods"])
        self.assertEqual(json.loads(self.ask("/v1/models", None, headers)[1])["models"][0]["name"][:7], "models/", "Google's newer client asks below /v1")
        self.assertIn("data", self.fleet.get("/v1/models"), "other clients do not")
        status, text, _ = self.ask("/v1beta/models/none", None, headers)
        self.assertEqual((status, json.loads(text)["error"]["status"]), (404, "NOT_FOUND"))

    def test_streams_events_and_one_array(self):
        headers = {"x-goog-api-key": self.fleet.key}
        for provider in ["gemini", "openai", "anthropic", "responses", "ollama"]:
            for path in ["/v1beta/models/", "/v1/models/", "/v1beta/"]:
                status, text, head = self.ask(f"{path}{provider}/text:streamGenerateContent", HELLO, headers)
                self.assertEqual((status, head["content-type"].split(";")[0]), (200, "application/json"), text)
                chunks = json.loads(text)
                self.assertEqual("".join(p.get("text", "") for c in chunks for p in c["candidates"][0].get("content", {}).get("parts", [])), SENTENCE)
                self.assertEqual(chunks[-1]["candidates"][0]["finishReason"], "STOP")
            status, text, head = self.ask(f"/v1beta/models/{provider}/text:streamGenerateContent?alt=sse", HELLO, headers)
            self.assertEqual((status, head["content-type"].split(";")[0]), (200, "text/event-stream"), text)
            self.assertNotIn("[DONE]", text, "its clients break on it")
            events = [json.loads(line[5:]) for line in text.splitlines() if line.startswith("data:")]
            self.assertGreater(events[-1]["usageMetadata"]["totalTokenCount"], 0)

    def test_counts_tokens_of_every_provider(self):
        headers = {"x-goog-api-key": self.fleet.key}
        for model in ["gemini/text", "openai/text", "smarter"]:
            for body in [HELLO, {"generateContentRequest": {"model": f"models/{model}", **HELLO}}]:
                status, text, _ = self.ask(f"/v1beta/models/{model}:countTokens", body, headers)
                self.assertEqual(status, 200, text)
                self.assertGreater(json.loads(text)["totalTokens"], 0)

    def test_refuses_in_its_own_shape(self):
        headers = {"x-goog-api-key": self.fleet.key}
        for path, body, status in [("models/openai/text:predict", HELLO, 404), ("models/openai/text", HELLO, 404), ("models/none:generateContent", HELLO, 404),
                                   ("models/openai/text:generateContent", {}, 400),
                                   ("models/openai/text:generateContent", {**HELLO, "cachedContent": "cachedContents/1"}, 400)]:
            answered, text, _ = self.ask("/v1beta/" + path, body, headers)
            self.assertEqual((answered, json.loads(text)["error"]["code"]), (status, status), text)
        self.assertIn("cachedContent", text)

    def test_signatures_come_back_through_clients_of_claude(self):
        tools = [{"name": "get_weather", "description": "d", "input_schema": SCHEMA}]
        turns = [{"role": "user", "content": "Weather?"}]
        for _ in range(2):
            ask = {"model": "gemini/thinking", "max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 2048}, "tools": tools, "messages": turns}
            first = self.fleet.post("/v1/messages", ask)
            self.assertEqual(first["stop_reason"], "tool_use", first)
            call = first["content"][-1]
            turns += [{"role": "assistant", "content": first["content"]},
                      {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "sunny"}]}]
            last = self.fleet.post("/v1/messages", {**ask, "messages": turns})
            self.assertIn("sunny", json.dumps(last["content"]))
            turns += [{"role": "assistant", "content": last["content"]}, {"role": "user", "content": "Again?"}]

    def test_signatures_come_back_through_clients_of_openai(self):
        tools = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
        turns = [{"role": "user", "content": "Weather?"}]
        message = self.fleet.post("/v1/chat/completions", {"model": "gemini/thinking", "messages": turns, "tools": tools})["choices"][0]["message"]
        self.assertIn("thought_signature", message["tool_calls"][0]["extra_content"]["google"])
        for extra in [True, False]:  # a client that loses it is not lost: the call is marked as another model's
            call = {key: value for key, value in message["tool_calls"][0].items() if extra or key != "extra_content"}
            last = self.fleet.post("/v1/chat/completions", {"model": "gemini/thinking", "tools": tools, "messages": [
                *turns, {"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": call["id"], "content": "sunny"}]})
            self.assertIn("sunny", last["choices"][0]["message"]["content"])

    def test_thinking_of_claude_comes_back_through_its_clients(self):
        body = {"contents": [{"role": "user", "parts": [{"text": "Weather?"}]}], "tools": [{"functionDeclarations": [{"name": "get_weather", "parametersJsonSchema": SCHEMA}]}],
                "generationConfig": {"maxOutputTokens": 4096, "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 2048}}}
        path = "/v1beta/models/anthropic/thinking:generateContent"
        parts = self.fleet.post(path, body)["candidates"][0]["content"]["parts"]
        self.assertTrue(any(p.get("thought") for p in parts), parts)
        kept = [p for p in parts if not p.get("thought")]  # what the Gemini CLI sends back
        answer = [{"functionResponse": {"name": p["functionCall"]["name"], "response": {"output": "sunny"}}} for p in kept if "functionCall" in p]
        body["contents"] += [{"role": "model", "parts": kept}, {"role": "user", "parts": answer}]
        last = self.fleet.post(path, body)["candidates"][0]["content"]["parts"]
        self.assertIn("sunny", json.dumps(last))
        self.assertTrue(any(p.get("thought") for p in last), "it still thinks: its signed thoughts were there")


if __name__ == "__main__":
    unittest.main()
