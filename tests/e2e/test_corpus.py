"""Real mail: 6 046 messages of 2002 to 2005 as people sent them, 8-bit bytes and broken MIME and all.

./check fetches the corpus; without it (no npm, no network) there is nothing to test here.
"""

import os
import unittest

from support import Cutover, Lab

CORPUS = os.environ.get("CUTOVER_CORPUS")


@unittest.skipUnless(CORPUS, "the corpus was not fetched (tests/lab/corpus fetch)")
class RealMail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(servers="mail", mail="none", corpus=CORPUS)
        cls.addClassCleanup(cls.lab.down)
        cls.cut = Cutover(cls.lab)
        cls.cut.use_users(cls.lab.env["LAB_USERS_FIXED"])

    def test_all_of_it_arrives_and_a_repeat_finds_nothing_to_do(self):
        first = self.cut.run("copy", "--json", exits=0).json()
        self.assertGreater(first["copied"], 6000)
        self.assertEqual(0, sum(box["refused"] for box in first["mailboxes"]))
        status, text = self.lab.compare(line_ends=True)
        self.assertEqual(0, status, text)
        again = self.cut.run("copy", "--json", exits=0).json()
        self.assertEqual(0, again["copied"])
        # The target makes one CRLF of CR CR LF: the evidence says so instead of hiding it.
        boxes = self.cut.run("report", "--json", exits=0).json()["mailboxes"]
        self.assertEqual(1, sum(box["altered"] for box in boxes))
        self.assertTrue(all(box["verified"] for box in boxes))


if __name__ == "__main__":
    unittest.main()
