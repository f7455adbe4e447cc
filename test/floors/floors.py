#!/usr/bin/env python3
"""The floors test: reads the #include lines under a source folder and fails on one that reaches up or sideways.

usage: floors.py SRC [--links src/CMakeLists.txt]
The table below is ARCHITECTURE.md's. A file includes lower floors or its own module; `detail/` belongs to its module alone;
some libraries belong to few rooms.
"""
import pathlib
import re
import sys

FLOORS = {
    "base": 0,
    "http": 1, "store": 1, "llm": 1, "wire": 1,
    "dialect": 2,
    "route": 3, "fleet": 3, "memory": 3, "engine": 3, "sandbox": 3, "machine": 3, "repo": 3, "access": 3, "client": 3,
    "work": 4, "channel": 4, "chat": 4,
    "hub": 5, "node": 5,
    "cli": 6, "tui": 6,
    "main": 7,
}
# (pattern of an include, rooms that may have it, why)
ROOMS = [
    (re.compile(r"boost/beast"), ("http", "base/precompiled.hpp"), "Beast lives in http only"),
    (re.compile(r"sqlite3\.h|libpq-fe\.h"), ("store",), "databases live in store only"),
    (re.compile(r"boost/asio"), ("base/async", "base/process", "base/precompiled.hpp", "http", "store"),
     "Asio lives in base/async, base/process, http and store; use base/async"),
]
# Floors 6 reach a hub only through client/; these may include a lower module only from this list.
ONLY = {"cli": {"client", "http", "wire", "base"}, "tui": {"client", "http", "wire", "base"}}
PURE = {"dialect", "llm", "wire"}
IMPURE = re.compile(r"<(thread|mutex|sys/|unistd|netinet)|async/|base/process|http/(server|client|stream|websocket)\.hpp")
# Lines that g++ 12 miscompiles (CONTRIBUTING.md, Style). Joined awaitables, `co_await (a() && b())`, are not meant.
COROUTINES = [
    (re.compile(r"(&&|\|\|)\s*!*\s*co_await"), "co_await in an operand of && or ||: one await, one statement"),
    (re.compile(r"\}\s*while\s*\(!*\s*co_await"), "do ... while (co_await ...): await in the body"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+)[>"]')


def module_of(path):
    parts = path.parts
    return parts[0] if len(parts) > 1 else "main"


def check_file(root, path):
    relative = path.relative_to(root)
    module = module_of(relative)
    if module not in FLOORS:
        yield f"{relative}: '{module}' is no module of the house; add it to the floors in ARCHITECTURE.md and here"
        return
    is_test = relative.name.endswith("_test.cpp")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for pattern, why in COROUTINES:
            if pattern.search(line) and not line.lstrip().startswith("//"):
                yield f"{relative}:{number}: {why}"
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match.group(1)
        name = target[1:]
        where = f"{relative}:{number}"
        for pattern, rooms, why in ROOMS:
            if pattern.search(name) and not any(str(relative).startswith(room) for room in rooms):
                yield f"{where}: {name}: {why}"
        if module in PURE and not is_test and IMPURE.search(target):
            yield f"{where}: {name}: {module} is pure: no sockets, no clock, no threads"
        if target[0] == "<":
            continue
        other = name.split("/")[0]
        if other not in FLOORS:
            continue
        if other == module:
            continue
        if FLOORS[other] >= FLOORS[module]:
            yield f"{where}: {module} (floor {FLOORS[module]}) includes {other} (floor {FLOORS[other]}): only lower floors"
        if "/detail/" in name:
            yield f"{where}: {name}: detail/ belongs to {other} alone"
        if module in ONLY and other not in ONLY[module]:
            yield f"{where}: {module} reaches a hub only through client/, not {other}"


def check_links(root):
    """The links of each CMake library repeat the arrows: no library links a module of its own floor or above."""
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    for match in re.finditer(r"flotte_module\((\w+)([^)]*)\)", text):
        module = match.group(1)
        links = re.search(r"LINKS([^)]*?)(EXTERNAL|$)", match.group(2), re.S)
        for other in (links.group(1).split() if links else []):
            if FLOORS.get(other, 99) >= FLOORS[module]:
                yield f"CMakeLists.txt: {module} links {other}: only lower floors"


def main():
    root = pathlib.Path(sys.argv[1])
    files = sorted(p for p in root.rglob("*") if p.suffix in (".cpp", ".hpp"))
    problems = [p for f in files for p in check_file(root, f)]
    problems += list(check_links(root)) if (root / "CMakeLists.txt").exists() else []
    for problem in problems:
        print(problem)
    if not files:
        print(f"no sources under {root}")
        return 1
    print(f"floors: {len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
