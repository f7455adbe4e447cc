"""Joining over TLS from the hub's own authority: the pasted line, its pin, and everything that must not work."""
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
import unittest

from fleet_under_test import BINARY, Fleet, Process, free_port, wait_until

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Pasted(Process):
    """A line in a shell, with everything that it starts: what Ctrl-C in a terminal reaches."""

    def signal(self, number):
        os.killpg(self.process.pid, number)


class LanFleet(Fleet):
    """A hub with --lan, and machines that paste what it prints."""

    def __init__(self, **more):
        super().__init__(**more)
        self.hub.arguments.append("--lan")

    def invite(self, *arguments):
        return self.cli_json("node", "invite", *arguments)

    def machine(self, name):
        """Another person's machine, as far as files go."""
        home = self.folder / "machines" / name
        home.mkdir(parents=True, exist_ok=True)
        environment = {k: v for k, v in os.environ.items()
                       if not k.startswith(("XDG_", "FLOTTE_")) and k not in PROXY_VARIABLES}
        return home, dict(environment, HOME=str(home))

    def paste(self, name, line, seconds=60):
        """The line in a shell, to its end."""
        home, environment = self.machine(name)
        return subprocess.run(["sh", "-c", line], cwd=home, env=environment, capture_output=True, text=True, timeout=seconds,
                              stdin=subprocess.DEVNULL)

    def join(self, name, line):
        """The line in a shell that stays; `line` may end with options of `flotte node run`."""
        home, environment = self.machine(name)
        process = Pasted(name, [], self.folder)
        with open(process.log, "ab") as out:
            process.process = subprocess.Popen(["sh", "-c", line], cwd=home, env=environment, stdout=out, stderr=out,
                                               stdin=subprocess.DEVNULL, start_new_session=True)
        self.nodes[name] = process
        return process

    def run_again(self, name):
        home, environment = self.machine(name)
        program = home / ".local/bin/flotte"
        process = Pasted(name, [], self.folder)
        with open(process.log, "ab") as out:
            process.process = subprocess.Popen([str(program), "node", "run"], cwd=home, env=environment, stdout=out, stderr=out,
                                               stdin=subprocess.DEVNULL, start_new_session=True)
        self.nodes[name] = process
        return process


class Between:
    """A proxy that somebody put between a machine and its hub. The first `honest` connections it passes on; of the others it is itself the
    server, with a certificate and contents of its own."""

    def __init__(self, folder, hub_port, honest=0):
        self.folder, self.hub_port, self.honest = pathlib.Path(folder), hub_port, honest
        self.trace = self.folder / "it-ran"
        self.connections, self.requests = 0, []
        key, certificate = self.folder / "between.key", self.folder / "between.pem"
        if not key.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                           check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def line(self, invite):
        """What is pasted, where the name leads here."""
        url = invite["join"].split("#")[0]
        return invite["command"].replace(url, f"https://127.0.0.1:{self.port}")

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            act = self.pass_on if self.connections <= self.honest else self.deceive
            threading.Thread(target=act, args=(connection,), daemon=True).start()

    def pass_on(self, connection):
        try:
            hub = socket.create_connection(("127.0.0.1", self.hub_port))
        except OSError:  # the hub is away for a moment
            connection.close()
            return
        with connection, hub:
            def copy(source, target):
                try:
                    while piece := source.recv(65536):
                        target.sendall(piece)
                    target.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
            back = threading.Thread(target=copy, args=(hub, connection), daemon=True)
            back.start()
            copy(connection, hub)
            back.join(30)

    def deceive(self, connection):
        body = f"#!/bin/sh\ntouch '{self.trace}'\n".encode()
        try:
            with self.tls.wrap_socket(connection, server_side=True) as secure:
                head = secure.recv(65536)
                if head:
                    self.requests.append(head.split(b"\r\n")[0].decode())
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        except (OSError, ssl.SSLError):
            pass

    def close(self):
        self.listener.close()


