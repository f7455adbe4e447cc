"""What the gateway's measurements have in common: a provider by nginx, a hub before it, wrk before both."""
import re
import subprocess

from processes import cpu_seconds, free_port, wait_for_port

ANSWER = ('{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":'
          '"assistant","content":"' + "word " * 160 + '"},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":160,'
          '"total_tokens":360}}')
REQUEST = '{"model":"up/m","messages":[{"role":"user","content":"' + "text " * 190 + '"}],"temperature":0.2}'
MESSAGE = '{"model":"up/m","max_tokens":400,"messages":[{"role":"user","content":"' + "text " * 190 + '"}],"temperature":0.2}'
UNITS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}


def microseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * UNITS[unit]


def wrk(bench, port, key, connections, seconds=5, path="/v1/chat/completions", body=REQUEST, headers=None):
    """Requests done, and the median and 99th percentile of their latency in microseconds."""
    script = bench.folder / f"post-{port}.lua"
    lines = "".join(f'wrk.headers["{k}"] = "{v}"\n' for k, v in {"content-type": "application/json", "authorization": f"Bearer {key}",
                                                                   **(headers or {})}.items())
    script.write_text(f'wrk.method = "POST"\nwrk.body = [[{body}]]\n{lines}')
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", str(script),
                           f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError("wrk saw errors:\n" + done.stdout)
    requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
    median, p99 = (microseconds(re.search(rf"^\s+{part}%\s+(\S+)", done.stdout, re.MULTILINE).group(1)) for part in (50, 99))
    return requests, median, p99


def cpu_per_request(bench, pids, *arguments, **more):
    before = cpu_seconds(pids)
    requests = wrk(bench, *arguments, **more)[0]
    return (cpu_seconds(pids) - before) / requests * 1e6


def start_upstream(bench):
    """A provider that answers at once, always the same; the port."""
    port = free_port()
    bench.nginx("upstream", f"""  server {{ listen 127.0.0.1:{port} backlog=4096;
    location / {{ default_type application/json; return 200 '{ANSWER}'; }} }}""")
    wait_for_port(port)
    return port


def start_hub(bench, build, upstream, name="hub", more=""):
    """Process, port and key of a hub whose provider `up` is at that port. `more`: further lines of its [hub]."""
    port, folder = free_port(), bench.folder / name
    folder.mkdir()
    (folder / "hub.toml").write_text(f'[hub]\nlisten = "127.0.0.1:{port}"\n{more}[[provider]]\nname = "up"\ndialect = "openai"\n'
                                     f'base_url = "http://127.0.0.1:{upstream}/v1"\napi_key = "env:BENCH_KEY"\n')
    hub = bench.start(name, build / "flotte", "hub", "--config", folder / "hub.toml", "--data", folder / "data",
                      environment={"BENCH_KEY": "sk-bench", "FLOTTE_LOG": "warning"})
    wait_for_port(port)
    return hub, port, (folder / "data" / "admin.key").read_text().strip()


def start_source(bench, build, rate, first_ms=0, name="source"):
    port = free_port()
    bench.start(name, build / "bench" / "gateway_load", "source", port, rate, first_ms)
    wait_for_port(port)
    return port
