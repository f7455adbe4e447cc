#!/usr/bin/env python3
"""The official npm clients, against the scripted provider of all dialects and against a real hub with it behind.

clients_test.py [direct] [hub] [openai] [-- words for suite.mjs]; without words: all three. Packages go to build/clients, not into the tree.
The matrix of what works goes to docs/clients-matrix.md; where it differs from what is there the test fails, unless FLOTTE_UPDATE=1."""
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "test/e2e"))
from fleet_under_test import BINARY, Fleet  # noqa: E402
from simulated import KEY, PROVIDERS, Simulated, hub_providers, node_environment  # noqa: E402

import matrix  # noqa: E402

CLIENTS = 30  # at least as many as suite.mjs has
PROVIDER = BINARY.parent / "tools/scripted_provider/scripted_provider"


def prepare(environment):
    """A copy of the suites beside their packages: node looks for packages upwards from the file that imports them."""
    folder = ROOT / "build/clients"
    folder.mkdir(parents=True, exist_ok=True)
    for file in [*HERE.glob("*.json"), *HERE.glob("*.mjs")]:
        shutil.copy(file, folder / file.name)
    for source, name in [(HERE / "clients", "clients"), (ROOT / "test/provider", "provider")]:
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(source, folder / name)
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules/.lock"
    if not stamp.exists() or stamp.read_text() != lock:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--omit=optional", "--loglevel=error"], cwd=folder, env=environment, check=True)
        stamp.write_text(lock)
    return folder


def suite(folder, environment, words):
    done = subprocess.run(["node", "suite.mjs", *words], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, timeout=900, check=True)
    return json.loads(done.stdout)


def direct(folder, environment, words):
    """The clients' own parsers vouch for the provider: without a hub everything passes that the client has."""
    with Simulated() as simulated:
        cells = suite(folder, {**environment, "PROVIDER_URL": simulated.url, "PROVIDER_KEY": KEY}, words)
    wrong = [f"{c['client']} | {c['scenario']}: {c['problem']}" for c in cells if "problem" in c]
    if wrong:
        sys.exit("a client finds fault with the scripted provider itself:\n" + "\n".join(wrong))
    print(f"direct: {sum('lacks' not in c for c in cells)} scenarios passed")


def providers(url):
    """Each dialect once for what works, and once for each client for what breaks: a fault closes a provider for a while. A model that no
    [[model]] names may share its state with others of that kind, so those that say 429 are named."""
    limited = ['{{ provider = "{0}", model = "rate~kind=none%s" }}' % suffix for suffix in ("", "~v=vision", "~v=-4")]
    named = "".join(f'[[model]]\nname = "limited-{name}-{n}"\ntargets = [{", ".join(limited).format(f"{name}-{n}")}]\n'
                    for name in PROVIDERS for n in range(CLIENTS))
    return hub_providers(url) + "".join(hub_providers(url, suffix=f"-{n}") for n in range(CLIENTS)) + named


def hub(folder, environment, words):
    keys = {"SIMULATED_KEY": KEY} | {f"SIMULATED_KEY_{n}": f"{KEY}-{n}" for n in range(CLIENTS)}
    with Simulated() as simulated, Fleet(providers(simulated.url), environment=keys) as fleet:
        cells = suite(folder, {**environment, "PROVIDER_URL": simulated.url, "PROVIDER_KEY": KEY, "HUB_URL": fleet.url, "HUB_KEY": fleet.key}, words)
    for cell in cells:
        if words and "problem" in cell:
            print(f"{cell['client']} | {cell['provider']} | {cell['scenario']}: {cell['problem']}")
    passed = sum("problem" not in c and "lacks" not in c for c in cells)
    print(f"hub: {passed} scenarios passed, {sum('problem' in c for c in cells)} do not work")
    if not words:
        matrix.compare(cells, ROOT / "docs/clients-matrix.md")


def openai(folder, environment, _):
    provider = subprocess.Popen([str(PROVIDER), "--key", "sk-scripted"], stdout=subprocess.PIPE, text=True)
    try:
        scripted = provider.stdout.readline().rsplit(" ", 1)[1].strip()
        config = f'[[provider]]\nname = "scripted"\ndialect = "openai"\nbase_url = "{scripted}/v1"\napi_key = "env:SCRIPTED_KEY"\n'
        with Fleet(config, environment={"SCRIPTED_KEY": "sk-scripted"}) as fleet:
            environment = {**environment, "FLOTTE_URL": fleet.url, "FLOTTE_KEY": fleet.key, "SCRIPTED_URL": scripted}
            done = subprocess.run(["node", "--test", "openai.test.mjs"], cwd=folder, env=environment, timeout=120, check=False)
            if done.returncode != 0:
                sys.exit(f"the openai client found fault (exit {done.returncode})")
    finally:
        provider.terminate()
        provider.wait()


def main():
    parts = sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    words = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    environment = node_environment()
    folder = prepare(environment)
    for name, part in [("direct", direct), ("openai", openai), ("hub", hub)]:
        if not parts or name in parts:
            part(folder, environment, words)


if __name__ == "__main__":
    main()
