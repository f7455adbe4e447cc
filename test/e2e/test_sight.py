"""What is seen of calls: the flight recorder, metrics, usage, the access log; the real binary before scripted providers."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import unittest
import urllib.error
import urllib.request

from fleet_under_test import BINARY, Fleet, wait_until

PROVIDER = pathlib.Path(os.environ.get("FLOTTE_SCRIPTED", pathlib.Path(BINARY).parent / "tools/scripted_provider/scripted_provider"))
SECRETS = {"one": "sk-one-0123456789abcdef0123", "two": "sk-two-0123456789abcdef0123"}


class Provider:
    """The scripted provider with a key of its own."""

    def __init__(self, key):
        self.key = key

    def __enter__(self):
        self.process = subprocess.Popen([str(PROVIDER), "--key", self.key], stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def play(self, scenario):
        body = json.dumps({"scenario": scenario}).encode()
        urllib.request.urlopen(urllib.request.Request(self.url + "/control/scenario", data=body, method="POST")).close()

    def log(self):
        with urllib.request.urlopen(self.url + "/control/log") as answer:
            return [entry for entry in json.load(answer)["requests"] if "/control/" not in entry["target"]]


@contextlib.contextmanager
def watched_fleet(hub="", provider_more=""):
    with Provider(SECRETS["one"]) as one, Provider(SECRETS["two"]) as two:
        config = hub
        for name, provider in (("one", one), ("two", two)):
            config += (f'[[provider]]\nname = "{name}"\ndialect = "openai"\nbase_url = "{provider.url}/v1"\n'
                       f'api_key = "env:{name.upper()}_API_KEY"\n{provider_more}')
        config += ('[[model]]\nname = "smart"\naliases = ["gpt-*"]\n'
                   'targets = [ { provider = "one", model = "m1" }, { provider = "two", model = "m2" } ]\n')
        fleet = Fleet(config, environment={f"{name.upper()}_API_KEY": key for name, key in SECRETS.items()})
        with fleet:
            yield fleet, one, two


def chat(fleet, model="smart", stream=False, text="hello", **more):
    body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}
    with fleet.request("POST", "/v1/chat/completions", body, **more) as answer:
        return answer.headers["x-flotte-request-id"], answer.read().decode()


def samples(text):
    """{"name{labels}": value}; fails where a line is not of the format."""
    found, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, f"{name} twice"
            types[name] = kind
            continue
        if line.startswith("# HELP "):
            continue
        match = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)', line)
        assert match, f"not a line of Prometheus' format: {line}"
        base = re.sub(r"_(bucket|sum|count)$", "", match[1])
        assert match[1] in types or types.get(base) == "histogram", f"{match[1]} has no type"
        assert (key := match[1] + (match[2] or "")) not in found, f"{key} twice"
        found[key] = float(match[3])
    return found


class Recorder(unittest.TestCase):
    def test_a_call_is_there_with_both_sides_and_without_any_secret(self):
        with watched_fleet('record = "bodies"\n') as (fleet, one, _):
            secret = fleet.cli_json("key", "add", "somebody", "--scope", "models")["key"]
            # A model that repeats the keys it is told: they are nowhere in what is shown.
            request, answer = chat(fleet, text=f"my key is {secret}", key=secret, headers={"cookie": "flotte_session=abc", "x-api-key": secret})
            shown = wait_until("it is recorded", lambda: (r := fleet.get(f"/fleet/v1/requests/{request}"))["state"] == "ended" and r)
            self.assertEqual(shown["key_name"], "somebody")
            self.assertEqual((shown["model"], shown["target"], shown["status"], shown["attempts"]), ("smart", "one/m1", 200, 1))
            self.assertEqual(shown["usage"]["input_tokens"], 21)
            self.assertEqual(shown["answer"]["body"]["text"], answer)
            asked = shown["asked"][0]
            self.assertEqual(json.loads(asked["request"]["body"]["text"])["model"], "m1")
            self.assertEqual([left["target"] for left in asked["left"]], ["two/m2"])
            self.assertLess(asked["asked_ms"], asked["answered_ms"])
            self.assertLessEqual(shown["first_ms"], shown["total_ms"])
            everything = json.dumps(shown) + fleet.cli("requests", "show", request).stdout
            for text in (secret, SECRETS["one"], "flotte_session=abc", fleet.key):
                self.assertNotIn(text, everything)
            self.assertIn("[redacted]", everything)
            # The key stands in the path or the query of clients that cannot send it otherwise.
            body = {"model": "smart", "messages": []}
            fleet.request("POST", f"/k/{secret}/v1/chat/completions", body).close()
            fleet.request("POST", f"/v1/chat/completions?key={secret}", body).close()
            listed = wait_until("all three", lambda: (i := fleet.get("/fleet/v1/requests")["items"]) and len(i) == 3 and i)
            for line in listed:
                self.assertNotIn(secret, json.dumps(fleet.get(f"/fleet/v1/requests/{line['id']}")))
            # A model's key may not look into other people's calls.
            with self.assertRaises(urllib.error.HTTPError) as refused:
                fleet.get("/fleet/v1/requests", key=secret)
            self.assertEqual(refused.exception.code, 403)

    def test_a_failover_tells_who_was_asked_and_why_the_others_were_left(self):
        with watched_fleet('record = "heads"\n') as (fleet, one, two):
            one.play("status:status=500")
            request, _ = chat(fleet)
            shown = wait_until("it is recorded", lambda: (r := fleet.get(f"/fleet/v1/requests/{request}"))["state"] == "ended" and r)
            self.assertEqual([(a["target"], a["status"]) for a in shown["asked"]], [("one/m1", 500), ("two/m2", 200)])
            self.assertEqual([a["left"][0]["why"] for a in shown["asked"]], ["not_its_turn", "asked_before"])
            self.assertIsNone(shown["asked"][0]["request"]["body"]["text"])
            self.assertFalse(shown["replayable"])
            one.play("rate_limited:seconds=60")
            chat(fleet)
            request, _ = chat(fleet)
            shown = wait_until("it is recorded", lambda: (r := fleet.get(f"/fleet/v1/requests/{request}"))["state"] == "ended" and r)
            left = shown["asked"][0]["left"][0]
            self.assertEqual((left["target"], left["why"]), ("one/m1", "quota"))
            self.assertGreater(left["opens_in_ms"], 30_000)
            two.play("status:status=400")
            with self.assertRaises(urllib.error.HTTPError):
                chat(fleet)
            lines = wait_until("the bad one is listed", lambda: fleet.get("/fleet/v1/requests?status=4xx")["items"])
            self.assertEqual(len(lines), 1)
            text = fleet.cli("requests", "ls", "--status", "400").stdout
            self.assertIn(lines[0]["id"], text)
            told = fleet.cli("requests", "show", request).stdout
            self.assertIn("has said to come later", told)
            refused = fleet.cli("requests", "replay", request, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn('record = "bodies"', refused.stderr)

    def test_a_request_is_sent_again_as_it_was(self):
        with watched_fleet('record = "bodies"\n') as (fleet, one, _):
            request, _ = chat(fleet, text="once more, with feeling", stream=True, headers={"x-custom": "kept"})
            wait_until("it is recorded", lambda: fleet.get(f"/fleet/v1/requests/{request}")["state"] == "ended")
            again = fleet.cli_json("requests", "replay", request)
            self.assertEqual((again["replay_of"], again["status"], again["complete"]), (request, 200, True))
            first, second = one.log()[-2:]
            self.assertEqual(first["body"], second["body"])
            shown = fleet.get(f"/fleet/v1/requests/{again['id']}")
            self.assertEqual((shown["replay_of"], shown["key_name"], shown["stream"]), (request, "admin", True))
            self.assertIn(["X-Custom", "kept"], shown["asked"][0]["request"]["headers"])
            body = json.dumps({"model": "claude", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}).encode()
            with self.assertRaises(urllib.error.HTTPError) as nothing:
                fleet.request("POST", "/fleet/v1/requests/req_nothing/replay", body)
            self.assertEqual(nothing.exception.code, 404)

    def test_pages_follow_one_another_and_filters_hold(self):
        with watched_fleet('record = "heads"\nrecord_count = 40\n') as (fleet, *_):
            for n in range(60):
                chat(fleet, model="gpt-4o" if n % 2 else "smart")
            seen, cursor = [], ""
            for _ in range(20):
                page = fleet.get(f"/fleet/v1/requests?limit=7&cursor={cursor}")
                seen += page["items"]
                cursor = page["next"]
                if not cursor:
                    break
            self.assertEqual(len({line["id"] for line in seen}), len(seen))
            self.assertGreaterEqual(len(seen), 20)
            self.assertLessEqual(len(seen), 48, "the recorder is bounded")
            self.assertEqual([line["at"] for line in seen], sorted((line["at"] for line in seen), reverse=True))
            self.assertEqual({line["model"] for line in fleet.get("/fleet/v1/requests?model=gpt-4o")["items"]}, {"gpt-4o"})
            self.assertEqual(fleet.get("/fleet/v1/requests?key=nobody")["items"], [])
            for bad in ("status=nonsense", "cursor=x", "limit=0", "task=x"):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    fleet.get("/fleet/v1/requests?" + bad)
                self.assertEqual(refused.exception.code, 400, bad)

    def test_it_is_off_where_the_configuration_says_so(self):
        with watched_fleet('record = "off"\n') as (fleet, *_):
            request, _ = chat(fleet)
            self.assertEqual(fleet.get("/fleet/v1/requests")["items"], [])
            shown = fleet.cli("requests", "show", request, check=False)
            self.assertEqual(shown.returncode, 1)
            self.assertIn("record =", shown.stderr)


class Metrics(unittest.TestCase):
    def read(self, fleet):
        with fleet.request("GET", "/metrics") as answer:
            self.assertTrue(answer.headers["content-type"].startswith("text/plain; version=0.0.4"))
            return samples(answer.read().decode())

    def test_calls_are_counted_by_model_and_provider(self):
        with watched_fleet() as (fleet, one, _):
            for n in range(4):
                chat(fleet, stream=n % 2 == 1)
            one.play("status:status=500")
            chat(fleet)
            with self.assertRaises(urllib.error.HTTPError):
                chat(fleet, model="no-such-model")
            found = wait_until("all are counted", lambda: (m := self.read(fleet)).get("flotte_calls_total") == 6
                               and m["flotte_calls_under_way"] == 0 and m)
            labels = 'gen_ai_operation_name="chat",gen_ai_provider_name="one",gen_ai_request_model="smart"'
            self.assertEqual(found[f"gen_ai_server_request_duration_seconds_count{{{labels}}}"], 4)
            self.assertEqual(found[f"gen_ai_server_time_to_first_token_seconds_count{{{labels}}}"], 2)
            self.assertEqual(found[f'gen_ai_client_token_usage_sum{{{labels},gen_ai_token_type="input"}}'], 4 * 21)
            self.assertEqual(found['gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="none",'
                                   'gen_ai_request_model="unknown",error_type="404"}'], 1)
            self.assertEqual(found["flotte_calls_failed_over_total"], 1)
            self.assertEqual(found['flotte_target_failures{target="one/m1"}'], 1)
            self.assertEqual(found['flotte_place_calls_under_way{place="two"}'], 0)
            self.assertIn('flotte_target_breaker{target="one/m1",state="half_open"}', found)
            self.assertIn('flotte_tasks{state="queued"}', found)
            self.assertGreater(found["process_resident_memory_bytes"], 1_000_000)


class Usage(unittest.TestCase):
    def test_usage_is_told_by_provider_key_and_period(self):
        with watched_fleet() as (fleet, one, two):
            for _ in range(3):
                chat(fleet)
            one.play("status:status=500")
            chat(fleet)
            rows = wait_until("all are counted", lambda: (r := {row["group"]: row for row in fleet.get("/fleet/v1/usage?by=provider")["items"]})
                              and sum(row["calls"] for row in r.values()) == 4 and r)
            self.assertEqual((rows["one"]["calls"], rows["two"]["calls"]), (3, 1))
            by_key, = fleet.get("/fleet/v1/usage?by=key")["items"]
            self.assertEqual(by_key["name"], "admin")
            self.assertEqual(len(fleet.cli_json("usage", "--by", "day", "--last", "1d")), 1)
            self.assertEqual(fleet.cli_json("usage", "--by", "provider", "--from", "2999-01-01T00:00:00Z"), [])
            self.assertEqual(fleet.cli("usage", "--last", "soon", check=False).returncode, 2)
            self.assertIn("admin", fleet.cli("usage", "--by", "key").stdout)
            self.assertEqual(fleet.cli_json("usage", "--by", "task"), [])

    def test_usage_is_told_by_task(self):
        with watched_fleet() as (fleet, *_):
            task = fleet.cli_json("task", "run", "Say hello.", "-m", "smart")
            row = wait_until("the task's call is counted", lambda: fleet.cli_json("usage", "--by", "task"))[0]
            self.assertEqual((row["group"], row["calls"]), (task["id"], 1))
            lines = fleet.get(f"/fleet/v1/requests?task={task['id']}")["items"]
            self.assertEqual([line["task"] for line in lines], [task["id"]])


class AccessLog(unittest.TestCase):
    def test_each_request_is_one_line_without_secrets_and_a_moved_file_is_made_anew(self):
        folder = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"flotte-access-{os.getpid()}"
        folder.mkdir()
        self.addCleanup(lambda: [p.unlink() for p in folder.glob("*")] and folder.rmdir())
        path = folder / "access.log"

        def lines(file=path):
            return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

        with watched_fleet(f'access_log = "{path}"\n') as (fleet, *_):
            secret = fleet.cli_json("key", "add", "somebody", "--scope", "models")["key"]
            request, answer = chat(fleet, key=secret)
            fleet.request("POST", f"/k/{secret}/v1/chat/completions?x=1", {"model": "smart", "messages": []}).close()
            with self.assertRaises(urllib.error.HTTPError):
                fleet.get("/v1/nothing")
            call = wait_until("the call's line", lambda: next((line for line in lines() if line["request"] == request), None))
            self.assertEqual((call["method"], call["path"], call["status"]), ("POST", "/v1/chat/completions", 200))
            self.assertEqual((call["model"], call["target"]), ("smart", "one/m1"))
            self.assertEqual(call["bytes_out"], len(answer.encode()))
            self.assertEqual(call["input_tokens"], 21)
            self.assertGreaterEqual(call["ms"], call["first_ms"])
            self.assertTrue(call["key"])
            wait_until("the others", lambda: {"/k/[redacted]/v1/chat/completions?x=1", "/v1/nothing"} <= {line["path"] for line in lines()})
            self.assertNotIn(secret, path.read_text())
            moved = path.with_suffix(".1")
            path.rename(moved)
            fleet.hub.signal(signal.SIGHUP)
            wait_until("a new file", path.exists)
            fleet.get("/fleet/v1/nodes")
            wait_until("its first line", lambda: any(line["path"] == "/fleet/v1/nodes" for line in lines()))
            found = samples(fleet.request("GET", "/metrics").read().decode())
            self.assertEqual(found["flotte_access_log_dropped_total"], 0)

    def test_a_file_that_cannot_be_opened_is_named_at_the_start(self):
        with self.assertRaises(AssertionError) as failed:
            with watched_fleet('access_log = "/nonexistent/access.log"\n'):
                pass
        self.assertIn("/nonexistent/access.log", str(failed.exception))


class Cockpit(unittest.TestCase):
    def test_flotte_station_prints_an_address_that_signs_a_browser_in_once(self):
        with Fleet() as fleet:
            address = fleet.cli("station", "--no-open").stdout.strip()
            url, _, code = address.partition("/#code=")
            self.assertEqual(url, fleet.url)

            def enter():
                call = urllib.request.Request(url + "/fleet/v1/session", json.dumps({"code": code}).encode(), {"content-type": "application/json"})
                try:
                    with urllib.request.urlopen(call, timeout=20) as answer:
                        return answer.status
                except urllib.error.HTTPError as refused:
                    self.assertIn("flotte station", refused.read().decode())
                    return refused.code
            self.assertEqual([enter(), enter()], [201, 401])
            self.assertTrue(fleet.cli_json("station")["expires_at"])


if __name__ == "__main__":
    unittest.main()
