"""The sample in packaging/nginx.conf, run by a real nginx before a real hub: events come one by one, bodies and upgrades pass."""
import base64
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import unittest
import urllib.request

from fleet_under_test import ROOT, Fleet, free_port, wait_until
from test_cost import Provider
from test_reload import make_certificate

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


class Front:
    """nginx with the sample; only names, ports and files of this machine are changed."""

    def __init__(self, folder, hub_port):
        self.folder, self.port = folder, free_port()
        make_certificate(folder, "flotte.example")
        sample = (ROOT / "packaging/nginx.conf").read_text()
        sample = sample.replace("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl").replace("127.0.0.1:7700", f"127.0.0.1:{hub_port}")
        sample = re.sub(r"(ssl_certificate\s+)\S+;", rf"\g<1>{folder}/cert.pem;", sample)
        sample = re.sub(r"(ssl_certificate_key\s+)\S+;", rf"\g<1>{folder}/key.pem;", sample)
        user = "user root;\n" if os.getuid() == 0 else ""
        paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n"
                                           f"events {{}}\nhttp {{\n{paths}{sample}\n}}\n")

    def __enter__(self):
        self.process = subprocess.Popen([NGINX, "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)], stderr=subprocess.DEVNULL)
        wait_until("nginx listens", lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() is None)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def connection(self, test):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.trust(), timeout=20)
        test.addCleanup(connection.close)
        return connection

    @staticmethod
    def trust():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


@unittest.skipUnless(os.path.exists(NGINX), "nginx is not installed (script/setup test)")
class BehindNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provider = Provider().__enter__()
        cls.addClassCleanup(cls.provider.__exit__)
        cls.fleet = Fleet(f'[[provider]]\nname = "p"\ndialect = "openai"\nbase_url = "{cls.provider.url}/v1"\napi_key = "env:OPENAI_API_KEY"\n',
                          environment={"OPENAI_API_KEY": "sk-scripted"}).__enter__()
        cls.addClassCleanup(cls.fleet.__exit__, None, None, None)
        cls.front = Front(cls.fleet.folder, cls.fleet.port).__enter__()
        cls.addClassCleanup(cls.front.__exit__)

    def headers(self, **more):
        return {"authorization": f"Bearer {self.fleet.key}", "content-type": "application/json", **more}

    def acknowledge(self, n):
        body = json.dumps({"n": n}).encode()
        urllib.request.urlopen(urllib.request.Request(self.provider.url + "/control/ack", data=body, method="POST")).close()

    def test_every_event_comes_at_once(self):
        self.provider.play("step")
        connection = self.front.connection(self)
        body = {"model": "p/any", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
        self.acknowledge(0)
        connection.request("POST", "/v1/chat/completions", json.dumps(body), self.headers())
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        for n in range(1, 4):  # the provider sends event n+1 only after this one has arrived here
            line = answer.readline()
            while not line.startswith(b"data:"):
                self.assertNotEqual(line, b"", f"the stream ended before event {n}")
                line = answer.readline()
            self.acknowledge(n)
        self.provider.play("normal")

    def test_a_large_body_passes(self):
        connection = self.front.connection(self)
        body = {"model": "p/any", "messages": [{"role": "user", "content": "x" * 20_000_000}]}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), self.headers())
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200, answer.read())

    def test_an_upgrade_passes(self):
        key = base64.b64encode(b"0123456789abcdef").decode()
        connection = self.front.connection(self)
        connection.request("GET", "/fleet/v1/live", headers=self.headers(**{
            "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": key}))
        self.assertEqual(connection.getresponse().status, 101)

    def test_the_cockpit_signs_in_from_its_own_pages(self):
        connection = self.front.connection(self)
        origin = f"https://127.0.0.1:{self.front.port}"
        connection.request("POST", "/fleet/v1/session", json.dumps({"key": self.fleet.key}), {"content-type": "application/json", "origin": origin})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 201, answer.read())
        cookie = answer.getheader("set-cookie").split(";")[0]
        answer.read()
        connection.request("POST", "/fleet/v1/session/codes", "{}", {"content-type": "application/json", "origin": origin, "cookie": cookie})
        self.assertLess(connection.getresponse().status, 300)


if __name__ == "__main__":
    unittest.main()
