#!/usr/bin/env python3
"""Finds coroutines that g++ 12 compiled wrongly. usage: frames.py BINARY (unoptimised, x86-64, g++)

For some awaits inside conditions it lays a coroutine's frame out eight bytes off: the resume function is stored at 8(frame) instead of
(frame), and a callee then gets a wrong `this`. The frame's layout is decided before optimisation, so what is right here is right in the
release flavour too. The cure is an await in a statement of its own."""
import re
import subprocess
import sys

STORE_OFF_BY_EIGHT = re.compile(r"mov\s+%\w+,0x8\(%rax\)")


def main():
    listing = subprocess.Popen(["objdump", "-d", "-C", "--no-show-raw-insn", sys.argv[1]], stdout=subprocess.PIPE, text=True)
    frames, wrong, actor = 0, set(), None
    for line in listing.stdout:
        if "lea" in line and "clone .actor" in line:
            actor = line
            frames += 1
        elif actor and "mov " in line:
            if STORE_OFF_BY_EIGHT.search(line):
                wrong.add(re.search(r"<(.*)>", actor).group(1).split("(")[0])
            actor = None
    for name in sorted(wrong):
        print(f"{name}: its frame is laid out wrongly; take co_await out of the condition")
    print(f"{frames} coroutine frames, {len(wrong)} wrong")
    return 1 if wrong or frames == 0 or listing.wait() != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
