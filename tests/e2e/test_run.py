"""`cutover run`: all of it by one command, from a fresh project; it stops where a person must act and goes on from there."""

import time
import unittest

import zone_compare
from support import PATIENCE, Cutover, Lab, Steps, mailbox, until

EMI = "emi.tanaka@treyresearch.com"
MX_TTL = 24


class InOneCommand(Steps):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=MX_TTL, txt_ttl=MX_TTL // 2)
        cls.addClassCleanup(cls.lab.down)
        cls.cut = Cutover(cls.lab)
        cls.before = cls.lab.zone()

    def test_1_with_no_wait_it_stages_and_exits_4_where_a_clock_runs(self):
        began = time.monotonic()
        result = self.cut.run("run", "--no-wait").says("audit", "plan", "stage")
        if result.status == 1 and time.monotonic() > began + MX_TTL:  # the clock was faster than the machine: on to the next step
            result.says("gate mailboxes-complete is closed")
        else:
            result.exits(4).says("look again at")
        self.assertEqual(2, len(zone_compare.differences(self.before, self.lab.zone())))
        self.assertTrue(self.cut.run("status", "--json", exits=0).json()["staged"])

    def test_2_it_stops_at_the_gate_for_the_wrong_password(self):
        staged = self.lab.zone()
        self.cut.run("run", exits=1).says("gate mailboxes-complete is closed", EMI, "row 6", "refused this password")
        self.assertEqual(staged, self.lab.zone())

    def test_3_corrected_it_waits_switches_and_ends_when_the_old_side_is_idle(self):
        self.cut.use_users(self.lab.env["LAB_USERS_FIXED"])
        # What it says while it waits depends on how long the copies take; test_interrupt reads that.
        self.cut.run("run", exits=0).says("the old side is idle since", "and no cache can hold the old MX")
        doc = self.cut.run("status", "--json", exits=0).json()
        self.assertEqual(["cleanup"], [step["step"] for step in doc["steps"] if step["state"] != "done"], "a person's decision")
        self.assertEqual((0, ""), differences(self.lab))
        changes = zone_compare.differences(self.before, self.lab.zone("secondary"))
        self.assertEqual(7, len(changes), changes)

    def test_4_run_again_finds_all_done_and_still_brings_what_is_new(self):
        switched = self.lab.zone()
        self.lab.do("deliver-old", "office@treyresearch.com", "-", stdin="Subject: later still\n\nx\n")
        self.cut.run("run", exits=0)
        self.assertEqual(switched, self.lab.zone())
        with mailbox(self.lab, "office", "target") as account:
            self.assertEqual(1, account.count("later still"))
        self.assertEqual((0, ""), differences(self.lab))

    def test_5_rollback_restores_the_zone(self):
        self.cut.run("rollback", exits=0)
        until(lambda: self.lab.zone("secondary") == self.lab.zone(), PATIENCE, "the secondary to follow the primary")
        self.assertEqual([], zone_compare.differences(self.before, self.lab.zone("secondary")))


def differences(lab):
    status, text = lab.compare()
    return status, "" if status == 0 else text


if __name__ == "__main__":
    unittest.main()
