"""The experiments by number, and the page that says what they saw."""
import json
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build/faults/results.json"
PAGE = ROOT / "docs/faults.md"
EXPERIMENTS = {}
LEFT_OUT = {
    15: ("The network between one of two hubs and the database is cut", "needs PostgreSQL and several hubs, which a later version brings"),
    16: ("PostgreSQL restarts, all its backends are killed", "needs PostgreSQL"),
    17: ("Failover to an asynchronous standby that missed two seconds", "needs PostgreSQL"),
    29: ("The leading hub dies while it promotes deferred work; two leaders", "needs several hubs: one hub with its database is the only leader there is"),
    30: ("A snapshot is held open for an hour under load (xmin)", "needs PostgreSQL"),
}


class Seen:
    """What an experiment saw: said in pieces while it runs."""

    def __init__(self):
        self.words, self.seconds = [], None

    def __call__(self, text):
        self.words.append(text)

    def recovered(self, seconds):
        self.seconds = max(seconds, self.seconds or 0)


def experiment(number, fault, expected):
    def keep(function):
        EXPERIMENTS[number] = (fault, expected, function)
        return function
    return keep


def load():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def save(results):
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    partial = RESULTS.with_suffix(".partial")
    partial.write_text(json.dumps(results, indent=1, sort_keys=True))
    partial.rename(RESULTS)


def row(number, result):
    fault, expected, _ = EXPERIMENTS[number]
    result = result or {"state": "left", "seen": f"`script/faults {number}` makes it"}
    took = "" if result.get("recovered") is None else f"{result['recovered']:.1f} s"
    mark = {"seen": "", "failed": "**FAILED**: ", "left": "not made here: "}[result["state"]]
    cells = [str(number), fault, expected, mark + result["seen"], took]
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


HEAD = """# What fails, and what happens then

This page is what `script/faults` wrote; `script/faults 4 7` makes single experiments again. Each one starts a real hub and real nodes, breaks
something, and compares what is then there with a ledger of everything that was submitted, acknowledged, run, bought and completed.
Purchases are counted in the log of the scripted provider, not in our own journal. Where a cable is pulled, each node is a network namespace
of its own. Leases are {lease} s here instead of 30 s, and times that belong to leases are shorter in the same measure.

Checked in each, five times a second and at the end: **I1** an acknowledged task is in exactly one place · **I2** one live lease per task ·
**I3** one recorded outcome per task, of its newest fence · **I4** leases within limits · **I5** money recorded is what the provider sold,
but for what was in flight · **I6** an end never changes · **I7** with the fault gone, everything ends.

The promise is *at least once, fenced*: what was in flight when something died may be bought twice, and is counted.

"""


def write_page(results, lease=3):
    lines = [HEAD.format(lease=lease), "| # | fault | expected | seen | time to recover |", "| --- | --- | --- | --- | --- |"]
    lines += [row(n, results.get(str(n))) for n in sorted(n for n in EXPERIMENTS if isinstance(n, int))]
    chaos = results.get("chaos")
    if chaos:
        lines += ["", "## Five minutes of chaos", "", ("**FAILED**: " if chaos["state"] == "failed" else "") + chaos["seen"]]
    builds = {}
    for n, result in results.items():
        builds.setdefault(result.get("built", "unknown"), []).append(n)
    lines += ["", "Builds that were used: " + "; ".join(
        f"{built} UTC for {', '.join(sorted(made, key=lambda n: (len(n), n)))}" for built, made in sorted(builds.items())) + "."]
    lines += ["", "## Left out", "", "| # | fault | why |", "| --- | --- | --- |"]
    lines += [f"| {n} | {fault} | {why} |" for n, (fault, why) in sorted(LEFT_OUT.items())]
    assert all(n in EXPERIMENTS or n in LEFT_OUT for n in range(1, 34))
    lines += ["", "## Failpoints", "", "`FLOTTE_FAIL=claim.after_commit:kill9@3,store.commit:delay:200` makes a hub or a node of the `dev` flavour die, stop, wait or",
              "fail at a named place; an unknown name is answered with the list. The `release` flavour has none of them.", ""]
    PAGE.write_text("\n".join(lines))


def run(number, quiet=False):
    """One experiment; its result."""
    fault, _, function = EXPERIMENTS[number]
    from setting import BINARY, Left
    seen, began = Seen(), time.monotonic()
    print(f"{number:>5}  {fault}", flush=True)
    try:
        function(seen)
        result = {"state": "seen", "seen": "; ".join(seen.words), "recovered": seen.seconds}
    except Left as left:
        result = {"state": "left", "seen": str(left)}
    except Exception as error:  # whatever it is, the other experiments go on
        result = {"state": "failed", "seen": f"{'; '.join(seen.words)} {type(error).__name__}: {str(error)[:600]}".strip()}
    result["took"] = round(time.monotonic() - began, 1)
    result["built"] = time.strftime("%Y-%m-%d %H:%M", time.gmtime(BINARY.stat().st_mtime))
    recovered = "" if result.get("recovered") is None else f", recovered in {result['recovered']:.1f} s"
    print(f"       {result['state']}: {result['seen']}{recovered} ({result['took']} s)", flush=True)
    return result
