#!/usr/bin/env python3
"""The release tarball on machines with nothing installed: a fresh Debian root as hub, another one as node. By hand, as root:

    test/tarball/run.py [--tarball build/release/flotte-0.1.0-linux-x86_64.tar.gz] [--suite trixie] [--roots /var/tmp/flotte-roots]

Needs debootstrap (only where the root is not there yet), util-linux and a built tools/scripted_provider (build/dev). The two machines are
copies of one root with their own files and processes; they share a network of their own, without a way out. What is not in the tarball is
not there: no OpenSSL, no poppler, no curl, no certificates. Ends with what was measured, and with status 1 where something was wrong."""
import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
HUB = "http://127.0.0.1:7700"
ENVIRONMENT = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")
    print(f"  ok    {text}", flush=True)


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read(), answer.headers


def wait_until(what, condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError, ValueError):
            if found := condition():
                return found
        time.sleep(0.02)
    raise SystemExit(f"FAILED: not within {seconds} s: {what}")


class Machine:
    """A root of its own, made of the given one; nothing that happens in it reaches that."""

    def __init__(self, name, root, folder):
        self.name, self.root = name, folder / name
        upper, work = folder / f"{name}.upper", folder / f"{name}.work"
        for directory in (self.root, upper, work):
            directory.mkdir()
        mounted = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={root},upperdir={upper},workdir={work}", self.root],
                                 capture_output=True)
        if mounted.returncode != 0:
            self.root.rmdir()
            subprocess.run(["cp", "-a", root, self.root], check=True)
        for kind, place in (("proc", "proc"), ("sysfs", "sys")):
            subprocess.run(["mount", "-t", kind, kind, self.root / place], check=True)
        subprocess.run(["mount", "--rbind", "/dev", self.root / "dev"], check=True)
        self.children = []

    def unpack(self, tarball):
        subprocess.run(["tar", "-xzf", tarball, "-C", self.root / "opt"], check=True)
        self.program = "/" + str(next((self.root / "opt").glob("flotte-*/bin/flotte")).relative_to(self.root))

    def command(self, arguments):
        return ["chroot", self.root, self.program, *arguments]

    def start(self, *arguments, **environment):
        log = open(self.root / "root" / "flotte.log", "ab")
        child = subprocess.Popen(self.command(arguments), env={**ENVIRONMENT, **environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.children.append(child)
        return child

    def run(self, *arguments, status=0):
        done = subprocess.run(self.command(arguments), env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if done.returncode != status:
            raise SystemExit(f"FAILED: flotte {' '.join(arguments)} ended with {done.returncode} on {self.name}\n{done.stdout}{done.stderr}"
                             + (self.root / "root" / "flotte.log").read_text(errors="replace"))
        return done.stdout + (done.stderr if status else "")


def release_of(root):
    lines = (root / "etc/os-release").read_text().splitlines()
    return next(line.split("=", 1)[1].strip('"') for line in lines if line.startswith("PRETTY_NAME="))


def start_provider():
    program = TOP / "build/dev/tools/scripted_provider/scripted_provider"
    provider = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
    return provider, provider.stdout.readline().split()[-1]


def use_as_hub(hub, tarball, provider):
    begun = time.monotonic()
    hub.unpack(tarball)
    hub.start("up", "--data", "/root/data", OPENAI_API_KEY="sk-scripted", OPENAI_BASE_URL=provider + "/v1")
    wait_until("the hub is ready", lambda: fetch(HUB + "/readyz"))
    check("flotte " in hub.run("version"), f"the program starts on {release_of(hub.root)}")
    answer = hub.run("ask", "--data", "/root/data", "Say hello")
    check(answer.strip(), f"a first answer: {answer.strip()[:60]!r}")
    measured = {"unpacking to the first answer": time.monotonic() - begun}
    check(b"<html" in fetch(HUB + "/")[0], "the board is served")

    begun = time.monotonic()
    shutil.copytree(TOP / "samples/en", hub.root / "root/papers")
    hub.run("batch", "run", "/root/papers", "--data", "/root/data", "--prompt", "Summarise.", "-o", "/root/out")
    rows = [json.loads(line) for line in (hub.root / "root/out/results.jsonl").read_text().splitlines()]
    names = sorted(p.name for p in (TOP / "samples/en").iterdir())
    check(len(rows) == len(names) and all(r["state"] == "succeeded" for r in rows), f"a batch of {len(names)} documents")
    measured[f"a batch of {len(names)} documents"] = time.monotonic() - begun
    bodies = [call["body"] for call in json.loads(fetch(provider + "/control/log")[0])["requests"]]
    check(not shutil.which("pdftotext", path=":".join(str(hub.root) + d for d in ENVIRONMENT["PATH"].split(":"))), "the machine has no pdftotext")
    check(any("calibration-report.pdf" in b and "Halden Lab Ltd" in b for b in bodies), "the text of the PDF reached the model")
    return measured


def use_as_node(hub, node, folder):
    begun = time.monotonic()
    package, headers = fetch(HUB + "/join/flotte.tar.gz?os=Linux&arch=" + os.uname().machine)
    check(hashlib.sha256(package).hexdigest() == headers["x-flotte-sha256"], f"the hub hands out itself: {len(package) / 1e6:.1f} MB")
    (folder / "joined.tar.gz").write_bytes(package)
    node.unpack(folder / "joined.tar.gz")
    (node.root / "root/flotte.toml").write_text('[node]\nname = "second"\n[[worker]]\nname = "shell"\nkind = "command"\n')
    join = json.loads(hub.run("node", "invite", "--json", "--data", "/root/data"))["join"]
    node.start("node", "run", "--join", join, "--data", "/root/data", "--config", "/root/flotte.toml")
    wait_until("the node is linked", lambda: any(n["name"] == "second" and n["state"] == "linked" for n in
                                                 json.loads(hub.run("node", "ls", "--json", "--data", "/root/data"))))
    measured = {"fetching the program to a joined node": time.monotonic() - begun}
    begun = time.monotonic()
    (node.root / "root/where").write_text("on the second machine\n")
    said = hub.run("task", "run", "--data", "/root/data", "--kind", "command", "--worker", "shell", "--", "cat", "/root/where")
    check("on the second machine" in said, "a command ran on the joined node")
    measured["a command on the node"] = time.monotonic() - begun
    refused = node.run("service", "install", "--data", "/root/data", status=2)
    check("systemd" in refused, f"service install says: {refused.strip()[:90]}")
    return measured


def make_root(root, suite, mirror):
    if (root / "usr/bin/sh").exists() or (root / "bin/sh").exists():
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["debootstrap", "--variant=minbase", suite, root, *([mirror] if mirror else [])], check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tarball", type=pathlib.Path, default=next(iter(sorted((TOP / "build/release").glob("flotte-*.tar.gz"))), None))
    parser.add_argument("--suite", default="trixie")
    parser.add_argument("--mirror", default="")
    parser.add_argument("--roots", type=pathlib.Path, default=pathlib.Path("/var/tmp/flotte-roots"))
    parser.add_argument("--root", type=pathlib.Path, help="one that is there already, whatever distribution it is")
    options = parser.parse_args()
    if not options.tarball:
        raise SystemExit("no tarball: script/build release makes one")
    root = (options.root or options.roots / options.suite).resolve()
    if not os.environ.get("FLOTTE_TARBALL_INSIDE"):
        make_root(root, options.suite, options.mirror)
        # Its own mounts, processes and network: they all end with it.
        os.execvpe("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv],
                   {**os.environ, "FLOTTE_TARBALL_INSIDE": "1"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="flotte-tarball-"))
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    provider, address = start_provider()
    hub, node = Machine("hub", root, folder), Machine("node", root, folder)
    measured = use_as_hub(hub, options.tarball.resolve(), address)
    measured.update(use_as_node(hub, node, folder))
    for machine in (node, hub):
        for child in machine.children:
            child.send_signal(signal.SIGTERM)
            check(child.wait(30) == 0, f"the {machine.name} stops when it is told to")
    provider.terminate()
    for what, seconds in measured.items():
        print(f"  {seconds:5.1f} s  {what}")


if __name__ == "__main__":
    main()
