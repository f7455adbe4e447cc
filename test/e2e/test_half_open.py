"""Half-open connections: a cable is pulled between hub and provider, and between client and hub. Nothing is closed, every packet is lost."""
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import time
import unittest

from cables import Cables, Established
from fleet_under_test import Fleet, wait_until
from simulated import KEY, PROVIDERS, Simulated
from test_sight import samples

SAID = [{"role": "user", "content": "hello"}]
CONTENTS = [{"role": "user", "parts": [{"text": "hello"}]}]
# How each kind of client asks; the model is put in.
CLIENTS = {
    "chat": ("/v1/chat/completions", {"messages": SAID}),
    "messages": ("/v1/messages", {"max_tokens": 100, "messages": SAID}),
    "responses": ("/v1/responses", {"input": "hello"}),
    "gemini": ("/v1beta/models/{model}:{call}", {"contents": CONTENTS}),
    "ollama": ("/api/chat", {"messages": SAID}),
}
# What the last event of a stream says that was cut in its middle, and what only a whole one says.
BROKEN = {"chat": ('data: {"error":{', "[DONE]"), "messages": ("event: error\n", "message_stop"), "responses": ("response.failed", "response.completed"),
          "gemini": ('data: {"error":{', "finishReason"), "ollama": ('{"error":', '"done":true')}
TIMEOUTS = 'timeouts = { connect = "1s", first_token = "2s", idle = "2s" }\n'


def setUpModule():
    global cables
    cables = Cables("hub", "client", "one", "two")


class Away(Simulated):
    """The simulated provider on another machine."""

    def __init__(self, machine):
        super().__init__(host=machine.address)
        self.machine = machine

    def __enter__(self):
        with self.machine.inside():
            return super().__enter__()


def read_on(start, answer):
    """The text up to its end, and whether the body ended as HTTP says."""
    text = start
    while True:
        try:
            piece = answer.read1(65536)
        except http.client.IncompleteRead as cut:
            return (text + cut.partial).decode(), False
        if not piece:
            return text.decode(), True
        text += piece


