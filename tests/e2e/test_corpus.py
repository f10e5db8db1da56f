"""Real mail: 6 046 messages of 2002 to 2005 as people sent them, 8-bit bytes and broken MIME and all.

./check fetches the corpus; without it (no npm, no network) there is nothing to test here.
"""

import os
import unittest

from pairs import RECEIVER, SENDER, Verdict, World
from support import Cutover, Lab

CORPUS = os.environ.get("CUTOVER_CORPUS")
LONG = os.environ.get("CUTOVER_LONG") == "1"


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


@unittest.skipUnless(CORPUS and LONG, "only in a long run, and with the corpus")
class RealMailAtCyrus(unittest.TestCase):
    def test_all_arrives_but_what_cyrus_refuses_by_name(self):
        world = World(corpus=CORPUS)
        self.addCleanup(world.lab.down)
        box = world.project("dovecot", "cyrus").run("copy", "--json").json()["mailboxes"][0]
        with world.side("source", "dovecot", SENDER) as sender, world.side("target", "cyrus", RECEIVER["dovecot"]) as receiver:
            verdict = Verdict("cyrus", sender, receiver)
        self.assertEqual([], verdict.found, "\n".join(verdict.found[:50]))
        self.assertEqual(len(verdict.refused), box["refused"])
        self.assertGreater(box["copied"], 5900)
        print(f"      {box['copied']} copied, {box['refused']} refused by name")


if __name__ == "__main__":
    unittest.main()
