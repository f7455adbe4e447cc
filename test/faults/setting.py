"""Where experiments happen: a real hub and real nodes with failpoints, clocks that are wrong, disks that are small, cables that can be
pulled, and a scripted provider whose log says what was bought."""
import collections
import contextlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import time
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from fleet_under_test import BINARY, Fleet, Process, wait_until  # noqa: E402
from simulated import KEY, Simulated  # noqa: E402

MODEL = "sold"
PRICE = f'[[model]]\nvendor = "paid"\nmodel = "{MODEL}"\ninput = "1.00"\ncached_input = "0.10"\noutput = "10.00"\n'
SHELL = '[[worker]]\nname = "shell"\nkind = "command"\nslots = {slots}\n'
READER = '[[worker]]\nname = "reader"\nkind = "model"\nmodel = "bought"\nslots = {slots}\n'


class Left(Exception):
    """An experiment that cannot be made on this machine; the text says why."""


class Ground(Fleet):
    """A hub and its nodes. `failing` is FLOTTE_FAIL of the hub's first process; those after it run without."""
    leases = set()  # seconds, of the experiment that is being made: for the page

    def __init__(self, config="", provider=None, failing="", lease=3, rpm=0, data=None, **more):
        if provider:
            limits = f"limits = {{ rpm = {rpm} }}\n" if rpm else ""
            config = (f'[[provider]]\nname = "paid"\ndialect = "openai"\napis = ["chat"]\napi_key = "env:SIMULATED_KEY"\n'
                      f'base_url = "{provider.url}/openai/v1"\n{limits}'
                      f'[[model]]\nname = "bought"\ntargets = [ {{ provider = "paid", model = "{MODEL}" }} ]\n') + config
        super().__init__(config, lease=f"{lease}s", environment={"SIMULATED_KEY": KEY}, **more)
        (self.folder / "models.toml").write_text(PRICE)
        self.lease = lease
        Ground.leases.add(lease)
        self.slots = {}  # (node, worker) -> leases at most
        self.note_slots("home", config)
        self.cables = {}
        if data:
            self.hub.arguments[self.hub.arguments.index("--data") + 1] = data
        self.data = pathlib.Path(data or self.folder / "hub")
        if failing:
            self.hub.environment["FLOTTE_FAIL"] = failing

    def note_slots(self, node, config):
        self.slots |= {(node, worker["name"]): worker["slots"] for worker in tomllib.loads(config).get("worker", [])}

    @property
    def key(self):
        return (self.data / "admin.key").read_text().strip()

    @property
    def database(self):
        return self.data / "flotte.db"

    def start_hub(self):
        super().start_hub()
        self.hub.environment.pop("FLOTTE_FAIL", None)

    def hub_ended(self, seconds=20):
        """Waits until a failpoint has ended the hub; the moment."""
        self.hub.process.wait(seconds)
        return time.monotonic()

    def restart_hub(self):
        """Seconds until it answers again."""
        began = time.monotonic()
        self.start_hub()
        return time.monotonic() - began

    def node(self, name, config="", failing="", environment=None, **more):
        """As Fleet.node; `failing` is FLOTTE_FAIL of its first linked process."""
        self.note_slots(name, config)
        process = super().node(name, config, **more)
        if environment or failing:
            process.stop()
            process.environment.update(environment or {})
            if failing:
                process.environment["FLOTTE_FAIL"] = failing
            process.start()
            process.environment.pop("FLOTTE_FAIL", None)
            wait_until(f"node {name} linked", lambda: self.node_state(name) == "linked")
        return process

    def shell(self, script, node=None, **more):
        body = {"kind": "command", "worker": "shell", "input": {"argv": ["sh", "-c", script]}, **more}
        if node:
            body["node"] = node
        return body

    def task(self, task):
        return self.get(f"/fleet/v1/tasks/{task}")

    def state(self, task):
        return self.task(task)["state"]

    def ended(self, task, seconds=60):
        """Waits for its end; the task with its attempts."""
        wait_until(f"{task} ends", lambda: self.state(task) in ("succeeded", "failed", "cancelled"), seconds)
        return self.task(task)

    def log_of(self, task):
        with self.request("GET", f"/fleet/v1/tasks/{task}/log") as answer:
            return answer.read().decode()

    def close(self, quiet=False):
        try:
            super().close(quiet)
        finally:
            for cable in self.cables.values():
                cable.remove()


def outcomes(task):
    return [a["outcome"] for a in task["attempts"]]


class Bought(Simulated):
    """The provider, and what its own log says was bought."""

    def purchases(self):
        """How often each prompt was asked for and not refused, whatever became of the answer."""
        return collections.Counter(r["seen"]["user"] for r in self.log() if r["method"] == "POST" and "seen" in r and "refused" not in r)

    def asked(self):
        """How often it was asked, those included that it refused."""
        return sum(1 for r in self.log() if r["method"] == "POST")

    def running(self):
        return sum(1 for r in self.log() if r["method"] == "POST" and r["state"] == "running")