class HalfOpen(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.one, cls.two = (cls.enterClassContext(Away(cables[name])) for name in ("one", "two"))
        config, environment = "", {"SIMULATED_KEY": KEY}
        # A pulled cable closes a provider for a while, so each test has providers of its own at the same address.
        for test in ("first", "middle", "kept", "many", "whole"):
            for name, place in ((f"one-{test}", cls.one), (f"two-{test}", cls.two)):
                lines = PROVIDERS["openai"].format(url=place.url)
                config += f'[[provider]]\nname = "{name}"\napi_key = "env:SIMULATED_KEY_{name.replace("-", "_").upper()}"\n{lines}{TIMEOUTS}'
                environment[f"SIMULATED_KEY_{name.replace('-', '_').upper()}"] = f"{KEY}-{name}"
            config += (f'[[model]]\nname = "both-{test}"\ntargets = [ {{ provider = "one-{test}", model = "slow~ms=60000" }}, '
                       f'{{ provider = "two-{test}", model = "text" }} ]\n')
        cls.fleet = Fleet(config, environment=environment)
        file = cls.fleet.folder / "hub.toml"
        file.write_text(file.read_text().replace('listen = "127.0.0.1:', 'tls = "off"\nlisten = "0.0.0.0:'))
        cls.enterClassContext(cls.fleet)

    def ask(self, client, model, stream=False, machine=None, timeout=30):
        """An answer whose head has come; from the hub's own machine, or from another."""
        path, body = CLIENTS[client]
        call = "streamGenerateContent?alt=sse" if stream else "generateContent"
        if client != "gemini":
            body = {**body, "model": model, "stream": stream}
        connection = http.client.HTTPConnection("127.0.0.1", self.fleet.port, timeout=timeout)
        connection.sock = (machine or cables["hub"]).connect(cables["hub"].address, self.fleet.port)
        connection.sock.settimeout(timeout)
        connection.request("POST", path.format(model=model.replace("/", "%2F"), call=call), json.dumps(body),
                           {"authorization": f"Bearer {self.fleet.key}", "content-type": "application/json", "anthropic-version": "2023-06-01"})
        return connection, connection.getresponse() if timeout else None

    def metrics(self):
        with self.fleet.request("GET", "/metrics") as answer:
            return samples(answer.read().decode())

    def all_is_over(self):
        now = self.metrics()
        under_way = {name: value for name, value in now.items()
                     if name.startswith(("flotte_calls_under_way", "flotte_place_calls_under_way")) and value}
        busy = now['flotte_upstream_connections{state="busy"}']
        return not under_way and busy == 0

    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.fleet.hub.process.pid}/fd").iterdir()))

    @contextlib.contextmanager
    def pulled(self, name):
        cables.pull(name)
        try:
            yield
        finally:
            cables.plug(name)

    def running_at(self, provider, model):
        return [r for r in provider.log() if (r.get("body") or {}).get("model") == model and r["state"] == "running"]

    def failed(self, client, connection, answer, status, says):
        """An error before the first byte, in the client's words."""
        with contextlib.closing(connection):
            text = answer.read().decode()
            self.assertIn(answer.status, status, text)
            error = json.loads(text)["error"]
            self.assertRegex(error if client == "ollama" else error["message"], says)
            if answer.status == 504 and client == "messages":
                self.assertEqual(error["type"], "timeout_error")
            if answer.status == 504 and client == "gemini":
                self.assertEqual(error["status"], "DEADLINE_EXCEEDED")

    def fell_over(self, connection, answer, target):
        with contextlib.closing(connection):
            self.assertEqual((answer.status, answer.headers["x-flotte-target"]), (200, target))
            self.assertRegex(answer.read().decode(), "The fleet sails|(?s:The .*fleet .*sails )")

    def test_before_the_first_byte(self):
        """Each client gets a timeout in its own words, or the next target's answer where there is one; the breaker opens."""
        before, kept = self.metrics()["flotte_calls_failed_over_total"], set(Established.with_peer(cables["one"].address))
        with concurrent.futures.ThreadPoolExecutor(2 * len(CLIENTS)) as pool:
            alone = {client: pool.submit(self.ask, client, "one-first/slow~ms=60001", True) for client in CLIENTS}
            fallen = {client: pool.submit(self.ask, client, "both-first", True) for client in CLIENTS}
            for model in ("slow~ms=60001", "slow~ms=60000"):
                wait_until("all have asked", lambda m=model: len(self.running_at(self.one, m)) == len(CLIENTS))
            with self.pulled("one"):
                begun = time.monotonic()
                for client in CLIENTS:
                    with self.subTest(client=client):
                        self.failed(client, *alone[client].result(), [504], "did not answer within 2000 ms")
                        self.fell_over(*fallen[client].result(), "two-first/text")
                self.assertLess(time.monotonic() - begun, 8, "a deadline of 2 s each, all at the same time")
                wait_until("nothing is under way", self.all_is_over)
                now = self.metrics()
                self.assertEqual(now["flotte_calls_failed_over_total"] - before, len(CLIENTS))
                self.assertEqual(now['flotte_target_breaker{target="one-first/slow~ms=60000",state="open"}'], 1)
                self.assertEqual(now['flotte_target_breaker{target="two-first/text",state="closed"}'], 1)
                # Who comes now does not wait for it.
                begun = time.monotonic()
                self.fell_over(*self.ask("chat", "both-first"), "two-first/text")
                self.assertLess(time.monotonic() - begun, 1.5)
                self.assertLessEqual(set(Established.with_peer(cables["one"].address)), kept, "no connection of these calls is kept")
        wait_until("the provider knows that nobody waits", lambda: not self.running_at(self.one, "slow~ms=60000")
                   and not self.running_at(self.one, "slow~ms=60001"))

    def test_in_the_middle_of_a_stream(self):
        """The stream ends within its idle time, in an error and not in a clean end."""
        streams, kept = {}, set(Established.with_peer(cables["one"].address))
        for client in CLIENTS:
            connection, answer = self.ask(client, "one-middle/forever", stream=True)
            self.addCleanup(connection.close)
            streams[client] = (answer, answer.read1(4096))
        with self.pulled("one"):
            begun = time.monotonic()
            for client, (answer, start) in streams.items():
                with self.subTest(client=client):
                    text, ended = read_on(start, answer)
                    error, clean = BROKEN[client]
                    self.assertIn(error, text[-900:])
                    self.assertNotIn(clean, text)
                    self.assertFalse(ended, "the body looks whole")
            self.assertLess(time.monotonic() - begun, 8)
            wait_until("nothing is under way", self.all_is_over)
            self.assertLessEqual(set(Established.with_peer(cables["one"].address)), kept)
        wait_until("the provider knows that nobody waits", lambda: not self.running_at(self.one, "forever"))

    def test_a_kept_connection_is_not_used_again(self):
        def answered():
            connection, answer = self.ask("chat", "one-kept/text", stream=True)
            with contextlib.closing(connection):
                answer.read()
                return answer.status
        # Several at once, so that more than one is kept.
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            waiting = [pool.submit(self.ask, "chat", "one-kept/slow~ms=300") for _ in range(4)]
            for connection, answer in (f.result() for f in waiting):
                self.assertEqual(answer.read().count(b"The fleet sails"), 1)
                connection.close()
        kept = Established.with_peer(cables["one"].address)
        self.assertGreaterEqual(len(kept), 2)
        heard = len(self.one.log())
        with self.pulled("one"):
            self.assertEqual(answered(), 504)
            # The hub has two loops, each with connections of its own.
            wait_until("no kept connection of that loop is left", lambda: len(Established.with_peer(cables["one"].address)) < len(kept))
            left = Established.with_peer(cables["one"].address)
        wait_until("answered again", lambda: answered() == 200, 40)
        now = Established.with_peer(cables["one"].address)
        self.assertFalse((set(kept) - set(left)) & set(now), "what was given up is used again")
        wait_until("the kernel has nothing left to send", lambda: not Established.with_peer(cables["one"].address, "04"), 20)
        # What was given up is not sent any more once the cable is in again: nobody waits for it, and it would be paid for.
        models = [r["body"]["model"] for r in self.one.log()[heard:]]
        self.assertEqual(models, ["text"] * len(models))
        self.assertEqual(len(models), 1, "only the call that was answered has arrived")

    def test_many_calls_leave_nothing(self):
        """Two hundred calls over a dead way: descriptors, memory and counts are what they were."""
        connection, answer = self.ask("chat", "two-many/text")
        answer.read()
        connection.close()
        descriptors, resident = self.descriptors(), self.metrics()["process_resident_memory_bytes"]
        with self.pulled("one"), concurrent.futures.ThreadPoolExecutor(50) as pool:
            def once(number):
                connection, answer = self.ask(list(CLIENTS)[number % len(CLIENTS)], "both-many" if number % 2 else "one-many/text", stream=number % 3 == 0)
                with contextlib.closing(connection):
                    answer.read()
                    return answer.status
            statuses = list(pool.map(once, range(200)))
            self.assertEqual({s for n, s in enumerate(statuses) if n % 2}, {200})
            self.assertLessEqual({s for n, s in enumerate(statuses) if n % 2 == 0}, {502, 503, 504})
            wait_until("nothing is under way", self.all_is_over)
            wait_until("no descriptor is left", lambda: self.descriptors() <= descriptors + 8)
        self.assertLess(self.metrics()["process_resident_memory_bytes"], resident + 24e6)

    def test_silence_that_no_deadline_ends(self):
        """Clients whose cable is pulled while they are served, and whole answers, which may take minutes: probes of the kernel find out within
        a minute or so. Calls upstream are cancelled, connections are gone, the next target answers."""
        # Some of them so slowly that what nobody reads never fills a buffer.
        streaming = [self.ask(client, f"two-many/{model}", stream=True, machine=cables["client"])
                     for client in CLIENTS for model in ("forever", "forever~ms=1000") for _ in range(2)]
        for _, answer in streaming:
            self.assertTrue(answer.read1(1000))
        idle = [cables["client"].connect(cables["hub"].address, self.fleet.port) for _ in range(10)]
        half = [cables["client"].connect(cables["hub"].address, self.fleet.port) for _ in range(10)]
        for connection in half:
            connection.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {self.fleet.key}\r\n"
                               "content-length: 1000\r\n\r\n{".encode())
        for connection in (*idle, *half, *(c for c, _ in streaming)):
            self.addCleanup(connection.close)
        with concurrent.futures.ThreadPoolExecutor(2 * len(CLIENTS)) as pool:
            alone = {client: pool.submit(self.ask, client, "one-whole/slow~ms=90001", timeout=100) for client in CLIENTS}
            fallen = {client: pool.submit(self.ask, client, "both-whole", timeout=100) for client in CLIENTS}
            for provider, model, count in ((self.two, "forever", 2 * len(CLIENTS)), (self.two, "forever~ms=1000", 2 * len(CLIENTS)), (self.one, "slow~ms=90001", len(CLIENTS)),
                                           (self.one, "slow~ms=60000", len(CLIENTS))):
                wait_until("all are heard", lambda p=provider, m=model, c=count: len(self.running_at(p, m)) == c)
            self.assertEqual(len(Established.with_peer(cables["client"].address)), len(streaming) + len(idle) + len(half))
            with self.pulled("client"), self.pulled("one"):
                wait_until("their calls upstream are cancelled", lambda: not self.running_at(self.two, "forever")
                           and not self.running_at(self.two, "forever~ms=1000"), 80)
                for client in CLIENTS:
                    with self.subTest(client=client):
                        self.failed(client, *alone[client].result(), [502, 503, 504], "(?i)timed out")
                        self.fell_over(*fallen[client].result(), "two-whole/text")
                wait_until("nothing is under way", self.all_is_over)
                wait_until("connections of clients are gone", lambda: not Established.with_peer(cables["client"].address), 30)
                self.assertEqual(Established.with_peer(cables["one"].address), [])
                failures = self.metrics()
                self.assertEqual(failures.get('flotte_target_failures{target="two-many/forever"}', 0), 0, "it was nobody's fault upstream")
                self.assertEqual(failures['flotte_target_breaker{target="one-whole/slow~ms=60000",state="open"}'], 1)


if __name__ == "__main__":
    unittest.main()
