"""Providers at run time, and other people's programs pointed at the hub: the real binary, a scripted provider, played programs on PATH."""
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import unittest
import urllib.error

from fleet_under_test import ROOT, Fleet, wait_until

SCRIPTED = pathlib.Path(os.environ.get("FLOTTE_SCRIPTED", ROOT / "build/dev/tools/scripted_provider/scripted_provider"))
KEY = "sk-only-for-this-test"
LOGIN = "sk-ant-oat01-a-login-of-somebody"

# Says what it was given, then does what its first argument tells.
PLAYED = """#!{python}
import json, os, signal, sys, time
json.dump({{"argv": sys.argv[1:], "env": dict(os.environ)}}, open({out!r}, "w"))
if sys.argv[1:2] == ["wait"]:
    signal.signal(signal.SIGINT, lambda *_: sys.exit(42))
    open({out!r} + ".ready", "w").close()
    time.sleep(30)
sys.exit(7)
"""


class Provider:
    """A scripted provider that knows one key."""

    def __init__(self):
        self.process = subprocess.Popen([str(SCRIPTED), "--key", KEY], stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"http://\S+", self.process.stdout.readline()).group() + "/v1"

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def files_with(folder, text):
    """Files below the folder that hold the text, in whatever database, log or backup."""
    return [str(f.relative_to(folder)) for f in pathlib.Path(folder).rglob("*")
            if f.is_file() and not f.is_symlink() and text.encode() in f.read_bytes()]


