"""The experiments by number, and the page that says what they saw."""
import json
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build/faults/results.json"
PAGE = ROOT / "docs/faults.md"
EXPERIMENTS = {}
# Those that have a section of their own.
SECTIONS = {"limits": "Three and a half minutes at a provider's limit", "chaos": "Five minutes of chaos"}
# Seconds of each, to say beforehand how long it takes; what is not here takes some ten.
TAKES = {8: 6, 12: 36, 13: 32, 14: 24, 19: 90, 23: 110, 25: 45, 26: 45, 27: 70, 31: 20, 32: 25, "limits": 220, "chaos": 380}
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
of its own. Leases are {leases} instead of 30 s, and times that belong to leases are shorter in the same measure.

Checked in each but `limits`, every {every} while it runs and at the end ({looks} looks at the hub's rows in all): **I1** an acknowledged
task is in exactly one place · **I2** one live lease per task · **I3** one recorded outcome per task, of its newest fence · **I4** leases
within the slots of their worker and the limit of their key · **I6** an end never changes. At the end: **I5** where answers are sold, money
recorded is what the provider sold, but for what was in flight · **I7** with the fault gone, everything ends (not in 12: nobody takes its
tasks).

The promise is *at least once, fenced*: what was in flight when something died may be bought twice, and is counted.

"""


def names(numbers):
    return ", ".join(sorted(map(str, numbers), key=lambda n: (len(n), n)))


def spread(results, what):
    """"3 s (6 s in 5, 13)": of a number of seconds that most experiments share."""
    of = {}
    for n, result in results.items():
        for seconds in result.get(what, []):
            of.setdefault(seconds, set()).add(n)
    usual = max(of, key=lambda seconds: len(of[seconds]), default=3)
    rest = "; ".join(f"{seconds:g} s in {names(of[seconds])}" for seconds in sorted(of) if seconds != usual)
    return f"{usual:g} s" + (f" ({rest})" if rest else "")


def write_page(results):
    looks = sum(result.get("looks", 0) for result in results.values())
    lines = [HEAD.format(leases=spread(results, "leases"), every=spread(results, "every"), looks=f"{looks:,}"), "| # | fault | expected | seen | time to recover |", "| --- | --- | --- | --- | --- |"]
    lines += [row(n, results.get(str(n))) for n in sorted(n for n in EXPERIMENTS if isinstance(n, int))]
    for name, title in SECTIONS.items():
        if result := results.get(name):
            said = {"seen": "", "failed": "**FAILED**: ", "left": "Not made here: "}[result["state"]] + result["seen"]
            lines += ["", f"## {title}", "", f"{EXPERIMENTS[name][0]}. Expected: {EXPERIMENTS[name][1]}.", "", said]
    builds = {}
    for n, result in results.items():
        builds.setdefault(result.get("built", "unknown"), []).append(n)
    lines += ["", "Builds that were used: " + "; ".join(
        f"{built} UTC for {names(made)}" for built, made in sorted(builds.items())) + "."]
    lines += ["", "## Left out", "", "| # | fault | why |", "| --- | --- | --- |"]
    lines += [f"| {n} | {fault} | {why} |" for n, (fault, why) in sorted(LEFT_OUT.items())]
    assert all(n in EXPERIMENTS or n in LEFT_OUT for n in range(1, 34))
    lines += ["", "## Failpoints", "", "`FLOTTE_FAIL=claim.after_commit:kill9@3,store.commit:delay:200` makes a hub or a node of the `dev` flavour die, stop, wait or",
              "fail at a named place; an unknown name is answered with the list. The `release` flavour has none of them.", ""]
    PAGE.write_text("\n".join(lines))


def takes(number):
    return TAKES.get(number, 10)


def run(number):
    """One experiment; its result."""
    function = EXPERIMENTS[number][2]
    from ledger import Ledger
    from setting import BINARY, Ground, Left
    Ledger.opened.clear()
    Ground.leases.clear()
    seen, began = Seen(), time.monotonic()
    built = time.strftime("%Y-%m-%d %H:%M", time.gmtime(BINARY.stat().st_mtime))
    try:
        function(seen)
        result = {"state": "seen", "seen": "; ".join(seen.words), "recovered": seen.seconds}
    except Left as left:
        result = {"state": "left", "seen": str(left)}
    except Exception as error:  # whatever it is, the other experiments go on
        result = {"state": "failed", "seen": f"{'; '.join(seen.words)} {type(error).__name__}: {str(error)[:600]}".strip()}
    result["took"] = round(time.monotonic() - began, 1)
    result["built"] = built
    result["leases"] = sorted(Ground.leases)
    result["every"] = sorted({ledger.every for ledger in Ledger.opened})
    result["looks"] = sum(ledger.looks for ledger in Ledger.opened)
    recovered = "" if result.get("recovered") is None else f", recovered in {result['recovered']:.1f} s"
    print(f"       {result['state']}: {result['seen']}{recovered} ({result['took']} s)", flush=True)
    return result
