"""An idle hub: time from exec to ready, and resident memory after ten seconds."""
import statistics
import time
import urllib.request

from processes import Bench, free_port, resident_mb


def measure(build):
    ready, memory = [], []
    for round_number in range(4):
        with Bench() as bench:
            port = free_port()
            config = bench.folder / "hub.toml"
            config.write_text(f'[hub]\nlisten = "127.0.0.1:{port}"\n')
            # The first start makes keys and tables; the later ones are what a restart costs. The first is not counted.
            for start in range(2):
                begun = time.monotonic()
                hub = bench.start(f"hub{start}", build / "flotte", "hub", "--config", config, "--data", bench.folder / "data",
                                  environment={"FLOTTE_LOG": "warning"})
                while True:
                    try:
                        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                            break
                    except OSError:
                        if time.monotonic() - begun > 10:
                            raise RuntimeError("not ready: " + bench.log(f"hub{start}")) from None
                        time.sleep(0.001)
                took = (time.monotonic() - begun) * 1000
                if start == 0:
                    hub.terminate()
                    hub.wait()
            ready.append(took)
            if round_number == 0:
                time.sleep(10)
                memory.append(resident_mb(hub.pid))
    return [
        {"name": "idle hub: resident memory", "ours": f"{memory[0]:.1f} MB", "value": memory[0], "unit": " MB", "aim": 20, "accept": 30},
        {"name": "idle hub: time to ready", "ours": f"{statistics.median(ready):.0f} ms", "value": statistics.median(ready), "unit": " ms",
         "aim": 50, "accept": 100},
    ]
