#!/usr/bin/env python3
"""faults.py [--check] [NUMBER|chaos...]: makes the experiments and writes docs/faults.md; with --check without a page. Status 1 where one failed."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import setting  # noqa: E402,F401  the path of the end-to-end tests
import table  # noqa: E402
import chaos, clocks, crashes, disks, load, network, power, providers, sizes, versions, zombies  # noqa: E401,E402,F401  each registers its experiments


def main():
    words = sys.argv[1:]
    check = "--check" in words
    wanted = [int(w) if w.isdigit() else w for w in words if w != "--check"] or sorted(table.EXPERIMENTS, key=str)
    for number in wanted:
        if number in table.LEFT_OUT:
            print(f"{number:>5}  {table.LEFT_OUT[number][0]}: left out, {table.LEFT_OUT[number][1]}")
        elif number not in table.EXPERIMENTS:
            sys.exit(f"there is no experiment {number}; there are {', '.join(map(str, sorted(table.EXPERIMENTS, key=str)))}")
    failed = []
    for number in wanted:
        if number in table.EXPERIMENTS:
            result = table.run(number)
            if result["state"] == "failed":
                failed.append(number)
            if not check:
                results = table.load() | {str(number): result}  # another run may have written meanwhile
                table.save(results)
                table.write_page(results)
    print(f"{len(wanted) - len(failed)} as expected, {len(failed)} failed{': ' if failed else ''}{', '.join(map(str, failed))}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
