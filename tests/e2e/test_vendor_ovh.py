"""OVHcloud: signed requests, ids then records, types of its own, and nothing served before the refresh."""

import unittest

from vendors import story
from vendors.api import APEX
from vendors.ovh import Ovh


class OvhStory(story.Story):
    kind = Ovh

    def test_types_of_its_own_are_left_as_they_are(self):
        with Ovh(self.lab) as api:
            self.assertIn("SPF", [row["kind"] for row in api.rows])
            cut = self.planned(api)
            cut.run("stage", exits=0)
            self.assertEqual(["SPF"], [row["kind"] for row in api.of(APEX, "TXT") if "v=spf1" in row["data"]])
            self.assertEqual({}, api.staged)

    def test_a_refresh_that_fails_once_is_sent_again(self):
        with Ovh(self.lab) as api:
            cut = self.planned(api)
            api.fail("POST", "/refresh", api.ERROR_BEFORE)
            cut.run("stage", exits=0)
            self.assertFalse(api.faults)
            self.is_staged()

    def test_what_is_written_and_not_published_is_published_by_the_next_run(self):
        for kind in (Ovh.ERROR_BEFORE, Ovh.CUT_AFTER) if story.LONG else (Ovh.ERROR_BEFORE,):
            with self.subTest(kind=kind), Ovh(self.lab) as api:
                self.put_back()
                cut = self.planned(api)
                for _ in range(2):
                    api.fail("POST", "/refresh", kind)
                cut.run("stage", exits=3).says("the records are written, but not published")
                self.assertFalse(api.faults)
                if kind == Ovh.ERROR_BEFORE:
                    self.assertEqual(self.before, self.lab.zone())
                cut.run("stage", exits=0)
                self.is_staged()
                cut.run("rollback", exits=0)
                self.is_as_before()

    def test_a_write_whose_end_nobody_told(self):
        for kind in (Ovh.ERROR_AFTER, Ovh.CUT_AFTER):
            with self.subTest(kind=kind):
                self.resolved(kind)

    def test_a_listed_record_that_is_not_there_is_not_passed_over(self):
        self.refused("the zone changed while it was read", gone=True)

    def test_a_clock_that_is_wrong_does_no_harm(self):
        with Ovh(self.lab) as api:
            api.ahead_s = 3 * 3600
            cut = api.project()
            cut.run("providers", "--check", exits=0).says("the credentials work")

    def test_a_consumer_key_that_may_only_read(self):
        self.refused("refuses these credentials", "make one with GET, POST, PUT and DELETE", read_only=True)

    def test_a_wrong_secret(self):
        with Ovh(self.lab) as api:
            cut = api.project()
            cut.write("application_secret.key", "wrong")
            cut.run("providers", "--check", exits=1).says("Invalid signature", "must belong together")


if __name__ == "__main__":
    unittest.main()
