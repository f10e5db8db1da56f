"""The table of wrong files and command lines (bad_input/): each is refused with exit 2, and the world is left alone."""

import re
import subprocess
import sys
import unittest

from support import HANG, HERE, binary


class BadInput(unittest.TestCase):
    def test_every_case_is_refused_with_place_reason_and_remedy(self):
        done = subprocess.run([sys.executable, str(HERE / "bad_input" / "run"), binary()], capture_output=True, text=True,
                              timeout=HANG, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        cases = int(re.search(r"(\d+) of \d+ cases", done.stdout).group(1))
        self.assertGreaterEqual(cases, 40)


if __name__ == "__main__":
    unittest.main()
