#!/usr/bin/env python3
"""Shows that the floors test fails when a forbidden include is added, and passes on the tree as it is."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SRC = HERE.parent.parent / "src"


def run(root):
    done = subprocess.run([sys.executable, str(HERE / "floors.py"), str(root)], capture_output=True, text=True)
    return done.returncode, done.stdout


class Floors(unittest.TestCase):
    def judge(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, line in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(line + "\n", encoding="utf-8")
            return run(folder)

    def test_the_tree_keeps_its_floors(self):
        code, out = run(SRC)
        self.assertEqual(code, 0, out)

    def test_a_lower_floor_is_allowed(self):
        self.assertEqual(self.judge({"http/a.hpp": '#include "base/error.hpp"'})[0], 0)

    def test_forbidden_includes_fail(self):
        for name, line in {
            "http/up.hpp": '#include "fleet/scheduler.hpp"',
            "route/side.cpp": '#include "fleet/scheduler.hpp"',
            "hub/other.cpp": '#include "node/node.hpp"',
            "node/other.cpp": '#include "hub/hub.hpp"',
            "work/inner.cpp": '#include "http/detail/parser.hpp"',
            "fleet/sql.cpp": "#include <sqlite3.h>",
            "route/beast.cpp": "#include <boost/beast/http.hpp>",
            "fleet/asio.cpp": "#include <boost/asio/post.hpp>",
            "dialect/impure.cpp": "#include <thread>",
            "cli/short_cut.cpp": '#include "store/store.hpp"',
        }.items():
            with self.subTest(line=line):
                code, out = self.judge({name: line})
                self.assertEqual(code, 1, out)
                self.assertIn(name, out)

    def test_what_the_compiler_gets_wrong_fails(self):
        for line in ("if (a && !co_await b()) co_return;", "x = a || co_await b();", "} while (co_await more());"):
            with self.subTest(line=line):
                code, out = self.judge({"http/wait.cpp": line})
                self.assertEqual(code, 1, out)
        for line in ("co_await (a() && b());", "// not `a && co_await b`", "while (co_await more()) {"):
            with self.subTest(line=line):
                code, out = self.judge({"http/wait.cpp": line})
                self.assertEqual(code, 0, out)


if __name__ == "__main__":
    unittest.main()
