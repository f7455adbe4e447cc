"""What a person types wrongly, and what the machine refuses: one line that says what to do, the exit status of the contract."""
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time
import unittest
import urllib.error

from fleet_under_test import BINARY, MODEL, Fleet, free_port, wait_until


class Start(unittest.TestCase):
    """A hub that cannot start."""

    def setUp(self):
        import tempfile
        self.folder = tempfile.TemporaryDirectory(prefix="flotte-e2e-")
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def hub(self, config, data=None):
        file = self.path / "hub.toml"
        file.write_text(config)
        return subprocess.run([str(BINARY), "hub", "--config", str(file), "--data", str(data or self.path / "data")], capture_output=True,
                              text=True, timeout=20, env=dict(os.environ, FLOTTE_LOG="warning"))

    def test_an_unknown_key_names_file_line_and_neighbour(self):
        done = self.hub('[hub]\nname = "x"\nlisen = "127.0.0.1:0"\n')
        self.assertEqual(done.returncode, 2)
        self.assertIn("hub.toml:3", done.stderr)
        self.assertIn("listen", done.stderr)

    def test_a_wrong_type_names_file_and_line(self):
        done = self.hub('[hub]\nlisten = 7700\n')
        self.assertEqual(done.returncode, 2)
        self.assertIn("hub.toml:2", done.stderr)

    def test_a_missing_configuration_that_was_named(self):
        done = subprocess.run([str(BINARY), "hub", "--config", str(self.path / "none.toml"), "--data", str(self.path)], capture_output=True,
                              text=True, timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("none.toml", done.stderr)

    def test_a_taken_port(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            port = s.getsockname()[1]
            done = self.hub(f'[hub]\nlisten = "127.0.0.1:{port}"\n')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(port), done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_a_data_directory_that_is_a_file(self):
        (self.path / "data").write_text("")
        done = self.hub('[hub]\nlisten = "127.0.0.1:0"\n')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("data", done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_data_directory_that_cannot_be_written(self):
        (self.path / "data").mkdir(mode=0o500)
        done = self.hub('[hub]\nlisten = "127.0.0.1:0"\n')
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_a_database_of_a_newer_version(self):
        port = free_port()
        config = f'[hub]\nlisten = "127.0.0.1:{port}"\n'
        file = self.path / "hub.toml"
        file.write_text(config)
        first = subprocess.Popen([str(BINARY), "hub", "--config", str(file), "--data", str(self.path / "data")], stderr=subprocess.DEVNULL)
        wait_until("a database", lambda: (self.path / "data" / "admin.key").exists())
        time.sleep(0.2)
        first.send_signal(signal.SIGTERM)
        first.wait(20)
        with sqlite3.connect(self.path / "data" / "flotte.db") as database:
            tables = [r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'")]
            self.assertEqual(len(tables), 1, tables)
            columns = [r[1] for r in database.execute(f"PRAGMA table_info({tables[0]})")]
            row = list(database.execute(f"SELECT * FROM {tables[0]} ORDER BY {columns[0]} DESC LIMIT 1"))[0]
            database.execute(f"INSERT INTO {tables[0]} VALUES ({','.join('?' * len(row))})", (9999, "from the future", *row[2:]))
        done = self.hub(config)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("newer", done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_an_address_beyond_loopback_without_tls(self):
        done = self.hub('[hub]\nlisten = "0.0.0.0:0"\n')
        self.assertEqual(done.returncode, 2)
        self.assertIn("tls", done.stderr)


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet()
        cls.fleet.__enter__()
        cls.addClassCleanup(cls.fleet.__exit__, None, None, None)

    def refused(self, method, path, body=None, **more):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.fleet.request(method, path, body, **more)
        return caught.exception.code, json.load(caught.exception)

    def test_a_wrong_key_in_the_dialects_shape(self):
        code, body = self.refused("POST", "/v1/chat/completions", {"model": "x", "messages": []}, key="nope")
        self.assertEqual(code, 401)
        self.assertEqual(set(body["error"]), {"message", "type", "param", "code"})
        code, body = self.refused("GET", "/fleet/v1/tasks", key="nope")
        self.assertEqual((code, body["error"]["code"]), (401, "unauthenticated"))

    def test_unknown_paths(self):
        code, body = self.refused("GET", "/v1/nothing")
        self.assertEqual(code, 404)
        self.assertIn("type", body["error"])
        self.assertEqual(self.refused("GET", "/fleet/v1/nothing")[0], 404)
        self.assertEqual(self.refused("DELETE", "/v1/chat/completions")[0], 405)

    def test_malformed_json_and_unknown_models(self):
        self.assertEqual(self.refused("POST", "/v1/chat/completions", b"{\"model\": ")[0], 400)
        self.assertEqual(self.refused("POST", "/v1/chat/completions", b'{"model":"a","model":"b","messages":[]}')[0], 400)
        self.assertEqual(self.refused("POST", "/v1/chat/completions", {"model": "nobody", "messages": []})[0], 404)
        self.assertEqual(self.refused("POST", "/fleet/v1/tasks", b"{")[0], 400)
        code, body = self.refused("POST", "/fleet/v1/tasks", {"kind": "prompt", "input": {"prompt": 7}})
        self.assertEqual(code, 400)
        self.assertIn("prompt", body["error"]["message"])
        self.assertEqual(self.refused("GET", "/fleet/v1/tasks/t999999")[0], 404)

    def test_a_body_over_the_limit(self):
        with socket.create_connection(("127.0.0.1", self.fleet.port), 10) as s:
            s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + self.fleet.key.encode() +
                      b"\r\nContent-Length: 99999999999\r\n\r\n")
            self.assertIn(b" 413 ", s.recv(4096).split(b"\r\n")[0])

    def test_a_flood_of_headers(self):
        with socket.create_connection(("127.0.0.1", self.fleet.port), 10) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(200)) + b"\r\n")
            self.assertIn(b" 431 ", s.recv(4096).split(b"\r\n")[0])

    def test_idempotency(self):
        body = {"kind": "prompt", "model": "later", "input": {"prompt": "once"}}
        head = {"idempotency-key": "k1"}
        first = self.fleet.post("/fleet/v1/tasks", body, headers=head)
        again = self.fleet.post("/fleet/v1/tasks", body, headers=head)
        self.assertEqual(first["id"], again["id"])
        other = {"kind": "prompt", "model": "later", "input": {"prompt": "twice"}}
        self.assertEqual(self.refused("POST", "/fleet/v1/tasks", other, headers=head)[0], 422)
        why = self.fleet.get(f"/fleet/v1/tasks/{first['id']}/why")
        self.assertTrue(why["text"])

    def test_command_line_statuses(self):
        self.assertEqual(self.fleet.cli("task", "show", "t999999", check=False).returncode, 1)
        self.assertEqual(self.fleet.cli("nonsense", check=False).returncode, 2)
        self.assertEqual(self.fleet.cli("task", "ls", check=False, key="nope").returncode, 4)
        done = subprocess.run([str(BINARY), "task", "ls", "--json"], capture_output=True, text=True, timeout=20,
                              env=dict(os.environ, FLOTTE_URL=f"http://127.0.0.1:{free_port()}", FLOTTE_KEY="x"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("error", json.loads(done.stdout or done.stderr))


class Engines(unittest.TestCase):
    def test_an_engine_that_will_not_start_says_why(self):
        with Fleet() as fleet:
            broken = fleet.folder / "broken.gguf"
            broken.write_bytes(b"GGUF" + b"\0" * 100)
            fleet.node("box", config=f'[[engine]]\nname = "llama"\nkind = "llama-server"\nmodel = "{broken}"\n')

            def failed():
                node = next(n for n in fleet.get("/fleet/v1/nodes")["items"] if n["name"] == "box")
                return next((e for e in node["engines"] if e["message"]), None)
            engine = wait_until("a message", failed, 30)
            self.assertNotEqual(engine["state"], "ready")
            self.assertGreater(len(engine["message"]), 20, engine)

    def test_an_engine_that_dies_comes_back(self):
        with Fleet() as fleet:
            node = fleet.node("box", engine="llama")
            fleet.wait_for_engine("box")
            from fleet_under_test import processes_with
            before = [p for p, line in processes_with(str(MODEL)) if "--host" in line and str(fleet.folder) in line and "shim" not in line]
            self.assertTrue(before)
            os.kill(before[-1], signal.SIGKILL)
            fresh = wait_until("a new engine", lambda: [p for p, line in processes_with(str(MODEL)) if "--host" in line
                                                        and str(fleet.folder) in line and "shim" not in line and p not in before], 30)
            self.assertTrue(fresh)
            fleet.wait_for_engine("box")
            self.assertIn("", fleet.cli("ask", "Say hello").stdout)
            self.assertIsNone(node.process.poll())


if __name__ == "__main__":
    unittest.main()
