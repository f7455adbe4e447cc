"""Processes of a measurement: started in a folder of their own, their CPU time read from the kernel, ended whatever happens."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


def cpu_seconds(pids):
    """User and system time of all threads, in seconds, as the scheduler counts it (nanoseconds, not ticks)."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def status_mb(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no " + field)


def resident_mb(pid):
    return status_mb(pid, "VmRSS")


def peak_mb(pid):
    return status_mb(pid, "VmHWM")


def children(pid):
    """Its living descendants."""
    found = [int(word) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for word in (task / "children").read_text().split()]
    return [*found, *(grandchild for child in found for grandchild in children(child))]


class Bench:
    """Owns a temporary folder and every process started through it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flotte-bench-"))
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name, *command, environment=None):
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                       start_new_session=True, env=dict(os.environ, **(environment or {})), cwd=self.folder)
        self.processes.append(process)
        return process

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def nginx(self, name, body):
        """One worker, access log off; the worker's pid is what is measured."""
        prefix = self.folder / name
        prefix.mkdir()
        (prefix / "nginx.conf").write_text(f"""
daemon off; master_process off; worker_processes 1; pid {prefix}/pid; error_log {prefix}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; tcp_nodelay on; client_body_buffer_size 256k;
  client_body_temp_path {prefix}/b; proxy_temp_path {prefix}/p; fastcgi_temp_path {prefix}/f; uwsgi_temp_path {prefix}/u;
  scgi_temp_path {prefix}/s;
{body}
}}
""")
        return self.start(name, "/usr/sbin/nginx", "-p", prefix, "-c", prefix / "nginx.conf", "-e", prefix / "error.log")


def fetch(url, method="GET", body=None, key=None):
    import json
    call = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode(), method=method)
    call.add_header("content-type", "application/json")
    if key:
        call.add_header("authorization", f"Bearer {key}")
    with urllib.request.urlopen(call, timeout=30) as answer:
        return answer.read()
