#!/usr/bin/env python3
"""The lints can fail: each is shown a small tree that breaks its rule, and one that does not."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
HEAD = "/*\n * {0} - a noun.\n */\n#ifndef X\n#define X\n{1}\n#endif\n"
LONG = "int f(void)\n{\n" + "\tg();\n" * 60 + "}\n"


def run(lint, files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "tests/lint").mkdir(parents=True)
        shutil.copy(HERE / "layers.rules", root / "tests/lint")
        (root / "src/base").mkdir(parents=True)
        (root / "src/base/banned.h").write_text("/* banned.h - calls that have no place. */\n")
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, HERE / lint, root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


class Lints(unittest.TestCase):
    def refused(self, lint, name, text, says):
        code, out = run(lint, {name: text})
        self.assertEqual(code, 1, out)
        self.assertIn(says, out)
        self.assertIn("What to do:", out)

    def passed(self, lint, name, text):
        code, out = run(lint, {name: text})
        self.assertEqual((code, out), (0, ""))

    def test_layers(self):
        self.refused("layers", "src/zone/x.c", '#include "zone/y.h"\n', "not spelled from the floor")
        up = {"src/zone/x.c": '#include "store/db.h"\n', "src/store/db.h": HEAD.format("db.h", "")}
        self.assertIn("src/zone may not include src/store/db.h", run("layers", up)[1])
        core = {"migrate/imap/x.c": '#include "io/stream.h"\n', "src/io/stream.h": ""}
        self.assertEqual(run("layers", core)[0], 1)
        engine = {"migrate/x.c": '#include "io/stream.h"\n#include "migrate/imap/x.h"\n',
                  "src/io/stream.h": "", "migrate/imap/x.h": ""}
        self.assertEqual(run("layers", engine), (0, ""))
        self.refused("layers", "src/cellar/x.c", "", "without a rule")

    def test_homes(self):
        self.refused("homes", "src/flow/x.c", "#include <sqlite3.h>\n", "lives in src/store/db")
        self.refused("homes", "src/config/walk.c", "#include <yaml.h>\n", "yaml_tree.c")
        self.passed("homes", "src/store/db.c", "#include <sqlite3.h>\n")

    def test_banned(self):
        self.refused("banned", "src/zone/x.c", "void f(void)\n{\n\tprintf(\"x\");\n}\n", "x.c:3: printf()")
        self.refused("banned", "dns/x.c", "void f(void)\n{\n\texit(1);\n}\n", "never ends")
        self.refused("banned", "dns/x.c", "int f(void)\n{\n\tgoto fail;\n}\n", "goto fail")
        self.passed("banned", "dns/x.c", "/* exit(1) */\nint f(struct s *s)\n{\n\treturn s->send(\"exit(1)\");\n}\n")

    def test_functions(self):
        self.refused("functions", "dns/x.c", LONG, "f() has 63 lines")
        deep = "void f(void)\n{\n" + "if (a)\n" * 5 + "g();\n}\n"
        self.refused("functions", "dns/x.c", deep, "nested 5 deep")
        chain = "void f(void)\n{\n" + "if (a) b(); else " * 9 + "c();\n}\n"
        self.passed("functions", "dns/x.c", chain)
        self.passed("functions", "dns/x.c", LONG.replace("\tg();\n" * 3, "", 1))

    def test_globals(self):
        self.refused("globals", "dns/x.c", "static int count;\n", "static int count")
        self.refused("globals", "dns/x.c", "const char *name = \"a\";\n", "name")
        self.refused("globals", "dns/x.c", "void f(void)\n{\n\tstatic int n = 1;\n}\n", "static int n")
        self.passed("globals", "dns/x.c", "static const char *const names[] = { \"a\", NULL };\n"
                    "struct s {\n\tint x;\n};\nint f(int x);\nenum { A };\ntypedef int t;\n"
                    "static int (*const table[])(void) = { 0 };\n")

    def test_documented(self):
        self.refused("documented", "dns/x.h", HEAD.format("x.h", "int x_do(int a);"), "x_do() is not told")
        self.refused("documented", "dns/x.h", "int a;\n", "must begin")
        self.passed("documented", "dns/x.h", HEAD.format("x.h", "/* Told. */\nint x_do(int a);\nint x_undo(void);"
                                                         "\n\nvoid x_free(struct x *x);"))

    def test_headers(self):
        self.refused("headers", "dns/x.h", HEAD.format("x.h", "uint64_t f(void);"), "uint64_t")
        self.passed("headers", "dns/x.h", HEAD.format("x.h", "#include <stdint.h>\nuint64_t f(void);"))

    def test_pages(self):
        one = {"docs/decisions/0001-a.md": "# 1. A\n", "docs/decisions/README.md": "[1](0001-a.md)\n"}
        self.assertEqual(run("pages", one | {"CHANGELOG.md": "- one\n- two\n"}), (0, ""))
        self.assertIn("also that of 0001-a.md", run("pages", one | {"docs/decisions/0001-b.md": "# 1. B\n"})[1])
        self.assertIn("is not in docs/decisions", run("pages", one | {"docs/decisions/0002-b.md": "# 2. B\n"})[1])
        self.assertIn("does not begin with '# 1. '", run("pages", one | {"docs/decisions/0001-a.md": "# 2. A\n"})[1])
        self.refused("pages", "CHANGELOG.md", "- one\n- two\n- one\n", "CHANGELOG.md:3: stands in line 1")
        self.refused("pages", "docs/x.md", "see [y](y.md#part)\n", "docs/x.md:1: leads to y.md")
        self.passed("pages", "docs/x.md", "see [x](x.md), [web](https://treyresearch.com/x), `[y](y.md)`\n")


if __name__ == "__main__":
    unittest.main()
