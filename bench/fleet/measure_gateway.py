"""Pass-through through the real hub (authentication, routing, usage recorded) beside nginx `proxy_pass`: CPU per request with 32
connections, and added latency with one."""
import re
import statistics
import subprocess

from processes import Bench, cpu_seconds, fetch, free_port, wait_for_port

ROUNDS = 3
SECONDS = 5

ANSWER = ('{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":'
          '"assistant","content":"' + "word " * 160 + '"},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":160,'
          '"total_tokens":360}}')
REQUEST = '{"model":"up/m","messages":[{"role":"user","content":"' + "text " * 190 + '"}],"temperature":0.2}'


def wrk(bench, port, key, connections):
    script = bench.folder / f"post-{port}.lua"
    script.write_text(f"""wrk.method = "POST"
wrk.body = [[{REQUEST}]]
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer {key}"
""")
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", str(script),
                           f"http://127.0.0.1:{port}/v1/chat/completions"], capture_output=True, text=True, check=True)
    requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError("wrk saw errors:\n" + done.stdout)
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", done.stdout).groups()
    return requests, float(value) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def start_hub(bench, build, upstream, extra=""):
    port = free_port()
    config = bench.folder / "hub.toml"
    config.write_text(f'[hub]\nlisten = "127.0.0.1:{port}"\n{extra}[[provider]]\nname = "up"\ndialect = "openai"\n'
                      f'base_url = "http://127.0.0.1:{upstream}/v1"\napi_key = "env:BENCH_KEY"\n')
    hub = bench.start("hub", build / "flotte", "hub", "--config", config, "--data", bench.folder / "data",
                      environment={"BENCH_KEY": "sk-bench", "FLOTTE_LOG": "warning"})
    wait_for_port(port)
    return hub, port, (bench.folder / "data" / "admin.key").read_text().strip()


def measure(build):
    with Bench() as bench:
        up, front = free_port(), free_port()
        bench.nginx("upstream", f"""  server {{ listen 127.0.0.1:{up} backlog=4096;
    location / {{ default_type application/json; return 200 '{ANSWER}'; }} }}""")
        proxy = bench.nginx("proxy", f"""  upstream up {{ server 127.0.0.1:{up}; keepalive 64; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{front} backlog=4096;
    location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}""")
        hub, port, key = start_hub(bench, build, up)
        wait_for_port(up)
        wait_for_port(front)
        fetch(f"http://127.0.0.1:{port}/v1/models", key=key)
        for p in (front, port):  # warm
            wrk(bench, p, key, 32)

        ours, theirs, added, nginx_added = [], [], [], []
        for _ in range(ROUNDS):
            for process, p, into in ((proxy, front, theirs), (hub, port, ours)):
                before = cpu_seconds([process.pid])
                requests, _latency = wrk(bench, p, key, 32)
                into.append((cpu_seconds([process.pid]) - before) / requests * 1e6)
            direct = wrk(bench, up, key, 1)[1]
            nginx_added.append(wrk(bench, front, key, 1)[1] - direct)
            added.append(wrk(bench, port, key, 1)[1] - direct)
        mine, nginx = statistics.median(ours), statistics.median(theirs)
        delay, nginx_delay = statistics.median(added), statistics.median(nginx_added)
    return [
        {"name": "CPU per pass-through request, against nginx proxy_pass", "ours": f"{mine:.1f} µs", "peer": f"nginx {nginx:.1f} µs",
         "value": mine / nginx, "unit": " times", "aim": 1.0, "accept": 1.5},
        {"name": "added latency at one connection, median, against nginx", "ours": f"{delay:.0f} µs", "peer": f"nginx {nginx_delay:.0f} µs",
         "value": delay / max(nginx_delay, 1), "unit": " times", "aim": 1.5, "accept": 3.0},
    ]