@unittest.skipUnless(SCRIPTED.exists(), "the scripted provider is not built")
class Providers(unittest.TestCase):
    def setUp(self):
        self.provider = Provider()
        self.addCleanup(self.provider.close)

    def metrics(self, fleet):
        with fleet.request("GET", "/metrics") as answer:
            return answer.read().decode()

    def refused(self, fleet, body):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            fleet.post("/fleet/v1/providers", body)
        text = caught.exception.read().decode()
        caught.exception.close()
        self.assertNotIn(body["api_key"], text)
        return caught.exception.code, json.loads(text)["error"]

    def test_a_provider_is_added_used_kept_and_forgotten(self):
        with Fleet() as fleet:
            self.assertEqual(fleet.get("/fleet/v1/providers")["items"], [])
            done = fleet.cli("provider", "add", "--name", "mine", "--base-url", self.provider.url, input=KEY + "\n")
            self.assertIn("mine is in use", done.stdout)
            self.assertIn("日本語", fleet.cli("ask", "-m", "mine/normal", "hello").stdout)
            self.assertIn("日本語", fleet.cli("ask", "hello").stdout, "default is what the new provider has")

            fleet.hub.stop()
            fleet.start_hub()
            self.assertEqual([p["name"] for p in fleet.cli_json("provider", "ls")], ["mine"])
            self.assertIn("日本語", fleet.cli("ask", "-m", "mine/normal", "hello").stdout)

            # The key is sealed in one file, which nobody else can read.
            self.assertEqual(files_with(fleet.folder, KEY), [])
            [kept] = (fleet.folder / "hub" / "providers").iterdir()
            self.assertEqual(stat.S_IMODE(kept.stat().st_mode), 0o600)

            # A call under way ends normally.
            slow = subprocess.Popen(fleet.command("ask", "-m", "mine/slow:delay_ms=1500", "hello"), env=fleet.environment(),
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
            wait_until("the call is under way", lambda: "flotte_calls_under_way 1" in self.metrics(fleet))
            fleet.cli("provider", "rm", "mine")
            out, _ = slow.communicate(timeout=20)
            self.assertEqual(slow.returncode, 0)
            self.assertIn("日本語", out)
            self.assertEqual(files_with(fleet.folder, KEY), [])
            self.assertNotEqual(fleet.cli("ask", "-m", "mine/normal", "hello", check=False).returncode, 0)
            gone = fleet.cli("provider", "rm", "mine", check=False)
            self.assertEqual(gone.returncode, 1)
            self.assertIn("no provider", gone.stderr)

    def test_what_cannot_work_is_refused_in_a_sentence(self):
        with Fleet(f'[[provider]]\nname = "ours"\ndialect = "openai"\nbase_url = "{self.provider.url}"\napi_key = "env:OUR_KEY"\n',
                   environment={"OUR_KEY": KEY}) as fleet:
            def body(**more):
                return {"name": "x", "base_url": self.provider.url, "api_key": KEY, **more}
            for change, says in [({"api_key": "sk-wrong-key"}, "refuses this key (status 401)"),
                                 ({"base_url": "http://127.0.0.1:1/v1"}, "cannot be reached"),
                                 ({"api_key": LOGIN}, "Claude subscription"),
                                 ({"api_key": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"}, "login"),
                                 ({"api_key": fleet.key}, "flotte's own")]:
                code, error = self.refused(fleet, body(**change))
                self.assertEqual(code, 422, change)
                self.assertIn(says, error["message"])
                self.assertTrue(error["hint"], change)
            self.assertEqual(self.refused(fleet, body(name="ours"))[0], 409)
            listed = fleet.get("/fleet/v1/providers")["items"]
            self.assertEqual([(p["name"], p["source"], p["state"]) for p in listed], [("ours", "file", "on")])
            self.assertEqual(fleet.cli("provider", "rm", "ours", check=False).returncode, 1)
            tested = fleet.post("/fleet/v1/providers", body(test_only=True))
            self.assertGreater(tested["models"], 0)
            self.assertEqual(len(fleet.get("/fleet/v1/providers")["items"]), 1)
            self.assertEqual(list((fleet.folder / "hub" / "providers").iterdir()), [])
            self.assertNotIn(KEY, fleet.hub.tail(1000))
            self.assertNotIn(LOGIN, fleet.hub.tail(1000))

    def test_a_key_of_somebodys_login_is_refused_at_every_door(self):
        with Fleet() as fleet:
            for path in ["/v1/models", "/v1/chat/completions", "/fleet/v1/tasks"]:
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    fleet.request("POST" if path.endswith("completions") else "GET", path, key=LOGIN)
                text = caught.exception.read().decode()
                caught.exception.close()
                self.assertEqual(caught.exception.code, 401)
                self.assertIn("subscription", text)
                self.assertNotIn(LOGIN, text)
            self.assertNotIn(LOGIN, fleet.hub.tail(1000))


class Programs(unittest.TestCase):
    """`flotte env` and `flotte launch` with programs that are played."""

    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.fleet.__exit__(None, None, None)

    def setUp(self):
        self.home = self.fleet.folder / f"home-{self.id().rsplit('.', 1)[1]}"
        self.bin = self.home / "bin"
        self.bin.mkdir(parents=True)
        self.out = self.home / "out.json"

    def play(self, name):
        path = self.bin / name
        path.write_text(PLAYED.format(python=sys.executable, out=str(self.out)))
        path.chmod(0o755)

    def environment(self, **more):
        base = {k: v for k, v in self.fleet.environment().items()
                if not k.startswith(("ANTHROPIC_", "OPENAI_", "GEMINI_", "GOOGLE_", "CLAUDE"))}
        return {**base, "HOME": str(self.home), "PATH": f"{self.bin}:/usr/bin:/bin", **more}

    def flotte(self, *words, **more):
        return subprocess.run(self.fleet.command(*words), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env=self.environment(**more))

    def given(self):
        return json.loads(self.out.read_text())

    def client_key(self):
        [file] = (self.fleet.folder / "hub" / "clients").glob("*.key")
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        return file.read_text().strip()

    def test_env_can_be_evaluated_by_a_shell(self):
        done = self.flotte("env")
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = subprocess.run(["sh", "-c", done.stdout + 'printf "%s %s" "$OPENAI_BASE_URL" "$OPENAI_API_KEY"'], capture_output=True,
                               text=True, check=True).stdout
        url, key = shown.split()
        self.assertEqual(url, self.fleet.url + "/v1")
        self.assertEqual(key, self.client_key())
        self.assertNotEqual(key, self.fleet.key)
        for name in ("ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "OLLAMA_HOST"):
            self.assertIn(name, done.stdout)
        # That key asks models and nothing else, and there is one of it.
        with self.fleet.request("GET", "/v1/models", key=key) as answer:
            self.assertEqual(answer.status, 200)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.fleet.request("GET", "/fleet/v1/tasks", key=key)
        caught.exception.close()
        self.assertEqual(caught.exception.code, 403)
        self.assertEqual(self.flotte("env").stdout, done.stdout)
        # Revoked, it is made anew.
        keys = [k for k in self.fleet.cli_json("key", "ls") if k["name"].startswith("clients on ") and not k["revoked_at"]]
        self.assertEqual(len(keys), 1)
        self.fleet.cli("key", "rm", keys[0]["id"])
        again = self.flotte("env")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertNotEqual(again.stdout, done.stdout)

    def test_env_leaves_a_claude_login_alone(self):
        (self.home / ".claude").mkdir()
        (self.home / ".claude" / ".credentials.json").write_text("{}")
        done = self.flotte("env", "anthropic", "openai")
        self.assertNotIn("ANTHROPIC", done.stdout)
        self.assertIn("OPENAI_BASE_URL", done.stdout)
        self.assertIn("Claude login", done.stderr)
        self.assertIn("--force", done.stderr)
        forced = self.flotte("env", "anthropic", "--force")
        self.assertIn(f"export ANTHROPIC_BASE_URL='{self.fleet.url}'", forced.stdout)
        self.assertIn("ANTHROPIC_AUTH_TOKEN='fk_", forced.stdout)

    def test_launch_says_what_is_not_installed(self):
        done = self.flotte("launch", "codex")
        self.assertEqual(done.returncode, 2)
        self.assertIn("npm install -g @openai/codex", done.stderr)
        self.assertEqual(self.flotte("launch", "cluade").returncode, 2)

    def test_launch_gemini_has_a_home_of_its_own(self):
        self.play("gemini")
        done = self.flotte("launch", "gemini", "-p", "hi", GOOGLE_API_KEY="AIza-of-somebody")
        self.assertEqual(done.returncode, 7, done.stderr)
        given = self.given()
        self.assertEqual(given["argv"], ["-p", "hi"])
        self.assertEqual(given["env"]["GOOGLE_GEMINI_BASE_URL"], self.fleet.url)
        self.assertEqual(given["env"]["GEMINI_API_KEY"], self.client_key())
        self.assertTrue(given["env"]["GEMINI_CLI_HOME"].startswith(str(self.fleet.folder / "hub" / "clients")))
        self.assertNotIn("GOOGLE_API_KEY", given["env"])
        self.assertFalse((self.home / ".gemini").exists(), "nothing of the person's own was touched")

    def test_launch_claude_neither_uses_nor_sends_a_login(self):
        self.play("claude")
        done = self.flotte("launch", "--anyway", "claude", "-p", "hi there", "--json", CLAUDE_CODE_OAUTH_TOKEN=LOGIN,
                           ANTHROPIC_API_KEY="sk-mine")
        self.assertEqual(done.returncode, 7, done.stderr)
        given = self.given()
        self.assertEqual(given["argv"], ["-p", "hi there", "--json"])
        self.assertEqual(given["env"]["ANTHROPIC_BASE_URL"], self.fleet.url)
        self.assertEqual(given["env"]["ANTHROPIC_AUTH_TOKEN"], self.client_key())
        self.assertTrue(given["env"]["CLAUDE_CONFIG_DIR"].startswith(str(self.fleet.folder / "hub" / "clients")))
        self.assertNotIn("CLAUDE_CODE_OAUTH_TOKEN", given["env"])
        self.assertNotIn("ANTHROPIC_API_KEY", given["env"])
        self.assertFalse((self.home / ".claude").exists(), "nothing of the person's own was touched")

    def test_launch_codex_keeps_the_key_off_the_command_line(self):
        self.play("codex")
        done = self.flotte("launch", "--anyway", "codex", "exec", "do it")
        self.assertEqual(done.returncode, 7, done.stderr)
        given = self.given()
        self.assertEqual(given["argv"][-2:], ["exec", "do it"])
        self.assertIn(f'model_providers.flotte.base_url="{self.fleet.url}/v1"', given["argv"])
        self.assertIn('model_providers.flotte.env_key="FLOTTE_CLIENT_KEY"', given["argv"])
        self.assertEqual(given["env"]["FLOTTE_CLIENT_KEY"], self.client_key())
        self.assertNotIn(self.client_key(), " ".join(given["argv"]))
        self.assertFalse((self.home / ".codex").exists())

    def test_launch_opencode_needs_no_warning(self):
        self.play("opencode")
        done = self.flotte("launch", "-m", "smart", "opencode", "run", "x")
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertNotIn("does not answer", done.stderr)
        config = json.loads(self.given()["env"]["OPENCODE_CONFIG_CONTENT"])
        self.assertEqual(config["model"], "flotte/smart")
        self.assertEqual(config["provider"]["flotte"]["options"], {"baseURL": self.fleet.url + "/v1", "apiKey": self.client_key()})

    def test_signals_are_the_programs(self):
        self.play("opencode")
        process = subprocess.Popen(self.fleet.command("launch", "opencode", "wait"), env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("the program runs", pathlib.Path(str(self.out) + ".ready").exists)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 42)

    def test_without_a_hub_the_status_says_so(self):
        self.play("opencode")
        done = self.flotte("launch", "opencode", FLOTTE_URL="http://127.0.0.1:1")
        self.assertEqual(done.returncode, 3)
        self.assertFalse(self.out.exists())


if __name__ == "__main__":
    unittest.main()
