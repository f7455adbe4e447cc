#!/usr/bin/env python3
"""Has a fleet answer many prompts: hands them in as one batch, shows how far it is, writes the answers. Python 3.9, nothing to install.

    export FLOTTE_URL=http://127.0.0.1:7700 FLOTTE_KEY=fk_...
    python3 prompts.py PROMPTS.txt RESULTS.jsonl [MODEL]

PROMPTS.txt has a prompt per line. RESULTS.jsonl gets a row per prompt, in their order: {"line", "prompt", "state", "text", "error"}.
Stop it at any time: the batch goes on without it. The same command again picks it up where it is (RESULTS.jsonl.batch remembers which one
it was; remove that file to ask everything anew). Exit status: 0 all succeeded, 1 some did not, 2 it could not be done.
"""
import hashlib
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ.get("FLOTTE_URL", "http://127.0.0.1:7700").rstrip("/") + "/fleet/v1"
KEY = os.environ.get("FLOTTE_KEY", "")
LATER = (408, 429, 502, 503, 504, 507)  # the hub is busy, restarts, or has no room at the moment
PATIENCE = 300  # seconds without an answer after which it gives up


def ask(method, path, body=None, headers=None):
    """The hub's answer. What may pass is tried again; every request of this program may be sent twice without harm."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json", **(headers or {})}
    give_up = time.monotonic() + PATIENCE
    wait, told = 0.2, False
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(URL + path, data, headers, method=method), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in LATER or time.monotonic() > give_up:
                raise SystemExit(tell(error)) from None
            pause = error.headers.get("retry-after", "")
            wait = float(pause) if pause.isdigit() else wait
            trouble = f"{URL} answers {error.code}"
        except ValueError as error:
            raise SystemExit(fail(f"FLOTTE_URL is not the address of a hub: {error}")) from None
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() > give_up:
                raise SystemExit(fail(f"{URL} does not answer: {getattr(error, 'reason', error)}")) from None
            trouble = f"{URL} does not answer: {getattr(error, 'reason', error)}"
        if not told:
            told = True
            fail(f"{trouble}; trying for {PATIENCE // 60} minutes (FLOTTE_URL says where the hub is)")
        time.sleep(wait)
        wait = min(2 * wait, 10)


def tell(error):
    """What the hub says went wrong, and what to do about it."""
    try:
        what = json.load(error)["error"]
        return fail(what["message"] + (f" ({what['hint']})" if what.get("hint") else ""))
    except (ValueError, KeyError, TypeError):
        return fail(f"the hub answered {error.code}")


def fail(message):
    print(f"prompts: {message}", file=sys.stderr)
    return 2


def check_model(model):
    """A mistyped name is no mistake to the hub: its model may come later, and the prompts wait for it."""
    if model and not any(known["id"] == model for known in ask("GET", "/models?" + urllib.parse.urlencode({"name": model}))["items"]):
        fail(f'no model "{model}" is known now; the prompts wait until there is one (`flotte model ls` lists them)')


def open_batch(prompts, model, note):
    """The batch that an earlier run began, or a new one."""
    if note.exists():
        return note.read_text().strip()
    # If this program dies before it has written the note, the same key gets the same batch.
    same = hashlib.sha256(json.dumps([prompts, model, str(note.absolute())]).encode()).hexdigest()
    batch = ask("POST", "/batches", {"title": f"{len(prompts)} prompts"}, {"idempotency-key": same})["id"]
    note.write_text(batch + "\n")
    return batch


def hand_in(batch, prompts, model):
    """All prompts, from the first that the hub does not have yet; then no more will come."""
    items = f"/batches/{batch}/items"
    lines = {"content-type": "application/x-ndjson"}
    state = ask("GET", f"/batches/{batch}")["state"]
    if state not in ("open", "paused"):
        return
    at = ask("POST", items, b"", lines)["next_index"]
    while at < len(prompts):
        group = range(at, min(at + 500, len(prompts)))
        tasks = [{"index": n, "name": f"line {n + 1}", "task": {"kind": "prompt", **({"model": model} if model else {}), "input": {"prompt": prompts[n]}}}
                 for n in group]
        at = ask("POST", items, "".join(json.dumps(task) + "\n" for task in tasks).encode(), lines)["next_index"]
    ask("POST", f"/batches/{batch}/seal", {})


def collect(batch, prompts, results):
    """Follows the batch to its end. Answers are written as they come."""
    rows, place = {}, "0"
    while True:
        page = ask("GET", f"/batches/{batch}/items?ended_after={place}&limit=500")
        for item in page["items"]:
            task = item["task"]
            rows[item["index"]] = {"line": item["index"] + 1, "prompt": prompts[item["index"]], "state": task["state"],
                                   "text": (task["result"] or {}).get("text"), "error": task["error"] and task["error"]["message"]}
        new, place = bool(page["items"]), page["next"]
        if new:
            write(rows, results)
            show(rows, len(prompts))
        elif len(rows) == len(prompts) or ask("GET", f"/batches/{batch}")["state"] in ("done", "cancelled"):
            return rows
        else:
            time.sleep(0.5)


def write(rows, results):
    """In the order of the prompts, and never half a file."""
    partial = results.with_name(results.name + ".partial")
    partial.write_text("".join(json.dumps(rows[n], ensure_ascii=False) + "\n" for n in sorted(rows)), encoding="utf-8")
    partial.replace(results)


def show(rows, total):
    """One line that changes; where standard error is no terminal, a line now and then, and the last one."""
    bad = sum(row["state"] != "succeeded" for row in rows.values())
    text = f"{len(rows)} of {total}" + (f", {bad} without an answer" if bad else "")
    if sys.stderr.isatty():
        print("\r" + text, end="" if len(rows) < total else "\n", file=sys.stderr, flush=True)
    elif len(rows) == total or time.monotonic() > show.next:
        show.next = time.monotonic() + 10
        print(text, file=sys.stderr, flush=True)


show.next = 0


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    source, results, model = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3] if len(sys.argv) == 4 else ""
    try:
        prompts = [line for line in source.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        return fail(f"{source} cannot be read: {error.strerror}")
    check_model(model)
    batch = open_batch(prompts, model, results.with_name(results.name + ".batch"))
    try:
        hand_in(batch, prompts, model)
        rows = collect(batch, prompts, results)
    except KeyboardInterrupt:
        print(f"\n{batch} goes on; the same command picks it up, `flotte batch cancel {batch}` ends it", file=sys.stderr)
        return 130
    wrong = [row for row in rows.values() if row["state"] != "succeeded"]
    for row in wrong[:20]:
        print(f"line {row['line']}: {row['state']}: {row['error'] or 'no answer'}", file=sys.stderr)
    missing = len(prompts) - len(rows)
    if missing:
        print(f"{missing} prompts have no row: {batch} was cancelled before they ended", file=sys.stderr)
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
