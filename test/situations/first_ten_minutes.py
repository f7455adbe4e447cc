#!/usr/bin/env python3
"""The first ten minutes, tried as a new user would in three situations, on network namespaces that stand for machines:
a laptop and one API key; an old PC and a GPU box; three laptops. Measures the time to the first useful answer and to the next machine.
usage: first_ten_minutes.py TARBALL [--write docs/first-ten-minutes.md]   as root; needs iproute2, script/setup run, script/build release.
The engine is the demonstration engine, and a llama-server with a key stands for the provider: simulated, and the transcripts say so."""
import argparse
import json
import pathlib
import re
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from machines import Street

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = ROOT / "build/deps/engine"
MODEL = ROOT / "build/deps/models/flotte-demo.gguf"
KEY = "sk-demonstration-0123456789abcdef"


class Situation:
    def __init__(self, number, title, tarball):
        self.number, self.title, self.tarball = number, title, tarball
        self.street = Street(number)
        self.first_answer = self.next_machine = None

    def person(self, name, address, **settings):
        machine = self.street.machine(name, address, **settings)
        (machine.home / "Downloads").mkdir()
        shutil.copy(self.tarball, machine.home / "Downloads" / self.tarball.name)
        return machine

    def unpack(self, machine):
        folder = self.tarball.name.split("-linux")[0]
        machine.run(f"tar xzf Downloads/{self.tarball.name} && mkdir -p .local/bin && ln -s ~/{folder}/bin/flotte .local/bin/flotte")

    def ask(self, machine, prompt, model=None):
        """The first question that is answered stops the watch."""
        answer = machine.run(f"flotte ask {'-m ' + model + ' ' if model else ''}'{prompt}'")
        if len(answer.strip()) < 20:
            raise RuntimeError(f"that is no answer: {answer!r}")
        if self.first_answer is None:
            self.first_answer = self.street.elapsed()
            self.street.say(f"the first useful answer after {self.first_answer:.1f} s")

    def invite(self, hub, *options):
        shown = hub.run(" ".join(["flotte node invite", *options]))
        line = next((x.strip() for x in shown.splitlines() if x.strip().startswith("curl ")), None)
        if not line:
            raise RuntimeError(f"no line to paste in:\n{shown}")
        return line

    def join(self, hub, machine, line, name):
        begun = time.monotonic()
        machine.leave_running(line, r"[Ll]inked|[Jj]oined", seconds=90)
        self.wait_for_node(hub, name)
        took = time.monotonic() - begun
        if self.next_machine is None:
            self.next_machine = took
        self.street.say(f"{name} is part of the fleet {took:.1f} s after its line was pasted")

    def wait_for_node(self, hub, name, engine=False, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            nodes = json.loads(hub.run("flotte node ls --json", show=False))
            for node in nodes:
                if node["name"] == name and node["state"] == "linked" and (not engine or any(e["state"] == "ready" for e in node["engines"])):
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{name} is not there: {nodes}\n{self.street.transcript()}")


def give_engine(machine):
    """What an owner of a GPU box has: llama-server on the PATH and a model that was downloaded once."""
    (machine.home / ".local/bin").mkdir(parents=True, exist_ok=True)
    (machine.home / ".local/bin/llama-server").symlink_to(ENGINE / "llama-server")
    models = machine.home / ".local/share/flotte/models"
    models.mkdir(parents=True)
    shutil.copy(MODEL, models / MODEL.name)


def provider(situation, address):
    """Stands for somebody's API: a llama-server that wants a key."""
    api = situation.street.machine("api", address)
    api.leave_running(f"{ENGINE}/llama-server -m {MODEL} --host {address} --port 8000 --api-key {KEY} --alias demonstration -c 16384 -np 4 2>&1", r"listening|is listening",
                      show=False, terminal=False)
    return f"http://{address}:8000/v1"


def letters(machine):
    shutil.copytree(ROOT / "samples/en", machine.home / "papers")


def one_laptop(tarball):
    situation = Situation(1, "A laptop and one API key", tarball)
    with situation.street as street:
        base = provider(situation, "10.77.1.100")
        laptop = situation.person("laptop", "10.77.1.1", environment={"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base})
        desktop = situation.person("desktop", "10.77.1.2")
        letters(laptop)
        street.start_clock()
        situation.unpack(laptop)
        laptop.leave_running("flotte up --lan", r"flotte ask|https?://")
        situation.ask(laptop, "What makes a good incident report?")
        laptop.run("flotte batch run papers --prompt 'Summarise in two sentences.' --dry-run")
        laptop.run("flotte batch run papers --prompt 'Summarise in two sentences.' -o summaries")
        line = situation.invite(laptop)
        situation.join(laptop, desktop, line, "desktop")
        laptop.run("flotte node ls")
        return situation


def old_and_new(tarball):
    situation = Situation(2, "An old PC and a GPU box", tarball)
    with situation.street as street:
        attic = situation.person("attic", "10.77.2.1")
        box = situation.street.machine("box", "10.77.2.2")
        tablet = situation.street.machine("tablet", "10.77.2.3")
        give_engine(box)
        letters(attic)
        street.start_clock()
        situation.unpack(attic)
        attic.leave_running("flotte up --lan", r"node invite")
        line = situation.invite(attic)
        situation.join(attic, box, line, "box")
        situation.wait_for_node(attic, "box", engine=True)
        attic.run("flotte model ls")
        situation.ask(attic, "What makes a good incident report?")
        attic.run("flotte batch run papers --prompt 'Summarise in two sentences.' -o summaries")
        line = situation.invite(attic, "--name", "kitchen", "--label", "quiet")
        situation.join(attic, tablet, line, "kitchen")
        attic.run("flotte node ls")
        return situation


def three_laptops(tarball):
    situation = Situation(3, "Three laptops", tarball)
    with situation.street as street:
        base = provider(situation, "10.77.3.100")
        anna = situation.person("anna", "10.77.3.1", environment={"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base})
        ben = situation.street.machine("ben", "10.77.3.2")
        carl = situation.street.machine("carl", "10.77.3.3")
        give_engine(ben)
        give_engine(carl)
        letters(anna)
        street.start_clock()
        situation.unpack(anna)
        anna.leave_running("flotte up --lan", r"flotte ask|https?://")
        situation.ask(anna, "What makes a good incident report?")
        for machine in (ben, carl):
            line = situation.invite(anna)
            situation.join(anna, machine, line, machine.name)
            situation.wait_for_node(anna, machine.name, engine=True)
        anna.run("flotte model ls")
        anna.run("flotte batch run papers -m flotte-demo --prompt 'Summarise in two sentences.' -o summaries")
        rows = [json.loads(row) for row in (anna.home / "summaries/results.jsonl").read_text().splitlines()]
        where = {row["target"].split("/")[0] for row in rows}
        if not {"ben", "carl"} <= {w.split("@")[-1] for w in where}:
            raise RuntimeError(f"not both laptops worked: {where}")
        anna.run("flotte node ls")
        return situation


def page(situations):
    out = ["# The first ten minutes", "",
           "Three situations, tried as a new user would, on network namespaces that stand for machines (`test/situations/first_ten_minutes.py`; "
           "each with its own address, host name and home directory, nothing but the tarball). Simulated are the engine (llama.cpp with the "
           "demonstration model) and the provider (a llama-server that wants a key); the rest is what a person types and sees. "
           "The clock starts when the downloaded tarball is unpacked.", "",
           "| situation | first useful answer | the next machine, from pasting the line |", "| --- | --- | --- |"]
    for s in situations:
        out.append(f"| {s.title} | {s.first_answer:.1f} s | {s.next_machine:.1f} s |")
    for s in situations:
        text = re.sub(r"#[A-Za-z0-9_-]{20,}[.A-Za-z0-9_=-]*", "#CODE", s.street.transcript())
        text = re.sub(r"code=[A-Za-z0-9_-]+", "code=CODE", text)
        out += ["", f"## {s.title}", "", "```", text, "```"]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tarball", type=pathlib.Path)
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    situations = []
    for number, play in enumerate((one_laptop, old_and_new, three_laptops), 1):
        if arguments.only in (None, number):
            situations.append(play(arguments.tarball.resolve()))
            print(f"{situations[-1].title}: first answer {situations[-1].first_answer:.1f} s, "
                  f"next machine {situations[-1].next_machine:.1f} s", flush=True)
    text = page(situations)
    if arguments.write:
        arguments.write.write_text(text)
    else:
        print(text)
    late = [s.title for s in situations if s.first_answer > 180 or s.next_machine > 60]
    if late:
        sys.exit(f"too slow: {', '.join(late)}")


if __name__ == "__main__":
    main()
