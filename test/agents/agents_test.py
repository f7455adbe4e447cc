#!/usr/bin/env python3
"""Coding agents do a real edit in a git repository through a real hub, in a network namespace that has only loopback.

agents_test.py [--agent NAME]... [--provider DIALECT]... [--engine]: each agent with `flotte launch`, at a simulated provider of every dialect,
which plays the model: it reads a file, edits it, runs the test and finishes. With --engine also one turn on a real llama-server.
script/agents brings the agents and calls this."""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "test/e2e"))
from fleet_under_test import Fleet  # noqa: E402
from simulated import KEY, Simulated, hub_providers, node_environment  # noqa: E402

BIN = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "flotte/agents/node_modules/.bin"
PROVIDERS = ["openai", "responses", "anthropic", "gemini", "ollama", "mistral"]
# agent -> (the dialect it speaks, its arguments for an unattended run)
AGENTS = {
    "claude": ("anthropic", ["-p", "{prompt}", "--output-format", "json", "--permission-mode", "bypassPermissions"]),
    "codex": ("responses", ["exec", "--json", "-s", "danger-full-access", "-c", "check_for_update_on_startup=false", "-c", "analytics.enabled=false",
                            "{prompt}"]),
    "gemini": ("gemini", ["-p", "{prompt}", "-o", "json", "--approval-mode", "yolo", "--skip-trust"]),
    "opencode": ("openai", ["run", "--format", "json", "{prompt}"]),
}
PROMPT = "The greeting in greet.py is misspelt. Read it, correct it, run `sh test.sh`, and finish. FLOTTE-TASK:{repo}"
QUIET = {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_LSP_DOWNLOAD": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1", "IS_SANDBOX": "1"}


def into_namespace():
    """Runs this program again where there is no network but loopback."""
    if os.environ.get("FLOTTE_ONLY_LOOPBACK") == "1":
        return
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    command = 'ip link set lo up && FLOTTE_ONLY_LOOPBACK=1 exec "$0" "$@"'
    os.execvp(unshare[0], [*unshare, "sh", "-c", command, sys.executable, str(pathlib.Path(__file__).resolve()), *sys.argv[1:]])


def only_loopback():
    links = json.loads(subprocess.run(["ip", "-j", "link"], capture_output=True, text=True, check=True).stdout)
    return [link["ifname"] for link in links if link["operstate"] != "DOWN"] == ["lo"]


def repository(folder):
    repo = folder / "repo"
    repo.mkdir(parents=True)
    (repo / "greet.py").write_text('print("helo")\n')
    (repo / "test.sh").write_text("python3 greet.py | grep -qx hello && echo test passed || { echo test failed; exit 1; }\n")
    for words in (["init", "-q"], ["config", "user.email", "test@localhost"], ["config", "user.name", "test"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=repo, check=True)
    return repo


def launch(fleet, agent, model, prompt, repo, seconds=180):
    home = repo.parent / "home"
    home.mkdir()
    environment = {k: v for k, v in node_environment().items() if not k.endswith(("_API_KEY", "_BASE_URL"))}
    environment |= {**QUIET, "HOME": str(home), "PWD": str(repo), "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
                    "XDG_CACHE_HOME": str(home / "cache"), "XDG_STATE_HOME": str(home / "state"),
                    "PATH": f"{BIN}:{environment['PATH']}", "FLOTTE_URL": fleet.url, "FLOTTE_KEY": fleet.key,
                    "FLOTTE_DATA": str(fleet.folder / "hub"), "FLOTTE_CONFIG": str(fleet.folder / "none.toml")}
    words = [word.format(prompt=prompt) for word in AGENTS[agent][1]]
    return subprocess.run(fleet.command("launch", "-m", model, agent, *words), cwd=repo, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds, errors="replace")


def edit(fleet, simulated, agent, provider, folder):
    """A sentence what went wrong, or nothing."""
    repo = repository(folder)
    before = len(simulated.log())
    done = launch(fleet, agent, f"sim-{provider}", PROMPT.format(repo=repo), repo)
    asked = [r for r in simulated.log()[before:] if r["method"] == "POST"]
    refused = [f"{r['path']}: {r['refused']}" for r in asked if r.get("refused")]
    difference = subprocess.run(["git", "diff", "-U0"], cwd=repo, capture_output=True, text=True, check=True).stdout
    problem = None
    if done.returncode != 0:
        problem = f"it ended with status {done.returncode}"
    elif '+print("hello")' not in difference or '-print("helo")' not in difference:
        problem = "the file was not edited"
    elif not any("test passed" in result["text"] for r in asked for result in (r.get("seen") or {}).get("results", [])):
        problem = "the model never saw the test pass"
    elif "The greeting is corrected" not in done.stdout:
        problem = "it did not say that it had finished"
    elif {r["dialect"] for r in asked if (r.get("seen") or {}).get("tools")} != {provider}:
        # Titles and summaries may go to the model `fast`.
        problem = f"other providers were asked: {sorted({r['dialect'] for r in asked})}"
    if not problem:
        return None
    return "\n  ".join([problem, *dict.fromkeys(refused[:4]), *done.stdout.strip().splitlines()[-6:]])


def turn_on_engine(fleet, agent, folder):
    repo = repository(folder)
    done = launch(fleet, agent, "default", "Say in one sentence what greet.py prints.", repo, seconds=600)
    return None if done.returncode == 0 else "\n  ".join([f"it ended with status {done.returncode}", *done.stdout.strip().splitlines()[-6:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", action="append", choices=AGENTS)
    parser.add_argument("--provider", action="append", choices=PROVIDERS)
    parser.add_argument("--engine", action="store_true", help="one turn of each agent on llama-server")
    wanted = parser.parse_args()
    into_namespace()
    if not only_loopback():
        sys.exit("this namespace has more than loopback")
    missing = [agent for agent in wanted.agent or AGENTS if not (BIN / agent).exists()]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; script/agents brings them")
    failed = 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="flotte-agents-"))
    with Simulated("--scenario", "agent") as simulated:
        models = "".join(f'[[model]]\nname = "sim-{name}"\ntargets = [{{ provider = "{name}", model = "agent" }}]\n' for name in PROVIDERS)
        with Fleet(hub_providers(simulated.url) + models, environment={"SIMULATED_KEY": KEY}) as fleet:
            def run(label, work):
                nonlocal failed
                begun = time.monotonic()
                try:
                    problem = work(folder / label.replace(" ", "-"))
                except subprocess.TimeoutExpired as late:
                    problem = f"took longer than {late.timeout:.0f} s"
                failed += bool(problem)
                print(f"{label}: {problem or 'ok'} ({time.monotonic() - begun:.1f} s)", flush=True)

            for agent in wanted.agent or AGENTS:
                for provider in wanted.provider or PROVIDERS:
                    run(f"{agent} at {provider}", lambda place, a=agent, p=provider: edit(fleet, simulated, a, p, place))
            if wanted.engine:
                fleet.node("box", engine="demo", slots=1, context=49152)
                fleet.wait_for_engine("box")
                for agent in wanted.agent or AGENTS:
                    run(f"{agent} on llama-server", lambda place, a=agent: turn_on_engine(fleet, a, place))
    shutil.rmtree(folder, ignore_errors=True)
    if failed:
        sys.exit(f"{failed} failed")


if __name__ == "__main__":
    main()
