"""Streamed events through the real hub and a real node with TLS between them, beside HAProxy in TCP mode with TLS in the node's place:
CPU per event of the process that stands before the engine."""
import json
import statistics
import subprocess
import time

from processes import Bench, cpu_seconds, free_port, wait_for_port

ROUNDS, SECONDS, STREAMS, RATE = 3, 4, 64, 100


def events(bench, name):
    lines = [line for line in bench.log(name).splitlines() if " events " in line]
    return int(lines[-1].split()[0]) if lines else 0


def per_event(bench, pid, client):
    before, begun = cpu_seconds([pid]), events(bench, client)
    time.sleep(SECONDS)
    seen = events(bench, client) - begun
    if seen < STREAMS * RATE * SECONDS / 3:
        raise RuntimeError(f"only {seen} events in {SECONDS} s:\n{bench.log(client)}")
    return (cpu_seconds([pid]) - before) / seen * 1e6


def wait_for_events(bench, name, seconds=20):
    end = time.monotonic() + seconds
    while events(bench, name) < STREAMS * RATE / 2:
        if time.monotonic() > end:
            raise RuntimeError("no events:\n" + bench.log(name))
        time.sleep(0.1)


def measure(build):
    relay = build / "bench" / "stream_relay"
    with Bench() as bench:
        certificate, key = bench.folder / "cert.pem", bench.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        (bench.folder / "both.pem").write_text(certificate.read_text() + key.read_text())
        source, front, port = free_port(), free_port(), free_port()
        bench.start("source", relay, "source", source, RATE)
        wait_for_port(source)
        (bench.folder / "haproxy.cfg").write_text(f"""global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend f
  bind 127.0.0.1:{front} ssl crt {bench.folder}/both.pem
  default_backend b
backend b
  server s 127.0.0.1:{source}
""")
        haproxy = bench.start("haproxy", "haproxy", "-db", "-f", bench.folder / "haproxy.cfg")
        (bench.folder / "hub.toml").write_text(f'[hub]\nlisten = "127.0.0.1:{port}"\ntls_cert = "{certificate}"\ntls_key = "{key}"\n')
        quiet = {"FLOTTE_LOG": "warning"}
        bench.start("hub", build / "flotte", "hub", "--config", bench.folder / "hub.toml", "--data", bench.folder / "data", environment=quiet)
        wait_for_port(port)
        wait_for_port(front)
        admin = (bench.folder / "data" / "admin.key").read_text().strip()
        # The command line talks plain HTTP to the same port from loopback; the invitation must carry the pin all the same.
        invite = json.loads(subprocess.run([build / "flotte", "node", "invite", "--json", "--url", f"http://127.0.0.1:{port}", "--key", admin],
                                           check=True, capture_output=True, text=True).stdout)
        (bench.folder / "node.toml").write_text('[node]\nname = "box"\n[[engine]]\nname = "source"\nkind = "openai"\n'
                                                f'base_url = "http://127.0.0.1:{source}/v1"\nslots = {STREAMS}\n')
        node = bench.start("node", build / "flotte", "node", "run", "--config", bench.folder / "node.toml", "--data", bench.folder / "box",
                           "--join", invite["join"], environment=quiet)
        time.sleep(2)
        ours, theirs = [], []
        for round_number in range(ROUNDS):
            for pid, target, more, into in ((haproxy.pid, front, [], theirs), (node.pid, port, [admin, "source@box/m"], ours)):
                name = f"client{round_number}-{target}"
                client = bench.start(name, relay, "client", target, invite["pin"], STREAMS, *more)
                wait_for_events(bench, name)
                into.append(per_event(bench, pid, name))
                client.terminate()
                client.wait()
        mine, other = statistics.median(ours), statistics.median(theirs)
    return [{"name": "CPU per streamed event through a node with TLS, against HAProxy TCP with TLS", "ours": f"{mine:.1f} µs",
             "peer": f"HAProxy {other:.1f} µs", "value": mine / other, "unit": " times", "aim": 1.2, "accept": 2.0}]
