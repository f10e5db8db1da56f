#!/usr/bin/env python3
"""What the shell offers: the bash completion that the program writes, asked as bash asks it."""

import subprocess
import tempfile
import unittest

from support import HANG, binary

ASK = """
source /dev/stdin <<<"$COMPLETION"
COMP_WORDS=(cutover "$@")
COMP_CWORD=$#
_cutover
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Completion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = subprocess.run([binary(), "help", "--format", "bash"], capture_output=True, text=True, timeout=HANG, check=True).stdout

    def offered(self, *words):
        """In an empty directory, so that file names are none."""
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(["bash", "-c", ASK, "-", *words], capture_output=True, text=True, timeout=HANG, check=True, cwd=empty,
                                  env={"PATH": "/usr/bin:/bin", "COMPLETION": self.text})
        self.assertEqual("", done.stderr)
        return done.stdout.split()

    def test_commands_come_first(self):
        self.assertEqual(["status", "stage"], sorted(self.offered("sta"), reverse=True))
        self.assertIn("audit", self.offered(""))

    def test_a_value_is_not_the_command(self):
        self.assertIn("switch", self.offered("-f", "customer.yaml", ""))
        self.assertIn("--fail-on", self.offered("-f", "customer.yaml", "audit", "--"))
        self.assertIn("--fail-on", self.offered("--json", "--file", "audit.yaml", "audit", "--fail"))
        self.assertIn("--fail-on", self.offered("--file", "=", "a.yaml", "audit", "--fail"))

    def test_options_are_those_of_the_command(self):
        offered = self.offered("report", "--")
        self.assertIn("--html", offered)
        self.assertNotIn("--fail-on", offered)

    def test_words_are_offered_for_options_that_take_them(self):
        self.assertEqual(["audit", "verify", "ready", "post"], self.offered("audit", "--phase", ""))
        self.assertEqual(["warning"], self.offered("audit", "--fail-on", "w"))
        self.assertEqual(["microsoft365", "google", "generic"], self.offered("init", "--target", ""))
        self.assertEqual(["man"], self.offered("help", "--format", "m"))
        self.assertEqual(["ready"], self.offered("audit", "--phase", "=", "r"))
        self.assertEqual(["info", "warning", "blocker"], self.offered("audit", "--fail-on", "="))

    def test_any_other_value_is_a_file(self):
        self.assertEqual([], self.offered("audit", "--junit", ""))


if __name__ == "__main__":
    unittest.main()