class Clock:
    """A process's wall clock that can be wrong; for its environment."""

    def __init__(self, folder, hours=0):
        self.path = pathlib.Path(folder) / f"clock-{id(self)}"
        self.set(hours)

    def set(self, hours):
        with open(self.path, "r+b" if self.path.exists() else "wb") as out:
            out.write(struct.pack("q", int(hours * 3_600_000)))

    @property
    def environment(self):
        return {"FLOTTE_CLOCK": str(self.path)}


# ---- machines in namespaces ---------------------------------------------------------------------------------------

def run(*words, check=True):
    return subprocess.run(list(map(str, words)), check=check, capture_output=True, text=True)


class Cable:
    """A network namespace and the pair of interfaces between it and this one."""
    count = 0

    def __init__(self, name):
        if os.getuid() != 0 or not shutil.which("ip"):
            raise Left("network namespaces need root and iproute2")
        Cable.count += 1
        number = (os.getpid() % 200) * 250 % 60000 + Cable.count
        self.space = f"flotte-{os.getpid()}-{Cable.count}"
        self.here, self.there = f"fh{os.getpid() % 100000}x{Cable.count}"[:15], f"fn{os.getpid() % 100000}x{Cable.count}"[:15]
        self.hub = f"10.{200 + number // 250 % 50}.{number % 250}.1"
        self.node = self.hub[:-1] + "2"
        run("ip", "netns", "add", self.space)
        run("ip", "link", "add", self.here, "type", "veth", "peer", "name", self.there, "netns", self.space)
        run("ip", "addr", "add", f"{self.hub}/24", "dev", self.here)
        run("ip", "link", "set", self.here, "up")
        self.inside("ip", "addr", "add", f"{self.node}/24", "dev", self.there)
        self.inside("ip", "link", "set", self.there, "up")
        self.inside("ip", "link", "set", "lo", "up")

    def inside(self, *words):
        return run("ip", "netns", "exec", self.space, *words)

    def pull(self):
        run("ip", "link", "set", self.here, "down")

    def plug(self):
        run("ip", "link", "set", self.here, "up")

    def deafen(self):
        """What goes to the node is lost; what it says arrives."""
        run("ip", "neigh", "replace", self.node, "lladdr", "02:00:00:00:00:99", "dev", self.here, "nud", "permanent")

    def hear(self):
        run("ip", "neigh", "del", self.node, "dev", self.here)

    def remove(self):
        run("ip", "link", "del", self.here, check=False)
        run("ip", "netns", "del", self.space, check=False)


class Far(Ground):
    """A hub whose nodes are machines of their own, each at the end of a cable."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        config = pathlib.Path(self.hub.arguments[self.hub.arguments.index("--config") + 1])
        config.write_text(config.read_text().replace(f'listen = "127.0.0.1:{self.port}"', f'listen = "0.0.0.0:{self.port}"\ntls = "off"'))

    def far_node(self, name, config="", failing=""):
        self.note_slots(name, config)
        cable = self.cables[name] = Cable(name)
        data, file = self.folder / name, self.folder / f"{name}.toml"
        file.write_text(f'[node]\nname = "{name}"\nfind = false\n' + config)
        code = self.cli_json("node", "invite")["join"].split("#")[1]
        process = Process(name, ["node", "run", "--config", file, "--data", data, "--join", f"http://{cable.hub}:{self.port}#{code}"],
                          self.folder)
        process.before = ["ip", "netns", "exec", cable.space]
        self.nodes[name] = process
        if failing:
            process.environment["FLOTTE_FAIL"] = failing
        process.start()
        process.environment.pop("FLOTTE_FAIL", None)
        wait_until(f"node {name} linked", lambda: self.node_state(name) == "linked")
        process.arguments = process.arguments[:-2]
        return process


@contextlib.contextmanager
def small_disk(folder, megabytes):
    """A file system of its own that is soon full."""
    path = pathlib.Path(folder) / "small"
    path.mkdir()
    if os.getuid() != 0 or run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "flotte-faults", path, check=False).returncode != 0:
        raise Left("a small file system needs root (mount -t tmpfs)")
    try:
        yield path
    finally:
        for _ in range(50):
            if run("umount", path, check=False).returncode == 0:
                break
            time.sleep(0.1)
        else:
            run("umount", "-l", path, check=False)


def fill(path, leave=0):
    """Uses up a disk but for `leave` bytes; the file that does it."""
    ballast = pathlib.Path(path) / "ballast"
    with open(ballast, "wb") as out:
        with contextlib.suppress(OSError):
            while True:
                out.write(b"\0" * 65536)
                out.flush()
    if leave:
        os.truncate(ballast, max(0, ballast.stat().st_size - leave))
    return ballast
