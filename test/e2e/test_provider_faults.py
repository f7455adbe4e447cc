"""What a provider of each dialect can do wrong, through a hub, to a client of another dialect: an honest error, or an answer as if nothing had been."""
import http.client
import json
import unittest
import urllib.error

from fleet_under_test import Fleet
from simulated import KEY, PROVIDERS, Simulated, hub_providers

SENTENCE = "The fleet sails at dawn. Die Flotte läuft, 日本語."
# Of 429: what `rate~kind=` of the simulated provider says, and in whose words it can be said.
KINDS = {"seconds": PROVIDERS, "date": PROVIDERS, "ms": PROVIDERS, "none": PROVIDERS, "openai": PROVIDERS, "anthropic": PROVIDERS,
         "gemini": ["gemini"], "quota": ["openai", "responses", "gemini"]}
# What a client of another dialect than the provider's says.
MESSAGES = ("/v1/messages", {"max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]})
CHAT = ("/v1/chat/completions", {"messages": [{"role": "user", "content": "hello"}]})


def text_of(path, answer):
    """The text of a whole answer or of a stream, and whether it ended properly."""
    if answer.headers["content-type"].startswith("application/json"):
        body = json.load(answer)
        return (body["content"][0]["text"] if path == MESSAGES[0] else body["choices"][0]["message"]["content"]), True
    text, ended = "", False
    try:
        lines = answer.read().decode().splitlines()
    except http.client.IncompleteRead:
        return "", False
    for line in lines:
        if not line.startswith("data: "):
            continue
        if line == "data: [DONE]":
            ended = True
            continue
        event = json.loads(line[6:])
        ended |= event.get("type") == "message_stop"
        if "error" in event:
            return text, False
        text += event.get("delta", {}).get("text", "") if path == MESSAGES[0] else "".join(c["delta"].get("content") or "" for c in event["choices"])
    return text, ended


class ProviderFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulated = Simulated().__enter__()
        cls.addClassCleanup(cls.simulated.__exit__)
        # A provider of its own for each fault, since a fault closes a provider for a while.
        cls.faults = {}
        config, environment = "", {}
        for n, fault in enumerate(["drip", "slow", "html", "html_200", "redirect", "garbage", "empty", "error_inside", "no_end", *KINDS]):
            cls.faults[fault] = f"-{n}"
            config += hub_providers(cls.simulated.url, suffix=f"-{n}")
            environment[f"SIMULATED_KEY_{n}"] = f"{KEY}-{n}"
        cls.fleet = Fleet(config, environment=environment)
        cls.fleet.__enter__()
        cls.addClassCleanup(cls.fleet.__exit__, None, None, None)

    def each(self, fault, model, check):
        """`check` of path, stream and answer for each provider, whole and streamed, from clients of two dialects."""
        for provider in PROVIDERS:
            for path, body in (MESSAGES, CHAT):
                for stream in (False, True):
                    asked = {**body, "model": f"{provider}{self.faults[fault]}/{model}", "stream": stream}
                    with self.subTest(provider=provider, path=path, stream=stream):
                        try:
                            answer = self.fleet.request("POST", path, asked, headers={"anthropic-version": "2023-06-01"}, timeout=20)
                        except urllib.error.HTTPError as error:
                            answer = error
                        with answer:
                            check(path, stream, answer)

    def answered(self, fault, model):
        def check(path, _, answer):
            self.assertEqual(answer.status, 200)
            self.assertEqual(text_of(path, answer), (SENTENCE, True))
        self.each(fault, model, check)

    def refused(self, fault, model, says, statuses=(502, 503)):
        def check(path, stream, answer):
            if answer.status == 200:
                self.assertTrue(stream, "a whole answer of nothing")
                return self.assertFalse(text_of(path, answer)[1], "a clean end")
            self.assertIn(answer.status, statuses)
            message = json.load(answer)["error"]["message"]
            self.assertRegex(message, says)
            self.assertNotIn(KEY, message)
        self.each(fault, model, check)

    def test_one_byte_at_a_time(self):
        self.answered("drip", "drip")

    def test_a_slow_first_token(self):
        self.answered("slow", "slow~ms=300")

    def test_html_with_an_error_status(self):
        self.refused("html", "html~code=502", "answered with 502 and a page of HTML")

    def test_html_with_status_200(self):
        self.refused("html_200", "html~code=200", "(?i)a page of HTML|<!DOCTYPE html>")

    def test_a_redirect(self):
        self.refused("redirect", "redirect", "redirect answered with 302")

    def test_garbage(self):
        self.refused("garbage", "garbage", "garbage")

    def test_an_empty_answer(self):
        self.refused("empty", "empty", "empty")

    def test_an_error_within_a_200(self):
        self.refused("error_inside", "error_inside~after=0", "simulated overload", (502, 503, 529))

    def test_every_kind_of_429(self):
        for kind, providers in KINDS.items():
            for provider in providers:
                # The first is the provider's own answer, the second what the hub knows of it.
                for again in (False, True):
                    path, body = MESSAGES
                    with self.subTest(kind=kind, provider=provider, again=again), self.assertRaises(urllib.error.HTTPError) as caught:
                        self.fleet.request("POST", path, {**body, "model": f"{provider}{self.faults[kind]}/rate~kind={kind}~s=7"})
                    with caught.exception as answer:
                        message = json.load(answer)["error"]["message"]
                        with self.subTest(kind=kind, provider=provider, again=again, message=message):
                            if kind == "quota":
                                self.assertEqual(answer.code, 402)
                                self.assertIsNone(answer.headers["retry-after"])
                                self.assertIn("spend limit", message)
                                continue
                            self.assertEqual(answer.code, 429)
                            # At first it is the provider's own answer: between clients and providers of one dialect as it came.
                            if again:
                                self.assertIn(int(answer.headers["retry-after"]), range(1, 4) if kind == "none" else range(5, 9))
        asked = [r for r in self.simulated.log() if (r.get("scenario") or "").startswith("rate")]
        self.assertEqual(len(asked), sum(map(len, KINDS.values())), "what has said later is left alone")

    def test_a_stream_without_its_end(self):
        def check(path, stream, answer):
            if answer.status == 200:
                self.assertEqual(text_of(path, answer)[1], not stream, "a clean end")
        self.each("no_end", "no_end", check)


if __name__ == "__main__":
    unittest.main()
