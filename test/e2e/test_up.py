"""`flotte up` as a new user meets it: one key, a running Ollama, a GGUF file, or nothing at all; and what `flotte doctor` says."""
import contextlib
import http.server
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

from fleet_under_test import BINARY, ENGINE, MODEL, ROOT, free_port, processes_with, wait_until

PROVIDER = pathlib.Path(os.environ.get("FLOTTE_SCRIPTED", ROOT / "build/dev/tools/scripted_provider/scripted_provider"))
KEY = "sk-scripted-not-a-secret-0123456789"


class Ollama(http.server.ThreadingHTTPServer):
    """Answers as an Ollama does, in its own format; `hang` accepts connections and says nothing."""
    daemon_threads = True

    def __init__(self, models=("llama3.2:3b",), hang=False, port=0):
        self.models, self.hang, self.chats = models, hang, []
        super().__init__(("127.0.0.1", port), Ollama.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def host(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def close(self):
        self.shutdown()
        self.server_close()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, value, kind="application/json; charset=utf-8"):
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.server.hang:
                time.sleep(30)
                return
            if self.path == "/api/version":
                return self.answer({"version": "0.13.1"})
            if self.path == "/api/tags":
                return self.answer({"models": [{
                    "name": name, "model": name, "modified_at": "2026-11-02T09:10:11.123456789Z", "size": 2019393189, "digest": "a80c4f17",
                    "details": {"parent_model": "", "format": "gguf", "family": "bert" if "embed" in name else "llama",
                                "families": ["bert" if "embed" in name else "llama"], "parameter_size": "3.2B",
                                "quantization_level": "Q4_K_M"}} for name in self.server.models]})
            if self.path == "/":
                return self.answer(b"Ollama is running", "text/plain; charset=utf-8")
            self.send_error(404)

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path != "/v1/chat/completions":
                return self.send_error(404)
            self.server.chats.append(body)
            words = ["Good ", "day ", "from ", "Ollama."]
            common = {"id": "chatcmpl-7", "created": 1790000000, "model": body["model"], "system_fingerprint": "fp_ollama"}
            usage = {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15}
            if not body.get("stream"):
                return self.answer({**common, "object": "chat.completion", "usage": usage,
                                    "choices": [{"index": 0, "message": {"role": "assistant", "content": "".join(words)},
                                                 "finish_reason": "stop"}]})
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            events = [{"choices": [{"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None}]} for word in words]
            events.append({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "stop"}]})
            if body.get("stream_options", {}).get("include_usage"):
                events.append({"choices": [], "usage": usage})
            for event in [*(json.dumps({**common, "object": "chat.completion.chunk", **e}) for e in events), "[DONE]"]:
                piece = f"data: {event}\n\n".encode()
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")


class Up:
    """A `flotte up` of its own: its data, its HOME, an environment with nothing but what is named."""

    def __init__(self, environment=None, models=(), config="", terminal=False, path=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flotte-up-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        file = self.folder / "flotte.toml"
        file.write_text(f'[hub]\nlisten = "127.0.0.1:{self.port}"\nnode_lease = "3s"\n' + config)
        for model in models:
            self.drop(model)
        # Neither this machine's Ollama nor its agents and engines belong to the test.
        self.environment = {"PATH": path or str(self.folder / "bin"), "HOME": str(self.folder), "OLLAMA_HOST": f"127.0.0.1:{free_port()}",
                            "FLOTTE_CONFIG": str(file), "FLOTTE_DATA": str(self.data), "FLOTTE_URL": self.url, **(environment or {})}
        (self.folder / "bin").mkdir(exist_ok=True)
        self.arguments = ["up"]
        self.terminal, self.process, self.started, self.cleanup = terminal, None, 0, []

    def drop(self, model, name=None):
        (self.data / "models").mkdir(parents=True, exist_ok=True)
        to = self.data / "models" / (name or pathlib.Path(model).name)
        partial = to.with_suffix(".partial")
        shutil.copyfile(model, partial)
        os.utime(partial, (1790000000, 1790000000))
        partial.rename(to)

    def __enter__(self):
        self.start()
        return self

    def start(self):
        out, err = open(self.folder / "out", "ab"), open(self.folder / "err", "ab")
        self.cleanup += [out, err]
        self.started = time.monotonic()
        greetings = self.text().count("Board") + 1
        if self.terminal:
            self.process, self.screen = self.on_terminal(out)
        else:
            self.process = subprocess.Popen([str(BINARY), *self.arguments], stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=self.environment,
                                            start_new_session=True)
        wait_until("the greeting", lambda: self.text().count("Board") >= greetings or self.process.poll() is not None, 20)
        if self.process.poll() is not None:
            raise AssertionError("flotte up ended:\n" + self.text() + self.errors())

    def on_terminal(self, out):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([str(BINARY), *self.arguments], stdout=theirs, stderr=theirs, stdin=theirs, env=self.environment,
                                   start_new_session=True)
        os.close(theirs)

        def copy():
            with contextlib.suppress(OSError):
                while piece := os.read(ours, 4096):
                    out.write(piece)
                    out.flush()
        threading.Thread(target=copy, daemon=True).start()
        return process, ours

    def __exit__(self, kind, value, trace):
        self.stop()
        if kind is not None:
            print("---- out ----\n" + self.text() + "\n---- err ----\n" + self.errors())
        for file in self.cleanup:
            file.close()
        left = processes_with(str(self.folder))
        for pid, _ in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        if left and kind is None:
            raise AssertionError(f"left running: {left}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    def text(self):
        return (self.folder / "out").read_text(errors="replace").replace("\r\n", "\n")

    def errors(self):
        return (self.folder / "err").read_text(errors="replace")

    def cli(self, *arguments, check=True, timeout=60):
        done = subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, env=self.environment, timeout=timeout,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"flotte {' '.join(arguments)} exited {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def cli_json(self, *arguments):
        return json.loads(self.cli(*arguments, "--json").stdout)

    def names(self):
        return {m["id"]: m for m in self.cli_json("model", "ls")}

    def engine_processes(self):
        return [line for _, line in processes_with(str(self.data / "home" / "engines"))]


class ScriptedProvider:
    def __enter__(self):
        self.process = subprocess.Popen([str(PROVIDER), "--key", KEY], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def log(self):
        with urllib.request.urlopen(self.url + "/control/log", timeout=10) as answer:
            return json.load(answer)


class OneKey(unittest.TestCase):
    def test_a_key_and_an_address_are_enough(self):
        with ScriptedProvider() as provider, Up({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url + "/v1"}) as up:
            text = up.text()
            self.assertIn("OPENAI_API_KEY", text)
            self.assertIn("default", text)
            self.assertIn("flotte ask", text)
            self.assertTrue(up.cli("ask", "Say hello").stdout.strip())
            for name in ("smart", "fast"):
                self.assertTrue(up.cli("ask", "-m", name, "Say hello").stdout.strip())
            # The server's own list comes before the catalog's guess, and a worker stands there for it.
            listed = urllib.request.Request(provider.url + "/v1/models", headers={"authorization": "Bearer " + KEY})
            with urllib.request.urlopen(listed, timeout=10) as answer:
                first = json.load(answer)["data"][0]["id"]
            self.assertEqual(up.names()["default"]["kind"], "default")
            wait_until("the server's own model", lambda: up.names()["default"]["targets"] == [f"openai/{first}"])
            wait_until("its worker", lambda: {w["model"] for w in up.cli_json("worker", "ls")} == {f"openai/{first}", "openai/*"})
            self.assertNotIn(KEY, text + up.errors())

    def test_a_task_runs_with_nothing_but_a_key(self):
        with ScriptedProvider() as provider, Up({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url + "/v1"}) as up:
            for name in ("default", "smart"):
                self.assertTrue(up.cli("task", "run", "-m", name, "Say hello").stdout.strip())

    def test_a_task_for_any_model_of_a_provider_is_done(self):
        # Nothing names that model: it waited for ever for a worker of its own.
        with ScriptedProvider() as provider, Up({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url + "/v1"}) as up:
            self.assertTrue(up.cli("task", "run", "-m", "openai/reasoning", "Say hello", timeout=20).stdout.strip())
            (task,) = up.cli_json("task", "ls")
            self.assertEqual((task["worker"], task["model"], task["target"]), ("openai/*", "openai/reasoning", "openai/reasoning"))

    def test_keys_that_are_none_are_refused_in_a_sentence(self):
        with Up({"OPENAI_API_KEY": "fk_" + "a" * 43, "ANTHROPIC_API_KEY": "sk-ant-oat01-" + "b" * 40,
                 "MISTRAL_API_KEY": "m" * 30, "MISTRAL_BASE_URL": "http://someone:password@127.0.0.1:1"}) as up:
            text = up.text()
            self.assertIn("OPENAI_API_KEY is not used: it is one of flotte's own keys", text)
            self.assertIn("ANTHROPIC_API_KEY is not used: it is the token of a Claude subscription", text)
            self.assertIn("MISTRAL_BASE_URL is no address", text)
            for secret in ("a" * 43, "b" * 40, "m" * 30, "password"):
                self.assertNotIn(secret, text + up.errors())
            self.assertEqual(up.names(), {})


class RunningOllama(unittest.TestCase):
    def test_a_running_ollama_answers(self):
        with contextlib.closing(Ollama(("nomic-embed-text:latest", "llama3.2:3b", "qwen3:4b"))) as ollama, \
                Up({"OLLAMA_HOST": ollama.host}) as up:
            self.assertIn(f"Ollama at http://{ollama.host}", up.text())
            wait_until("default", lambda: "default" in up.names())
            self.assertEqual(up.cli("ask", "Good day").stdout.strip(), "Good day from Ollama.")
            self.assertEqual(ollama.chats[-1]["model"], "llama3.2:3b")
            nodes = up.cli_json("node", "ls")
            self.assertEqual([e["name"] for n in nodes if n["home"] for e in n["engines"]], ["ollama"])
            self.assertEqual(up.names()["default"]["targets"], ["ollama@home/llama3.2:3b"])
            self.assertEqual({w["id"] for w in up.cli_json("worker", "ls")}, {"llama3.2:3b@home", "qwen3:4b@home"})
            self.assertEqual(up.cli("task", "run", "Good day").stdout.strip(), "Good day from Ollama.")

    def test_one_that_starts_later_is_noticed(self):
        port = free_port()
        with Up({"OLLAMA_HOST": f"127.0.0.1:{port}"}) as up:
            self.assertIn("There is no model to ask yet", up.text())
            with contextlib.closing(Ollama(port=port)):
                wait_until("the Ollama noticed", lambda: "default" in up.names(), 25)
                wait_until("a line about it", lambda: "Ollama at" in up.text(), 5)
                self.assertTrue(up.cli("ask", "Good day").stdout.strip())

    def test_one_that_hangs_delays_nobody(self):
        with contextlib.closing(Ollama(hang=True)) as ollama, Up({"OLLAMA_HOST": ollama.host}) as up:
            self.assertLess(time.monotonic() - up.started, 5)
            self.assertIn("There is no model to ask yet", up.text())


@unittest.skipUnless(MODEL.exists() and pathlib.Path(ENGINE).exists(), "no demonstration engine: script/setup makes one")
class ModelFile(unittest.TestCase):
    environment = {"FLOTTE_LLAMA_SERVER": ENGINE, "PATH": os.environ["PATH"]}

    def test_a_file_is_enough_and_nothing_is_left_behind(self):
        with Up(self.environment, models=[MODEL]) as up:
            self.assertIn("flotte-demo.gguf", up.text())
            wait_until("default", lambda: up.names().get("default", {}).get("targets"), 60)
            self.assertTrue(up.cli("ask", "Say hello").stdout.strip())
            self.assertEqual(up.names()["default"]["targets"], ["llama@home/flotte-demo"])
            self.assertTrue(up.engine_processes())
            up.stop()
            self.assertEqual(up.engine_processes(), [])

    def test_a_node_beside_its_hub_does_not_run_the_same_model(self):
        with Up(self.environment, models=[MODEL]) as up:
            wait_until("default", lambda: up.names().get("default", {}).get("targets"), 60)
            join = up.cli_json("node", "invite", "--name", "beside")["join"]
            with open(up.folder / "node", "wb") as log:
                node = subprocess.Popen([str(BINARY), "node", "run", "--join", join], env=up.environment, stdout=log, stderr=log,
                                        stdin=subprocess.DEVNULL)
            try:
                wait_until("the node's look", lambda: "has this data directory" in (up.folder / "node").read_text(), 20)
                (beside,) = [n for n in up.cli_json("node", "ls") if n["name"] == "beside"]
                self.assertEqual((beside["state"], beside["engines"]), ("linked", []))
            finally:
                node.send_signal(signal.SIGTERM)
                node.wait(20)

    def test_nothing_survives_a_killed_hub(self):
        with Up(self.environment, models=[MODEL]) as up:
            wait_until("default", lambda: up.names().get("default", {}).get("targets"), 60)
            os.kill(up.process.pid, signal.SIGKILL)
            up.process.wait()
            wait_until("the engine's end", lambda: not up.engine_processes(), 10)
            # And the next one starts where it was.
            up.start()
            wait_until("default again", lambda: up.names().get("default", {}).get("targets"), 60)
            self.assertTrue(up.cli("ask", "Say hello").stdout.strip())

    def test_a_file_that_is_dropped_in_later_is_noticed(self):
        with Up(self.environment) as up:
            self.assertIn("There is no model to ask yet", up.text())
            (up.data / "models").mkdir(exist_ok=True)
            (up.data / "models" / "broken.gguf").write_bytes(b"GGUF but not really")
            up.drop(MODEL)
            wait_until("default", lambda: up.names().get("default", {}).get("targets"), 60)
            self.assertTrue(up.cli("ask", "Say hello").stdout.strip())
            wait_until("the broken one named", lambda: "broken.gguf is not usable" in up.text(), 20)

    def test_without_a_llama_server_it_says_so(self):
        with Up({"FLOTTE_LLAMA_SERVER": "/nonexistent/llama-server"}, models=[MODEL]) as up:
            self.assertIn("flotte-demo.gguf is not usable yet: no llama-server", up.text())
            self.assertEqual(up.cli_json("worker", "ls"), [])

    def test_an_engine_of_the_configuration_runs_at_home(self):
        config = f'[[engine]]\nname = "own"\nmodel = "{MODEL}"\nargs = ["-c", "8192", "-np", "2", "-t", "1", "-tb", "1"]\n'
        with Up(self.environment, config=config) as up:
            wait_until("default", lambda: up.names().get("default", {}).get("targets") == ["own@home/flotte-demo"], 60)
            self.assertTrue(up.cli("ask", "Say hello").stdout.strip())


class Nothing(unittest.TestCase):
    def test_with_nothing_at_all_it_says_what_to_do(self):
        with Up() as up:
            text = up.text()
            for part in ("OPENAI_API_KEY", "ollama", ".gguf", "flotte node invite", "flotte doctor"):
                self.assertIn(part, text)
            self.assertNotIn("#code=", text)
            self.assertEqual(up.cli_json("worker", "ls"), [])
            self.assertIsNone(up.process.poll())

    def test_agents_are_named_and_are_no_workers(self):
        up = Up()
        for name in ("claude", "codex"):
            (up.folder / "bin" / name).write_text("#!/bin/sh\n")
            (up.folder / "bin" / name).chmod(0o755)
        with up:
            self.assertIn("Claude Code (claude), Codex (codex): found, not usable yet", up.text())
            self.assertEqual(up.cli_json("worker", "ls"), [])

    def test_open_gives_the_browser_a_code_of_its_own(self):
        up = Up()
        up.arguments.append("--open")
        (up.folder / "bin" / "xdg-open").write_text(f'#!/bin/sh\necho "$1" > {up.folder}/opened\n')
        (up.folder / "bin" / "xdg-open").chmod(0o755)
        with up:
            wait_until("the browser", lambda: (up.folder / "opened").exists() and (up.folder / "opened").read_text().strip())
            self.assertRegex((up.folder / "opened").read_text(), r"^http://127\.0\.0\.1:\d+/#code=\S+$")
            self.assertNotIn("#code=", up.text())  # no terminal

    def test_on_a_terminal_there_is_a_code_and_no_log(self):
        with Up(terminal=True) as up:
            self.assertIn(f"{up.url}/#code=", up.text())
            self.assertNotIn(" info ", up.text())
            code = up.text().split("#code=")[1].split()[0]
            call = urllib.request.Request(up.url + "/fleet/v1/session", json.dumps({"code": code}).encode(), method="POST",
                                          headers={"content-type": "application/json"})
            with urllib.request.urlopen(call, timeout=10) as answer:
                self.assertIn("set-cookie", {name.lower() for name in answer.headers})


class Doctor(unittest.TestCase):
    """Looks at a machine without a hub: nothing is started for it."""

    def examine(self, environment=None, models=(), arguments=()):
        up = Up(environment, models)
        self.addCleanup(shutil.rmtree, up.folder, ignore_errors=True)
        done = up.cli("doctor", "--json", *arguments, check=False)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if answer["ok"] else 1)
        return {check["name"]: check for check in answer["checks"]}, answer["ok"]

    def test_with_nothing_there_is_a_problem_and_what_to_do(self):
        checks, well = self.examine()
        self.assertFalse(well)
        self.assertEqual(checks["something to ask"]["level"], "problem")
        self.assertIn("OPENAI_API_KEY", checks["something to ask"]["advice"])
        for name in ("pdftotext", "tesseract"):  # this PATH is empty
            self.assertEqual(checks[name]["level"], "warning")
            self.assertIn("apt install", checks[name]["advice"])

    def test_with_a_key_all_is_well_and_nobody_is_asked(self):
        with ScriptedProvider() as provider:
            checks, well = self.examine({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url + "/v1"})
        self.assertTrue(well)
        self.assertIn("--online", checks["OPENAI_API_KEY"]["message"])

    def test_online_shows_the_key_to_its_provider(self):
        with ScriptedProvider() as provider:
            right, well = self.examine({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url + "/v1"}, arguments=["--online"])
            wrong, ill = self.examine({"OPENAI_API_KEY": "sk-another", "OPENAI_BASE_URL": provider.url + "/v1"}, arguments=["--online"])
        self.assertTrue(well)
        self.assertIn("accepted", right["OPENAI_API_KEY"]["message"])
        self.assertFalse(ill)
        self.assertEqual(wrong["OPENAI_API_KEY"]["level"], "problem")
        self.assertIn("401", wrong["OPENAI_API_KEY"]["message"])

    def test_a_running_ollama_is_enough(self):
        with contextlib.closing(Ollama()) as ollama:
            checks, well = self.examine({"OLLAMA_HOST": ollama.host})
        self.assertTrue(well)
        self.assertIn("1 models", checks["Ollama"]["message"])

    def test_a_hub_on_another_machine_is_enough(self):
        with ScriptedProvider() as provider, Up({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url + "/v1"}) as other:
            key = (other.data / "admin.key").read_text().strip()
            checks, well = self.examine({"FLOTTE_URL": other.url, "FLOTTE_KEY": key})
            self.assertTrue(well)
            self.assertIn("answers", checks["FLOTTE_URL"]["message"])
            _, well = self.examine({"FLOTTE_URL": other.url, "FLOTTE_KEY": "fk_" + "w" * 43})
            self.assertFalse(well)
        checks, well = self.examine({"FLOTTE_URL": other.url, "FLOTTE_KEY": key})
        self.assertFalse(well)
        self.assertEqual(checks["FLOTTE_URL"]["level"], "problem")

    def test_a_taken_port_is_a_problem(self):
        with contextlib.closing(Ollama()) as somebody:
            up = Up({"OPENAI_API_KEY": KEY})
            self.addCleanup(shutil.rmtree, up.folder, ignore_errors=True)
            (up.folder / "flotte.toml").write_text(f'[hub]\nlisten = "{somebody.host}"\n')
            done = up.cli("doctor", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, r"problem +hub .*no hub")

    def test_it_reaches_a_running_hub(self):
        with ScriptedProvider() as provider, Up({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url + "/v1"}) as up:
            done = up.cli("doctor")
            self.assertRegex(done.stdout, r"ok +hub +answers at " + up.url.removeprefix("http://"))

    def test_a_wrong_configuration_is_a_problem_with_its_line(self):
        up = Up()
        self.addCleanup(shutil.rmtree, up.folder, ignore_errors=True)
        (up.folder / "flotte.toml").write_text('[hub]\nlisen = "127.0.0.1:0"\n')
        done = up.cli("doctor", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("flotte.toml:2", done.stdout)


if __name__ == "__main__":
    unittest.main()
