"""Network namespaces that stand for machines: each with its own address, host name, home directory and process tree, on one switch.
Needs root and iproute2. What is typed and what comes back is kept as a transcript."""
import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r(?!\n)")


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, capture_output=True, text=True)


class Street:
    """The switch between the machines, and the clock of the transcript."""

    def __init__(self, number):
        self.name = f"flst{os.getpid()}x{number}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flotte-situation-"))
        self.machines = []
        self.lines = []
        self.begun = None

    def __enter__(self):
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "add", "switch", "type", "bridge")
        ip("-n", self.name, "link", "set", "switch", "up")
        return self

    def __exit__(self, *_):
        for machine in reversed(self.machines):
            machine.stop()
        with contextlib.suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def machine(self, name, address, **settings):
        made = Machine(self, name, address, **settings)
        self.machines.append(made)
        return made

    def start_clock(self):
        self.begun = time.monotonic()

    def elapsed(self):
        return 0.0 if self.begun is None else time.monotonic() - self.begun

    def say(self, text):
        """A line of the transcript that nobody typed."""
        self.lines.append(("say", "", f"{self.elapsed():.1f}", text))

    def note(self, machine, typed, output):
        self.lines.append(("typed", machine, f"{self.elapsed():.1f}", typed))
        clean = ESCAPES.sub("", output).replace("\r\n", "\n").rstrip()
        if clean:
            self.lines.append(("output", machine, "", clean))

    def transcript(self):
        out = []
        for kind, machine, at, text in self.lines:
            if kind == "say":
                out.append(f"[{at} s] {text}")
            elif kind == "typed":
                out.append(f"[{at} s] {machine}$ {text}")
            else:
                out.append(text)
        return "\n".join(out)


class Machine:
    """Everything that runs on it is started through it and ends with it."""

    def __init__(self, street, name, address, environment=None, path="/usr/local/bin:/usr/bin:/bin"):
        self.street, self.name, self.address = street, name, address
        self.space = f"{street.name}{len(street.machines)}"
        self.home = street.folder / name
        self.home.mkdir()
        self.environment = {"HOME": "/root", "PATH": f"/root/.local/bin:{path}", "LANG": "C.UTF-8", "TERM": "xterm-256color", "COLUMNS": "120",
                            "SHELL": "/bin/sh", **(environment or {})}
        self.running = []
        ip("netns", "add", self.space)
        end = f"{self.space}e"[-15:]
        ip("link", "add", end, "netns", street.name, "type", "veth", "peer", "name", "eth0", "netns", self.space)
        ip("-n", street.name, "link", "set", end, "master", "switch", "up")
        ip("-n", self.space, "addr", "add", f"{address}/24", "dev", "eth0")
        ip("-n", self.space, "link", "set", "eth0", "up")
        ip("-n", self.space, "link", "set", "lo", "up")

    def command(self, typed, terminal=False):
        """A shell on that machine: own network, host name, home; the developer's caches are out of its sight."""
        inside = (f"mount --make-rprivate / && mount --bind {shlex.quote(str(self.home))} /root && hostname {self.name} && cd /root && "
                  f"exec {'script -qefc ' + shlex.quote(typed) + ' /dev/null' if terminal else 'sh -c ' + shlex.quote(typed)}")
        settings = [f"{k}={v}" for k, v in self.environment.items()]
        return ["ip", "netns", "exec", self.space, "unshare", "--mount", "--uts", "env", "-i", *settings, "sh", "-c", inside]

    def run(self, typed, show=True, check=True, seconds=120, shown_as=None):
        """Types a line and waits for its end. Returns the output."""
        # What a person sees is both together, in the order in which it came.
        done = subprocess.run(self.command(typed), stdout=subprocess.PIPE, stderr=subprocess.STDOUT if show else subprocess.PIPE, text=True,
                              timeout=seconds, stdin=subprocess.DEVNULL)
        output = done.stdout + (done.stderr or "")
        if show:
            self.street.note(self.name, shown_as or typed, output)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}$ {typed}\nended with {done.returncode}:\n{output}\n--- transcript\n{self.street.transcript()}")
        return done.stdout

    def leave_running(self, typed, until, seconds=60, show=True, terminal=True, shown_as=None):
        """Types a line that stays; waits until its output matches. Returns the output so far."""
        log = self.street.folder / f"{self.name}.{len(self.running)}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen(self.command(typed, terminal), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                       start_new_session=True)
        self.running.append(process)
        end = time.monotonic() + seconds
        while True:
            text = log.read_text(errors="replace")
            if re.search(until, text):
                break
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name}$ {typed}\nnever said {until!r}:\n{text}\n--- transcript\n{self.street.transcript()}")
            time.sleep(0.02)
        time.sleep(0.3)  # what belongs to the same breath
        text = log.read_text(errors="replace")
        if show:
            self.street.note(self.name, shown_as or typed, text)
        return text

    def stop(self):
        for process in reversed(self.running):
            for signal_number in (signal.SIGTERM, signal.SIGKILL):
                for pid in self._processes():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal_number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                    break
        with contextlib.suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.space)

    def _processes(self):
        listed = subprocess.run(["ip", "netns", "pids", self.space], capture_output=True, text=True)
        return [int(pid) for pid in listed.stdout.split()]
