#!/usr/bin/env python3
"""Runs the measurements and prints one table. usage: bench.py BUILD_DIRECTORY [gateway|fleet|part...]
Only ratios within one run mean anything on a shared machine, so every figure stands beside its peer's of the same minute."""
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
GROUPS = {"gateway": ["request", "events", "translated", "loops", "memory", "million", "interactive"],
          "fleet": ["start", "prompt", "store", "claim", "nodes", "batch", "stream", "idle"]}
sys.path[:0] = [str(HERE), *(str(HERE / group) for group in GROUPS)]
PARTS = [part for parts in GROUPS.values() for part in parts]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = [part for word in sys.argv[2:] for part in GROUPS.get(word, [word])] or PARTS
    unknown = [p for p in wanted if p not in PARTS]
    if unknown:
        print(f"unknown part {', '.join(unknown)}; there are: {', '.join([*GROUPS, *PARTS])}", file=sys.stderr)
        return 2
    rows = []
    for part in wanted:
        print(f"measuring: {part}", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"measure_{part}").measure(build)
    print("| measure | flotte | peer | result | aim | accept | |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    bad = 0
    for row in rows:
        verdict = "aim" if row["value"] <= row["aim"] else "accept" if row["value"] <= row["accept"] else "MISSED"
        if row.get("more_is_better"):
            verdict = "aim" if row["value"] >= row["aim"] else "accept" if row["value"] >= row["accept"] else "MISSED"
        bad += verdict == "MISSED"
        unit = row.get("unit", "")
        print(f"| {row['name']} | {row['ours']} | {row.get('peer', '')} | {row['value']:,.2f}{unit} | {row['aim']:,}{unit} | "
              f"{row['accept']:,}{unit} | {verdict} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
