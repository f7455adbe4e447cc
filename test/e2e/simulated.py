"""The simulated provider of all dialects (test/provider) as a process, and a hub's configuration that points at it."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

from fleet_under_test import ROOT

KEY = "sk-simulated"
# name in the configuration -> lines of its [[provider]] besides the name and the key
PROVIDERS = {
    "openai": 'dialect = "openai"\nbase_url = "{url}/openai/v1"\napis = ["chat", "completions", "embeddings"]\n',
    "responses": 'dialect = "openai"\nbase_url = "{url}/responses/v1"\napis = ["responses", "embeddings"]\n',
    "mistral": 'dialect = "mistral"\nbase_url = "{url}/mistral/v1"\n',
    "anthropic": 'dialect = "anthropic"\nbase_url = "{url}/anthropic"\napis = ["messages"]\n',
    "gemini": 'dialect = "gemini"\nbase_url = "{url}/gemini"\n',
    "ollama": 'dialect = "ollama"\nbase_url = "{url}/ollama"\napis = ["ollama"]\n',
}


def node_environment():
    """Node.js 22: the machine's, or the one that script/setup brought."""
    brought = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "flotte/node22/node_modules/node/bin"
    environment = dict(os.environ)
    found = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False) if shutil.which("node") else None
    major = int(found.stdout.strip().lstrip("v").split(".")[0]) if found and found.stdout else 0
    if major < 22:
        if not (brought / "node").exists():
            sys.exit("Node.js 22 is needed: script/setup brings it")
        environment["PATH"] = f"{brought}:{environment['PATH']}"
    return environment


def hub_providers(url, names=PROVIDERS, suffix=""):
    """`suffix` goes to the names, and to the keys: another account."""
    return "".join(f'[[provider]]\nname = "{name}{suffix}"\napi_key = "env:SIMULATED_KEY{suffix.replace("-", "_")}"\n' + PROVIDERS[name].format(url=url) for name in names)


class Simulated:
    """The process; a context manager."""

    def __init__(self, *arguments, key=KEY, host="127.0.0.1"):
        self.arguments = ["node", str(ROOT / "test/provider/server.mjs"), "--key", key, "--host", host, *arguments]

    def __enter__(self):
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, text=True, env=node_environment())
        self.url = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def log(self):
        with urllib.request.urlopen(f"{self.url}/log", timeout=10) as answer:
            return json.load(answer)["requests"]

    def play(self, scenario):
        """What a model plays whose name is no scenario."""
        body = json.dumps({"scenario": scenario}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/control/default", data=body, method="POST"), timeout=10):
            pass
