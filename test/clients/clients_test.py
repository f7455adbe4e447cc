#!/usr/bin/env python3
"""The official npm clients against a real hub with the scripted provider behind it. Packages go to build/clients, not into the tree."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "test/e2e"))
from fleet_under_test import BINARY, Fleet  # noqa: E402

PROVIDER = BINARY.parent / "tools/scripted_provider/scripted_provider"
FILES = ["package.json", "package-lock.json", "openai.test.mjs"]


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


def prepare(environment):
    folder = ROOT / "build/clients"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, folder / name)
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules/.lock"
    if not stamp.exists() or stamp.read_text() != lock:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, env=environment, check=True)
        stamp.write_text(lock)
    return folder


def main():
    environment = node_environment()
    folder = prepare(environment)
    provider = subprocess.Popen([str(PROVIDER), "--key", "sk-scripted"], stdout=subprocess.PIPE, text=True)
    try:
        scripted = provider.stdout.readline().rsplit(" ", 1)[1].strip()
        config = f'[[provider]]\nname = "scripted"\ndialect = "openai"\nbase_url = "{scripted}/v1"\napi_key = "env:SCRIPTED_KEY"\n'
        with Fleet(config, environment={"SCRIPTED_KEY": "sk-scripted"}) as fleet:
            environment |= {"FLOTTE_URL": fleet.url, "FLOTTE_KEY": fleet.key, "SCRIPTED_URL": scripted}
            done = subprocess.run(["node", "--test", "openai.test.mjs"], cwd=folder, env=environment, timeout=120, check=False)
            if done.returncode != 0:
                sys.exit(f"the openai client found fault (exit {done.returncode})")
    finally:
        provider.terminate()
        provider.wait()


if __name__ == "__main__":
    main()
