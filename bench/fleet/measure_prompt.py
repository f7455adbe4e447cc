"""What a prompt costs more as a task (stored, handed out, journalled, recorded) than as a bare call through the same gateway to the same
provider, which answers at once. Both by turns, each over a kept connection, from the first byte sent to the last one heard."""
import http.client
import json
import time

from fleet_setting import percentiles, start_hub, sync_us, wait_for
from processes import Bench, fetch, free_port, wait_for_port

CALLS = 300
PROMPT = "text " * 190


def start_provider(bench):
    """A provider that answers every call at once with the same stream of ten events."""
    def event(choices, **more):
        return "data: " + json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m",
                                      "choices": choices, **more}) + "\\n\\n"

    events = "".join(event([{"index": 0, "delta": {"role": "assistant", "content": "word " * 16}, "finish_reason": None}]) for _ in range(10))
    events += event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    events += event([], usage={"prompt_tokens": 200, "completion_tokens": 160, "total_tokens": 360}) + "data: [DONE]\\n\\n"
    port = free_port()
    bench.nginx("provider", f"""  server {{ listen 127.0.0.1:{port} backlog=4096;
    location / {{ default_type text/event-stream; return 200 '{events}'; }} }}""")
    wait_for_port(port)
    return port


def call(connection, head, body):
    begun = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", body, head)
    answer = connection.getresponse()
    text = answer.read()
    took = time.perf_counter() - begun
    if answer.status != 200 or b"[DONE]" not in text:
        raise RuntimeError(f"the gateway answered {answer.status}: {text[:300]}")
    return took * 1000


def task(connection, head, body):
    begun = time.perf_counter()
    connection.request("POST", "/fleet/v1/tasks", body, head)
    made = json.loads(connection.getresponse().read())
    connection.request("GET", f"/fleet/v1/tasks/{made['id']}/events", headers=head)
    text = connection.getresponse().read()
    took = time.perf_counter() - begun
    if b'"state":"succeeded"' not in text.replace(b" ", b""):
        raise RuntimeError("the task failed: " + text.decode(errors="replace")[-600:])
    return took * 1000


def measure(build):
    with Bench() as bench:
        provider = start_provider(bench)
        hub, port, key = start_hub(bench, build, f'[[provider]]\nname = "up"\ndialect = "openai"\nbase_url = "http://127.0.0.1:{provider}/v1"\n'
                                   'api_key = "env:BENCH_KEY"\n[[model]]\nname = "m"\ntargets = [{ provider = "up", model = "m" }]\n')
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: any(w["node"] == "home" for w in json.loads(fetch(url + "/fleet/v1/workers", key=key))["items"]), what="home's worker")
        head = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        bare = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": PROMPT}]})
        as_task = json.dumps({"kind": "prompt", "model": "m", "input": {"prompt": PROMPT}})
        connection = http.client.HTTPConnection("127.0.0.1", port)
        calls, tasks = [], []
        for i in range(CALLS + 20):
            pair = call(connection, head, bare), task(connection, head, as_task)
            if i >= 20:
                calls.append(pair[0])
                tasks.append(pair[1])
            time.sleep(0.005)
        sync = sync_us(bench.folder)
        bare_median, bare_p99 = percentiles(calls)
        median, p99 = percentiles(tasks)
    return [{"name": "overhead of one prompt task over the bare gateway call, median", "ours": f"task {median:.2f} ms (p99 {p99:.2f})",
             "peer": f"call {bare_median:.2f} ms (p99 {bare_p99:.2f}); a data sync {sync:.0f} µs", "value": median - bare_median, "unit": " ms",
             "aim": 2, "accept": 5}]
