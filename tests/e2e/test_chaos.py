"""A few runs of the chaos campaign (chaos/run tells of it), the same ones each time; with CUTOVER_LONG=1 five hundred new ones,
and some with Cyrus and Courier.

The seeds are printed. One that failed is run again by `tests/e2e/chaos/run --seed N`.
"""

import os
import subprocess
import sys
import time
import unittest

from support import HERE

LONG = os.environ.get("CUTOVER_LONG") == "1"


OTHERS = ("dovecot,cyrus", "dovecot,courier", "cyrus,dovecot", "courier,dovecot", "cyrus,courier", "courier,cyrus", "cyrus,cyrus",
          "courier,courier")


class Chaos(unittest.TestCase):
    def campaign(self, *words):
        with subprocess.Popen([sys.executable, str(HERE / "chaos" / "run"), *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as campaign:
            try:
                out = campaign.communicate()[0]
            finally:
                campaign.terminate()
        print("".join(f"      {line}\n" for line in out.splitlines()), end="")
        self.assertEqual(0, campaign.returncode, out)

    def test_nothing_is_missing_or_doubled_whatever_goes_wrong(self):
        self.campaign(*(["--runs", "500", "--first", str(int(time.time()))] if LONG else ["--runs", "8", "--seconds", "25", "--big", "0"]))

    @unittest.skipUnless(LONG, "only in a long run")
    def test_nor_is_it_with_a_mirror(self):
        self.campaign("--mirror", "--runs", "60", "--first", str(int(time.time())))

    @unittest.skipUnless(LONG, "only in a long run")
    def test_nor_is_it_at_other_servers(self):
        for servers in OTHERS:
            with self.subTest(servers):
                self.campaign("--servers", servers, "--runs", "8", "--first", str(int(time.time())))


if __name__ == "__main__":
    unittest.main()
