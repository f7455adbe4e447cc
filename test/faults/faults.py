#!/usr/bin/env python3
"""faults.py [--check] [NUMBER|chaos...]: makes the experiments and writes docs/faults.md; with --check without a page. Status 1 where one failed."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import setting  # noqa: E402,F401  the path of the end-to-end tests
import table  # noqa: E402
import chaos, clocks, crashes, disks, limits, load, network, power, providers, sizes, versions, zombies  # noqa: E401,E402,F401  each registers its experiments


def main():
    words = sys.argv[1:]
    check = "--check" in words
    every = sorted(table.EXPERIMENTS, key=lambda n: (str(n).isalpha(), n if isinstance(n, int) else 0, str(n)))
    wanted = [int(w) if w.isdigit() else w for w in words if w != "--check"] or every
    for number in wanted:
        if number in table.LEFT_OUT:
            print(f"{number:>5}  {table.LEFT_OUT[number][0]}: left out, {table.LEFT_OUT[number][1]}")
        elif number not in table.EXPERIMENTS:
            sys.exit(f"there is no experiment {number}; there are {', '.join(map(str, every))}")
    to_do = [number for number in wanted if number in table.EXPERIMENTS]
    print(f"{len(to_do)} experiment{'s'[:len(to_do) != 1]}, {minutes(sum(map(table.takes, to_do)))}; what each saw comes below it", flush=True)
    states = {"seen": [], "failed": [], "left": []}
    for at, number in enumerate(to_do):
        rest = minutes(sum(map(table.takes, to_do[at:])))
        print(f"{number:>6}  {table.EXPERIMENTS[number][0]} ({at + 1} of {len(to_do)}, {rest} to go)", flush=True)
        result = table.run(number)
        states[result["state"]].append(number)
        if not check:
            results = table.load() | {str(number): result}  # another run may have written meanwhile
            table.save(results)
            table.write_page(results)
    print("; ".join(f"{len(states[state])} {words}" + (f": {table.names(states[state])}" if states[state] and state != "seen" else "")
                    for state, words in (("seen", "as expected"), ("failed", "failed"), ("left", "could not be made here"))))
    sys.exit(1 if states["failed"] else 0)


def minutes(seconds):
    return f"some {max(1, round(seconds / 60))} min" if seconds >= 90 else f"some {seconds} s"


if __name__ == "__main__":
    main()
