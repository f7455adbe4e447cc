"""A real fleet for the end-to-end tests: the real binary as hub and nodes, the demonstration engine, a folder of its own."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("FLOTTE_BINARY", ROOT / "build/dev/flotte"))
MODEL = ROOT / "build/deps/models/flotte-demo.gguf"
# The same answers, some ten times slower, so that a fault finds something to hit.
SLOW_MODEL = ROOT / "build/deps/models/slow/flotte-demo.gguf"
ENGINE = shutil.which("llama-server") or str(ROOT / "build/deps/engine/llama-server")


def slow_model():
    tools = [ROOT / "tools/demo_model.py", *(ROOT / "tools/demo_model").glob("*.py")]
    if not SLOW_MODEL.exists() or SLOW_MODEL.stat().st_mtime < max(t.stat().st_mtime for t in tools):
        SLOW_MODEL.parent.mkdir(parents=True, exist_ok=True)
        partial = SLOW_MODEL.with_suffix(".partial")
        subprocess.run([sys.executable, str(tools[0]), "--out", str(partial), "--idle-width", "32768", str(ROOT / "samples")], check=True)
        partial.rename(SLOW_MODEL)
    return SLOW_MODEL


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, condition, seconds=30.0):
    """Waits for a condition with a deadline, never for a time."""
    end = time.monotonic() + seconds
    last = None
    while time.monotonic() < end:
        try:
            last = condition()
            if last:
                return last
        except (urllib.error.URLError, ConnectionError, OSError, subprocess.SubprocessError) as error:
            last = error
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what} (last: {last!r})")


def children_of(pid):
    """All living descendants of a process."""
    tree = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = stat.read_text()
            fields = text[text.rindex(")") + 2:].split()
            if fields[0] != "Z":
                tree.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = [], [pid]
    while todo:
        for child in tree.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


def processes_with(text):
    """Living processes whose command line contains the text."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            if text in line and state != "Z" and int(entry.name) != os.getpid():
                found.append((int(entry.name), line))
    return found


class Process:
    """A flotte process whose output goes to a file."""

    def __init__(self, name, arguments, folder, environment=None):
        self.name, self.arguments, self.folder = name, arguments, pathlib.Path(folder)
        self.environment = dict(os.environ, FLOTTE_LLAMA_SERVER=ENGINE, **(environment or {}))
        for key in [k for k in self.environment if k.endswith("_API_KEY") or k.endswith("_BASE_URL")]:
            if not environment or key not in environment:
                del self.environment[key]
        self.process = None
        self.before = []  # words before the program: another network namespace
        self.program = None  # another version than the one under test

    @property
    def log(self):
        return self.folder / f"{self.name}.log"

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen([*self.before, str(self.program or BINARY), *map(str, self.arguments)], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            env=self.environment, start_new_session=True)
        return self

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        """kill -9: nothing is said to anybody."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=20, number=None):
        """SIGTERM is a restart: commands go on for one lease. SIGINT ends everything."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.signal(signal.SIGCONT)
                self.signal(number or signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.name} did not end within {seconds} s of SIGTERM:\n{self.tail()}")
        return self.process.returncode if self.process else None

    def tail(self, lines=40):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


class Fleet:
    """One hub and its nodes in a temporary folder. Use as a context manager."""

    def __init__(self, hub_config="", lease="3s", environment=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flotte-e2e-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.nodes = {}
        config = self.folder / "hub.toml"
        config.write_text(f'[hub]\nname = "hub"\nlisten = "127.0.0.1:{self.port}"\nnode_lease = "{lease}"\n' + hub_config)
        self.hub = Process("hub", ["hub", "--config", config, "--data", self.folder / "hub"], self.folder, environment)

    def __enter__(self):
        try:
            self.start_hub()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind, value, trace):
        failed = kind is not None
        self.close(quiet=failed)
        if failed:
            for process in [self.hub, *self.nodes.values()]:
                print(f"---- {process.name} ----\n{process.tail()}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start_hub(self):
        self.hub.start()
        wait_until("hub ready", self.ready)

    def ready(self):
        if self.hub.process.poll() is not None:
            raise AssertionError("the hub ended:\n" + self.hub.tail())
        with urllib.request.urlopen(self.url + "/readyz", timeout=2) as answer:
            return answer.status == 200

    @property
    def key(self):
        return (self.folder / "hub" / "admin.key").read_text().strip()

    def node(self, name, config="", engine=None, slots=4, context=4096, model=MODEL):
        """Makes (and on first use enrols) a node; `engine` is the name of a demonstration engine on it."""
        data = self.folder / name
        file = self.folder / f"{name}.toml"
        text = f'[node]\nname = "{name}"\n'
        if engine:
            text += (f'[[engine]]\nname = "{engine}"\nkind = "llama-server"\nmodel = "{model}"\n'
                     f'args = ["-c", "{slots * context}", "-np", "{slots}", "-t", "1", "-tb", "1"]\n')
        file.write_text(text + config)
        arguments = ["node", "run", "--config", file, "--data", data]
        if not (data / "node" / "node.json").exists():
            arguments += ["--join", self.cli_json("node", "invite")["join"]]
        process = Process(name, arguments, self.folder)
        self.nodes[name] = process.start()
        wait_until(f"node {name} linked", lambda: self.node_state(name) == "linked")
        # The code is used up; a restart needs only what the node remembers.
        process.arguments = ["node", "run", "--config", file, "--data", data]
        return process

    def node_state(self, name):
        return next((n["state"] for n in self.get("/fleet/v1/nodes")["items"] if n["name"] == name), None)

    def wait_for_engine(self, node, seconds=60):
        def ready():
            for n in self.get("/fleet/v1/nodes")["items"]:
                if n["name"] == node:
                    return any(e["state"] == "ready" for e in n["engines"])
        wait_until(f"an engine of {node} ready", ready, seconds)

    def command(self, *arguments):
        return [str(BINARY), *map(str, arguments)]

    def environment(self, key=None):
        return dict(os.environ, FLOTTE_URL=self.url, FLOTTE_KEY=key or self.key, FLOTTE_CONFIG=str(self.folder / "none.toml"),
                    FLOTTE_DATA=str(self.folder / "hub"))

    def cli(self, *arguments, check=True, input=None, key=None, timeout=180, cwd=None):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, env=self.environment(key), input=input,
                              timeout=timeout, cwd=cwd, stdin=None if input is not None else subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"flotte {' '.join(map(str, arguments))} exited {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def cli_json(self, *arguments, **more):
        return json.loads(self.cli(*arguments, "--json", **more).stdout)

    def request(self, method, path, body=None, key=None, headers=None, timeout=60):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        call = urllib.request.Request(self.url + path, data=data, method=method,
                                      headers={"authorization": f"Bearer {key or self.key}", "content-type": "application/json",
                                               **(headers or {})})
        return urllib.request.urlopen(call, timeout=timeout)

    def get(self, path, **more):
        with self.request("GET", path, **more) as answer:
            return json.load(answer)

    def post(self, path, body=None, **more):
        with self.request("POST", path, body if body is not None else {}, **more) as answer:
            return json.load(answer)

    def close(self, quiet=False):
        problems = []
        for process in [*self.nodes.values(), self.hub]:
            try:
                process.stop(number=signal.SIGINT)
            except AssertionError as problem:
                problems.append(str(problem))
        left = processes_with(str(self.folder))
        for pid, _ in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if left and not quiet:
            problems.append(f"left running: {left}")
        if problems and not quiet:
            raise AssertionError("\n".join(problems))
