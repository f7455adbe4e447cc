"""A whole answer passing through the real hub (authentication, routing, usage recorded) beside nginx `proxy_pass`, HAProxy and Portkey's
gateway: CPU per request with 32 connections, and added latency with one."""
import os
import pathlib
import statistics
import subprocess

from processes import Bench, children, free_port, wait_for_port
from setting import cpu_per_request, start_hub, start_upstream, wrk

ROUNDS = 3
PORTKEY = "1.15.2"


def start_haproxy(bench, upstream):
    port = free_port()
    (bench.folder / "haproxy.cfg").write_text(f"""global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  http-reuse always
frontend f
  bind 127.0.0.1:{port}
  default_backend b
backend b
  server s 127.0.0.1:{upstream}
""")
    process = bench.start("haproxy", "haproxy", "-db", "-f", bench.folder / "haproxy.cfg")
    wait_for_port(port)
    return process, port


def start_portkey(bench):
    """From npm, into a cache outside the tree. None where it cannot be had."""
    cache = pathlib.Path(os.environ.get("FLOTTE_BENCH_CACHE", bench.folder)) / f"portkey-{PORTKEY}"
    program = cache / "node_modules/@portkey-ai/gateway/build/start-server.js"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", cache, f"@portkey-ai/gateway@{PORTKEY}"],
                              capture_output=True, text=True)
        if done.returncode != 0 or not program.exists():
            print("Portkey's gateway cannot be installed: " + done.stderr[-300:])
            return None, 0
    port = free_port()
    process = bench.start("portkey", "node", program, f"--port={port}", "--headless", environment={"NODE_ENV": "production"})
    wait_for_port(port, 60)
    return process, port


def measure(build):
    with Bench() as bench:
        up, front = start_upstream(bench), free_port()
        nginx = bench.nginx("proxy", f"""  upstream up {{ server 127.0.0.1:{up}; keepalive 64; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{front} backlog=4096;
    location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}""")
        wait_for_port(front)
        haproxy, behind_haproxy = start_haproxy(bench, up)
        portkey, behind_portkey = start_portkey(bench)
        hub, port, key = start_hub(bench, build, up)
        doors = {"nginx": ([nginx.pid], front, None), "haproxy": ([haproxy.pid], behind_haproxy, None), "flotte": ([hub.pid], port, None)}
        if portkey:
            doors["portkey"] = ([portkey.pid, *children(portkey.pid)], behind_portkey,
                                {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{up}/v1"})
        for _, door, headers in doors.values():
            wrk(bench, door, key, 32, headers=headers)
        cpu = {name: [] for name in doors}
        added = {name: ([], []) for name in ("nginx", "flotte")}
        for _ in range(ROUNDS):
            for name, (pids, door, headers) in doors.items():
                cpu[name].append(cpu_per_request(bench, pids, door, key, 32, headers=headers))
            direct = wrk(bench, up, key, 1)
            for name in added:
                latency = wrk(bench, doors[name][1], key, 1)
                for place in (1, 2):
                    added[name][place - 1].append(latency[place] - direct[place])
    cpu = {name: statistics.median(values) for name, values in cpu.items()}
    median, p99 = ({name: max(statistics.median(values[i]), 1) for name, values in added.items()} for i in (0, 1))
    ours = f"{cpu['flotte']:.1f} µs"
    rows = [
        {"name": "CPU per pass-through request, against nginx proxy_pass", "ours": ours, "peer": f"nginx {cpu['nginx']:.1f} µs",
         "value": cpu["flotte"] / cpu["nginx"], "unit": " times", "aim": 1.0, "accept": 1.2},
        {"name": "the same against HAProxy", "ours": ours, "peer": f"HAProxy {cpu['haproxy']:.1f} µs", "value": cpu["flotte"] / cpu["haproxy"],
         "unit": " times", "aim": 1.0, "accept": 1.1},
        {"name": "added latency at one connection, median, against nginx", "ours": f"{median['flotte']:.0f} µs",
         "peer": f"nginx {median['nginx']:.0f} µs", "value": median["flotte"] / median["nginx"], "unit": " times", "aim": 1.5, "accept": 2.5},
        {"name": "the same, 99th percentile", "ours": f"{p99['flotte']:.0f} µs", "peer": f"nginx {p99['nginx']:.0f} µs",
         "value": p99["flotte"] / p99["nginx"], "unit": " times", "aim": 2.0, "accept": 4.0},
    ]
    if "portkey" in cpu:
        rows.insert(2, {"name": "the same against Portkey's gateway, which is one of ours to so many of its", "ours": ours,
                        "peer": f"Portkey {cpu['portkey']:.0f} µs", "value": cpu["portkey"] / cpu["flotte"], "unit": " of ours", "aim": 50,
                        "accept": 30, "more_is_better": True})
    return rows
