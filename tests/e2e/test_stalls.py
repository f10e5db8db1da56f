"""A server that goes silent for ever in the middle of a literal, or talks for ever, and closes nothing: the copy's own deadline ends the wait.

It goes on with new connections; other mailboxes run on meanwhile; nothing is lost or doubled.
"""

import contextlib
import shutil
import sys
import unittest

from support import HERE, PATIENCE, Cutover, Lab, Running, until

sys.path.insert(0, str(HERE / "chaos"))

import faults  # noqa: E402
from proxy import Proxy  # noqa: E402

BEN, CARLA = "ben.okafor@treyresearch.com", "carla.diaz@treyresearch.com"  # he has a message of 1.5 MB, nothing of hers is so large
IN_THE_BIG_ONE = 700_000


class Stalls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(servers="mail", mail="small")
        cls.addClassCleanup(cls.lab.down)

    def setUp(self):
        self.lab.do("stop", "target")
        for home in (self.lab.dir / "target" / "mail").iterdir():
            shutil.rmtree(home)
        self.lab.do("start", "target")
        self.cut = Cutover(self.lab)
        self.users = self.cut.use_only(self.lab.env["LAB_USERS_FIXED"], BEN, CARLA)

    @contextlib.contextmanager
    def through(self, *stalls):
        """A proxy for each before its side; afterwards both servers are reached directly."""
        real = {}
        with contextlib.ExitStack() as stack:
            for number, stall in enumerate(stalls):
                host, address = (self.lab.env[f"LAB_{stall.side.upper()}_{what}"] for what in ("HOST", "ADDRESS"))
                proxy = Proxy(f"{self.lab.env['LAB_NET']}.{30 + number}", address, host, self.lab, stall)
                stack.enter_context(proxy)
                self.cut.connect_to(host, proxy.address)
                real[host] = address
            yield
        for host, address in real.items():
            self.cut.connect_to(host, address)

    def whole(self):
        status, text = self.lab.compare(self.users)
        self.assertEqual(0, status, text)

    def test_1_each_side_stops_once_and_the_run_goes_on(self):
        self.cut.edit("network:\n", "network:\n  mail_timeout: 1s\n")
        stalls = faults.Silent("source", "down", IN_THE_BIG_ONE), faults.Silent("target", "up", IN_THE_BIG_ONE)
        with self.through(*stalls):
            result = self.cut.run("copy", "--no-verify")
        if result.status == 0:
            self.assertTrue(all(stall.struck.is_set() for stall in stalls), result)
        else:  # a machine so busy that its servers are silent for a second six times in a row: then it says so
            result.exits(3).says("said nothing for 1 s")
            self.cut.edit("  mail_timeout: 1s\n", "")
            self.cut.run("copy", "--no-verify", exits=0)
        self.whole()

    def test_2_other_mailboxes_run_on_and_a_person_may_end_the_wait(self):
        self.cut.edit("network:\n", "network:\n  mail_timeout: 1h\n")  # longer than any machine needs for the other one
        stall = faults.Silent("source", "down", IN_THE_BIG_ONE)
        with self.through(stall), Running(self.cut, "copy", "--no-verify") as copy:
            def states():
                boxes = self.cut.run("status", "--json").json()["mailboxes"]
                return {box["mailbox"]: box["state"] for box in boxes}
            until(lambda: stall.struck.is_set() and states().get(CARLA) == "Synced", PATIENCE, what="the other mailbox is through")
            self.assertEqual("Syncing", states()[BEN])
            copy.interrupt().exits(130)
        self.assertEqual(1, self.cut.run("copy", "--no-verify", "--json", exits=0).json()["mailboxes"][0]["copied"] > 0)
        self.whole()

    def test_3_each_side_talks_for_ever_once_and_the_run_goes_on(self):
        self.cut.edit("network:\n", "network:\n  mail_timeout: 1s\n")
        talks = faults.Talk.of("source", 4000), faults.Talk.of("target", 600)
        with self.through(*talks):
            result = self.cut.run("copy", "--no-verify")
        if result.status == 0:
            self.assertTrue(all(talk.struck.is_set() for talk in talks), result)
        else:  # as in the first test
            result.exits(3)
            self.cut.edit("  mail_timeout: 1s\n", "")
            self.cut.run("copy", "--no-verify", exits=0)
        self.whole()


if __name__ == "__main__":
    unittest.main()
