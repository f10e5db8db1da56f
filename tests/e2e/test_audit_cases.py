#!/usr/bin/env python3
"""Every case of tests/lab/dns/cases: one world for all of them, each audited as its project file says.

A case is a test of its own here, so that a failure names it; they run side by side before the first of them is
judged. CUTOVER_CASES (words, parts of names) chooses some.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from support import AWAKE_TRIES, HERE, Stillness, binary, stop_labs  # noqa: F401 (its handlers stop what is left)

sys.path.insert(0, str(HERE.parent / "lab" / "dns"))

from dnslab import case as cases, project, verdict, world  # noqa: E402

CASES = HERE.parent / "lab" / "dns" / "cases"
SIDE_BY_SIDE = 8
SECONDS = 300
TELL_S = 5.6
TOLD = 40


class Cases(unittest.TestCase):
    maxDiff = None
    results = {}

    @classmethod
    def setUpClass(cls):
        chosen = os.environ.get("CUTOVER_CASES", "").split()
        directory = tempfile.mkdtemp(prefix="lab.", dir=os.environ.get("CUTOVER_LABS", "/tmp"))
        cls.world = world.create(directory, chosen)
        cls.addClassCleanup(world.remove, cls.world)
        world.bring_up(cls.world)
        project.write_all(cls.world)
        with concurrent.futures.ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
            for case, result in zip(cls.world.cases, pool.map(cls.audit, cls.world.cases)):
                cls.results[case.name] = result
        cls.look_again()

    @classmethod
    def look_again(cls):
        """On a busy machine servers are slow and datagrams get lost: what differs is audited once more, alone; and again as long
        as the machine stood still meanwhile."""
        for case in cls.world.cases:
            took, wrong = cls.results[case.name]
            for _ in range(AWAKE_TRIES):
                if not wrong:
                    break
                print(f"      again, alone: {case.name}: {'; '.join(wrong)}", flush=True)
                with Stillness() as machine:
                    wrong = cls.audit(case, first=False)[1]
                cls.results[case.name] = (took, wrong)
                if not machine.much():
                    break

    @classmethod
    def audit(cls, case, first=True):
        """(seconds, [differences])"""
        directory = cls.world.path("project", case.name)
        if "before" in case.head and first:
            cls.run_in(directory, *case.head["before"].split())
            cls.world.path("flags", case.name).touch()
        began = time.monotonic()
        try:
            done = cls.run_in(directory, "audit", "--json", "--phase", case.phase, *case.head.get("args", "").split())
        except subprocess.TimeoutExpired:
            return SECONDS, [f"no end after {SECONDS} s"]
        took = time.monotonic() - began
        try:
            document = json.loads(done.stdout)
        except ValueError:
            return took, [f"exit status {done.returncode}, no document: {(done.stderr or done.stdout).strip()[-400:]}"]
        return took, verdict.differences(case, done.returncode, document)

    @staticmethod
    def run_in(directory, *words):
        return subprocess.run([binary(), *words], cwd=directory, capture_output=True, text=True, errors="replace",
                              timeout=SECONDS, check=False)

    @classmethod
    def tearDownClass(cls):
        """How long the slowest took: a broken domain may take six seconds, of an optimised build on a machine at rest."""
        slow = sorted(((took, name) for name, (took, _) in cls.results.items() if took > TELL_S), reverse=True)
        for took, name in slow[:TOLD]:
            print(f"      {took:.1f} s  {name}", flush=True)

    def judge(self, case):
        _, wrong = self.results[case.name]
        text = "\n".join(f"  {line}" for line in wrong)
        self.assertFalse(wrong, f"{case.path.name} ({case.domain}):\n{text}")


def add(case):
    def test(self):
        self.judge(case)

    setattr(Cases, "test_" + case.name.replace("-", "_"), test)


for one in cases.load_all(CASES, os.environ.get("CUTOVER_CASES", "").split()):
    add(one)


class Catalogue(unittest.TestCase):
    """What the cases leave out is a decision, not an oversight."""

    def test_every_check_has_a_case(self):
        known = checks_of_the_program()
        shown = {words[0] for case in cases.load_all(CASES) for kind, *words in case.expectations() if kind == "finding"}
        self.assertEqual(set(), shown - known, "cases expect checks that the program does not know")
        self.assertEqual(set(), known - shown - NOT_SHOWN.keys(), "checks without a case")


# Checks that no world can show, and why.
NOT_SHOWN = {}


def checks_of_the_program():
    text = Path(HERE.parent.parent / "docs" / "checks.md").read_text(encoding="utf-8")
    table = text.split("<!-- from here on: checks_doc --write -->")[1]
    return {line.split("`")[1] for line in table.splitlines() if line.startswith("### `")}


if __name__ == "__main__":
    unittest.main()