class Joining(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = LanFleet()
        cls.fleet.__enter__()
        cls.addClassCleanup(cls.fleet.__exit__, None, None, None)

    def linked(self, name):
        wait_until(f"{name} linked", lambda: self.fleet.node_state(name) == "linked")

    def between(self, honest):
        between = Between(self.fleet.folder, self.fleet.port, honest)
        self.addCleanup(between.close)
        return between

    # ---- what works ----------------------------------------------------------------------------------------------------------------

    def test_one_pasted_line_makes_a_node(self):
        invite = self.fleet.invite("--name", "pasted", "--label", "gpu")
        self.assertEqual(set(invite), {"join", "pin", "command", "expires_at"})
        self.assertTrue(invite["join"].startswith("https://"))
        self.assertRegex(invite["command"], r"^curl -fsSk --pinnedpubkey 'sha256//[A-Za-z0-9+/]{43}=' '?https://\S+/join'? \| sh -s -- '[^']+'$")
        self.fleet.join("pasted", invite["command"])
        self.linked("pasted")
        node = self.fleet.get("/fleet/v1/nodes/pasted")
        self.assertEqual(node["labels"], ["gpu"])
        home, _ = self.fleet.machine("pasted")
        self.assertTrue((home / ".local/bin/flotte").is_symlink())
        # Again: the code is used up, the machine is a node, nothing is fetched.
        self.fleet.nodes["pasted"].stop()
        before = (home / ".local/bin/flotte").resolve().stat().st_mtime_ns
        process = self.fleet.join("pasted", invite["command"])
        self.linked("pasted")
        self.assertEqual((home / ".local/bin/flotte").resolve().stat().st_mtime_ns, before)
        self.assertEqual(process.log.read_text().count("fetching"), 1)
        # And without the line: what it remembers is enough.
        self.fleet.nodes["pasted"].stop()
        self.fleet.run_again("pasted")
        self.linked("pasted")

    def test_name_and_labels_come_from_the_hub(self):
        config = self.fleet.folder / "worker.toml"
        config.write_text('[[worker]]\nname = "shell"\nkind = "command"\nslots = 2\n')
        self.fleet.join("set", self.fleet.invite("--name", "before")["command"] + f" --config {config}")
        self.linked("before")
        task = self.fleet.cli("task", "run", "--detach", "--kind", "command", "--node", "before", "--", "sh", "-c",
                              "echo begun; sleep 3; echo ended").stdout.split()[0]
        wait_until("it runs", lambda: self.fleet.get(f"/fleet/v1/tasks/{task}")["state"] == "running")
        self.fleet.cli("node", "set", "before", "--name", "after", "--label", "quiet", "--label", "office")
        self.linked("after")
        self.assertIsNone(self.fleet.node_state("before"))
        wait_until("it ended", lambda: self.fleet.get(f"/fleet/v1/tasks/{task}")["state"] == "succeeded")
        self.assertEqual(self.fleet.get(f"/fleet/v1/tasks/{task}")["attempt"], 1)
        done = self.fleet.cli("task", "run", "--kind", "command", "--label", "quiet", "--", "echo", "by label")
        self.assertIn("by label", done.stdout)
        self.fleet.cli("node", "set", "after", "--no-labels")
        waiting = self.fleet.cli("task", "run", "--detach", "--kind", "command", "--label", "quiet", "--", "true").stdout.split()[0]
        self.assertIn("quiet", self.fleet.get(f"/fleet/v1/tasks/{waiting}/why")["text"])
        self.fleet.cli("node", "set", "after", "--label", "quiet")
        wait_until("the label is back", lambda: self.fleet.get(f"/fleet/v1/tasks/{waiting}")["state"] == "succeeded")
        # The machine was told nothing by hand, and comes back under its new name.
        self.fleet.nodes["set"].stop()
        self.fleet.run_again("set")
        self.linked("after")
        self.assertEqual(self.fleet.get("/fleet/v1/nodes/after")["labels"], ["quiet"])
        self.assertEqual(self.fleet.cli("node", "set", "after", check=False).returncode, 2)
        self.assertIn("hub's own node", self.fleet.cli("node", "set", "home", "--name", "x", check=False).stderr)
        self.assertIn("characters", self.fleet.cli("node", "set", "after", "--label", "two words", check=False).stderr)

    def test_two_machines_of_one_name(self):
        for machine in ("one", "two"):
            config = self.fleet.folder / f"{machine}.toml"
            config.write_text('[node]\nname = "laptop"\n')
            self.fleet.join(machine, self.fleet.invite()["command"] + f" --config {config}")
        self.linked("laptop")
        self.linked("laptop-2")

    def test_the_authority_and_the_pin_outlive_a_restart(self):
        def served():
            with self.fleet.request("GET", "/ca.pem") as answer:
                return answer.read()
        authority, pin = served(), self.fleet.invite()["pin"]
        self.fleet.hub.stop()
        self.fleet.start_hub()
        self.assertEqual((served(), self.fleet.invite()["pin"]), (authority, pin))
        trusting = ssl.create_default_context(cadata=authority.decode())
        for host in ("127.0.0.1", "localhost"):
            connection = http.client.HTTPSConnection(host, self.fleet.port, context=trusting, timeout=10)
            connection.request("GET", "/healthz")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
        for key in ("ca.key", "server.key"):
            self.assertEqual((self.fleet.folder / "hub/tls" / key).stat().st_mode & 0o777, 0o600)

    def test_the_cookie_is_for_the_way_it_came(self):
        body = json.dumps({"key": self.fleet.key})
        plain = http.client.HTTPConnection("127.0.0.1", self.fleet.port, timeout=10)
        secure = http.client.HTTPSConnection("127.0.0.1", self.fleet.port, timeout=10, context=ssl._create_unverified_context())
        cookies = []
        for connection in (plain, secure):
            connection.request("POST", "/fleet/v1/session", body, {"content-type": "application/json"})
            cookies.append(connection.getresponse().headers["set-cookie"])
            connection.close()
        self.assertNotIn("Secure", cookies[0])
        self.assertIn("Secure", cookies[1])

    def test_beyond_loopback_there_is_only_tls(self):
        url = self.fleet.invite()["join"].split("#")[0]
        host = re.fullmatch(r"https://(.*):\d+", url).group(1)
        if host.startswith(("127.", "[")) or not re.fullmatch(r"[\d.]+", host):
            self.skipTest("this machine has no address that others reach")
        plain = http.client.HTTPConnection(host, self.fleet.port, timeout=10)
        plain.request("GET", "/healthz")
        answer = plain.getresponse()
        self.assertEqual(answer.status, 400)
        self.assertIn(b"TLS", answer.read())
        plain.close()

    def test_the_command_line_trusts_what_it_knows(self):
        url = f"https://127.0.0.1:{self.fleet.port}"
        home, environment = self.fleet.machine("elsewhere")
        environment = dict(environment, FLOTTE_URL=url, FLOTTE_KEY=self.fleet.key)

        def flotte(*arguments, **more):
            return subprocess.run([str(BINARY), *arguments], env=dict(environment, **more), capture_output=True, text=True, timeout=30)
        refused = flotte("node", "ls")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("/ca.pem", refused.stderr)
        self.assertIn("--ca", refused.stderr)
        authority = home / "ca.pem"
        with self.fleet.request("GET", "/ca.pem") as answer:
            authority.write_bytes(answer.read())
        self.assertEqual(flotte("node", "ls", "--ca", str(authority)).returncode, 0)
        self.assertEqual(flotte("node", "ls", FLOTTE_CA=str(authority)).returncode, 0)
        # A machine that is a node of that hub knows its key already.
        invite = self.fleet.invite("--name", "knows")
        line = invite["command"].replace(invite["join"].split("#")[0], url)
        self.fleet.join("elsewhere", line)
        self.linked("knows")
        self.assertEqual(flotte("node", "ls").returncode, 0)
        between = self.between(0)
        membership = home / ".local/share/flotte/node/node.json"
        known = json.loads(membership.read_text())
        membership.write_text(json.dumps(dict(known, hub_url=f"https://127.0.0.1:{between.port}")))
        refused = flotte("node", "ls", FLOTTE_URL=f"https://127.0.0.1:{between.port}")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("somebody may be in between", refused.stderr)
        self.assertEqual(between.requests, [])

    # ---- somebody in between -------------------------------------------------------------------------------------------------------

    def test_not_one_byte_of_another_server_runs(self):
        between = self.between(0)
        done = self.fleet.paste("mitm0", between.line(self.fleet.invite()))
        self.assertGreater(between.connections, 0)
        self.assertIn("does not match pinned public key", done.stderr)
        self.nothing_ran(between, "mitm0")

    def test_the_package_of_another_server_is_not_taken(self):
        between = self.between(1)
        done = self.fleet.paste("mitm1", between.line(self.fleet.invite()))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(between.connections, 2)
        self.assertIn("its key is another one", done.stderr)
        self.nothing_ran(between, "mitm1")

    def test_another_server_learns_no_code(self):
        between = self.between(2)
        done = self.fleet.paste("mitm2", between.line(self.fleet.invite()))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("its key is another one", done.stderr.splitlines()[-1])
        self.assertIn("Nothing was sent", done.stderr.splitlines()[-1])
        self.assertEqual(between.requests, [])
        self.assertFalse(between.trace.exists())

    def test_a_node_that_joined_tells_nobody_else_anything(self):
        between = self.between(10**9)
        process = self.fleet.join("steadfast", between.line(self.fleet.invite("--name", "steadfast")))
        self.linked("steadfast")
        between.honest = 0
        self.fleet.hub.stop()
        self.fleet.start_hub()
        wait_until("it says so", lambda: "has another key than the one that was pinned" in process.log.read_text())
        self.assertIsNone(process.process.poll(), "it waits for its hub to come back")
        self.assertEqual(between.requests, [])
        between.honest = 10**9
        self.linked("steadfast")

    def nothing_ran(self, between, machine):
        self.assertEqual(between.requests, [], "no request reaches a server with another key")
        self.assertFalse(between.trace.exists())
        home, _ = self.fleet.machine(machine)
        self.assertEqual([p for p in home.rglob("*") if p.is_file()], [])

    def test_a_script_that_broke_off_does_nothing(self):
        with self.fleet.request("GET", "/join") as answer:
            script = answer.read()
        invite = self.fleet.invite("--name", "whole")
        home, environment = self.fleet.machine("broken")
        cuts = [*range(0, len(script) - 12, 37), len(script) - 11]
        self.assertEqual(script[-11:], b'\nmain "$@"\n')
        for cut in cuts:
            subprocess.run(["sh", "-s", "--", invite["join"]], input=script[:cut], cwd=home, env=environment, capture_output=True, timeout=30)
        self.assertEqual([p for p in home.rglob("*")], [])
        self.fleet.join("broken", invite["command"])
        self.linked("whole")  # the code is still good

    # ---- codes ---------------------------------------------------------------------------------------------------------------------

    def test_a_used_code(self):
        invite = self.fleet.invite("--name", "first")
        self.fleet.join("first", invite["command"])
        self.linked("first")
        done = self.fleet.paste("second", invite["command"])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("the code has been used already", done.stderr.splitlines()[-1])

    def test_a_code_that_has_expired_and_one_that_never_was(self):
        late = self.fleet.invite()
        self.fleet.hub.stop()
        with sqlite3.connect(self.fleet.folder / "hub" / "flotte.db") as database:
            changed = database.execute("UPDATE invite SET expires_at_ms = expires_at_ms - 600000 WHERE used_at_ms IS NULL").rowcount
        database.close()
        self.assertGreater(changed, 0)
        self.fleet.start_hub()
        done = self.fleet.paste("late", late["command"])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("the code has expired", done.stderr.splitlines()[-1])
        url, code = late["join"].split("#")
        done = self.fleet.paste("late", late["command"].replace(code.split(".")[0], "invented"))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("does not know the code", done.stderr.splitlines()[-1])

    def test_a_removed_node_ends_and_may_join_again(self):
        process = self.fleet.join("gone", self.fleet.invite("--name", "gone")["command"])
        self.linked("gone")
        self.fleet.cli("node", "rm", "gone")
        self.assertEqual(process.process.wait(30), 4)
        self.assertIn("removed", process.log.read_text().splitlines()[-1])
        again = self.fleet.run_again("gone")
        self.assertEqual(again.process.wait(30), 4)
        self.assertIn("removed", again.log.read_text().splitlines()[-1])
        self.assertIn("flotte node invite", again.log.read_text().splitlines()[-1])
        self.fleet.join("gone", self.fleet.invite("--name", "gone")["command"])
        self.linked("gone")

    def test_no_hub_there(self):
        home, environment = self.fleet.machine("nobody")
        done = subprocess.run([str(BINARY), "node", "run", "--join", f"http://127.0.0.1:{free_port()}#code"], cwd=home, env=environment,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no hub reached at http://127.0.0.1", done.stderr.splitlines()[-1])

    def test_an_incomplete_line(self):
        home, environment = self.fleet.machine("half")
        for join in ("", "https://127.0.0.1:1", "https://127.0.0.1:1#code", "https://127.0.0.1:1#code.short"):
            done = subprocess.run([str(BINARY), "node", "run", "--join", join], cwd=home, env=environment, capture_output=True, text=True,
                                  timeout=60)
            self.assertIn(done.returncode, (2, 3, 4), join)
            self.assertEqual(len([line for line in done.stderr.splitlines() if line.startswith("flotte")]), 1, done.stderr)
        with self.fleet.request("GET", "/join") as answer:
            script = answer.read()
        for words in ([], ["https://127.0.0.1:1"], ["https://127.0.0.1:1#code"]):
            done = subprocess.run(["sh", "-s", "--", *words], input=script, cwd=home, env=environment, capture_output=True, timeout=30)
            self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(list(home.rglob("bin")), [])


class Loopback(unittest.TestCase):
    def test_a_plain_hub_prints_a_plain_line(self):
        with Fleet() as fleet:
            invite = fleet.cli_json("node", "invite")
            self.assertIsNone(invite["pin"])
            self.assertEqual(invite["command"], f"curl -fsS {fleet.url}/join | sh -s -- '{invite['join']}'")
            with self.assertRaises(Exception) as caught:
                fleet.request("GET", "/ca.pem")
            self.assertEqual(caught.exception.code, 404)


@unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
class Script(unittest.TestCase):
    def test_shellcheck_has_nothing_to_say(self):
        with Fleet() as fleet, fleet.request("GET", "/join") as answer:
            done = subprocess.run(["shellcheck", "-s", "sh", "-"], input=answer.read(), capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout.decode())


if __name__ == "__main__":
    unittest.main()
