"""A configuration that is read again while the hub runs: by signal, by command, with a certificate, and with mistakes in it."""
import contextlib
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import threading
import unittest

from fleet_under_test import Fleet, wait_until
from test_cost import Provider

TAIL = '[[model]]\nname = "{name}"\ntargets = [ {{ provider = "p", model = "any" }} ]\n'


@contextlib.contextmanager
def fleet_with_provider():
    with Provider() as provider:
        table = f'[[provider]]\nname = "p"\ndialect = "openai"\nbase_url = "{provider.url}/v1"\napi_key = "env:OPENAI_API_KEY"\n'
        with Fleet(table + TAIL.format(name="first"), environment={"OPENAI_API_KEY": "sk-scripted"}) as fleet:
            fleet.file = fleet.folder / "hub.toml"
            fleet.before = fleet.file.read_text()
            yield fleet, provider


def command(fleet, *words):
    return fleet.cli(*words, check=False)


def models(fleet):
    return {m["id"] for m in fleet.get("/v1/models")["data"]}


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
                   check=True, capture_output=True)


def subject_of(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw, context.wrap_socket(raw) as secure:
        certificate = ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))
    out = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=certificate, capture_output=True, text=True, check=True)
    return out.stdout


class Reload(unittest.TestCase):
    def test_a_signal_and_a_command_make_a_new_file_count(self):
        with fleet_with_provider() as (fleet, _):
            self.assertIn("first", models(fleet))
            fleet.file.write_text(fleet.before + TAIL.format(name="second"))
            fleet.hub.signal(signal.SIGHUP)
            wait_until("the second model", lambda: "second" in models(fleet))
            fleet.file.write_text(fleet.before + TAIL.format(name="third"))
            done = command(fleet, "reload")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("2 models: first, third", done.stdout)
            self.assertEqual({"first", "third"} & models(fleet), {"first", "third"})
            self.assertNotIn("second", models(fleet))
            report = json.loads(command(fleet, "reload", "--json").stdout)
            self.assertEqual(report["providers"], ["p"])
            self.assertEqual(report["restart"], [])

    def test_a_bad_file_changes_nothing(self):
        with fleet_with_provider() as (fleet, _):
            fleet.file.write_text(fleet.before + '[[modell]]\nname = "x"\n')
            done = command(fleet, "reload")
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stderr, r"hub\.toml:\d+.*modell")
            fleet.hub.signal(signal.SIGHUP)
            wait_until("the log says so", lambda: "stays as it was" in fleet.hub.tail())
            self.assertIn("first", models(fleet))

    def test_what_needs_a_restart_is_named(self):
        with fleet_with_provider() as (fleet, _):
            fleet.file.write_text(fleet.before.replace('node_lease = "3s"', 'node_lease = "4s"'))
            done = command(fleet, "reload")
            self.assertIn("counts from the hub's next start on: [hub] node_lease", done.stdout)

    def test_no_call_under_way_is_dropped(self):
        with fleet_with_provider() as (fleet, provider):
            provider.play("gaps")
            stop, failures, calls = threading.Event(), [], [0]

            def ask():
                while not stop.is_set():
                    try:
                        body = {"model": "first", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
                        with fleet.request("POST", "/v1/chat/completions", body) as answer:
                            text = answer.read().decode()
                        calls[0] += 1
                        if "[DONE]" not in text:
                            failures.append(text[-200:])
                    except Exception as error:  # what it is, is told by the assertion
                        failures.append(repr(error))

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            def reload_again():
                fleet.file.write_text(fleet.before + TAIL.format(name=f"m{calls[0]}"))
                return command(fleet, "reload").returncode != 0 or calls[0] >= 12

            wait_until("a dozen calls while the file is read again and again", reload_again)
            stop.set()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertGreater(calls[0], 4)

    def test_a_renewed_certificate_is_served(self):
        with Fleet() as fleet:
            fleet.hub.stop()
            make_certificate(fleet.folder, "old.example")
            file = pathlib.Path(fleet.folder, "hub.toml")
            file.write_text(file.read_text() + f'tls_cert = "{fleet.folder}/cert.pem"\ntls_key = "{fleet.folder}/key.pem"\n')
            fleet.start_hub()
            self.assertIn("old.example", subject_of(fleet.port))
            make_certificate(fleet.folder, "new.example")
            done = command(fleet, "reload")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("new.example", subject_of(fleet.port))
            (fleet.folder / "cert.pem").write_text("no certificate")
            self.assertNotEqual(command(fleet, "reload").returncode, 0)
            self.assertIn("new.example", subject_of(fleet.port))


if __name__ == "__main__":
    unittest.main()
