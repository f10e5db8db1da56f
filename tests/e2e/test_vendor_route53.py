"""AWS Route 53: one signed batch, which the vendor itself does whole or not at all."""

import datetime
import unittest

from vendors import story
from vendors.api import FOREIGN_MX, APEX, Api
from vendors.route53 import PRIVATE, ZONE, Route53


class Route53Story(story.Story):
    kind = Route53

    def test_the_story_and_back(self):
        """Throttled once on the way. Each of the two sets is one batch, and no request is too many."""
        with Route53(self.lab) as api:
            api.fail(api.WRITE, "", api.THROTTLED)
            cut = self.story(api)
            self.assertEqual([("POST", f"/2013-04-01/hostedzone/{ZONE}/rrset/")] * 2, api.writes())
            self.assertEqual([400, 200, 200], [entry.status for entry in api.log if entry.write])
            self.assertEqual([], [entry for entry in api.log if PRIVATE in entry.path])
            for word in api.credentials.values():
                self.assertNotIn(word, cut.run("-vv", "plan", exits=0).err)

    def test_no_request_is_too_many(self):
        self.needs_long()
        with Route53(self.lab) as api:
            api.page = 20
            self.planned(api).run("stage", exits=0)
            # the zone; all at the name: as planned? still so? the batch, until it is INSYNC; all at the name: read back
            self.assertEqual((1, 5), (len(api.writes()), len(api.log) - 1), api.log)

    def test_name_servers_that_follow_later_are_waited_for(self):
        self.needs_long()
        super().test_name_servers_that_follow_later_are_waited_for()

    def test_the_batch_itself_refuses_when_somebody_is_faster(self):
        with Route53(self.lab) as api:
            cut = self.planned(api)
            api.fail(api.WRITE, "", api.EDIT_BEFORE)
            cut.run("stage", exits=1).says("found other records than the plan was made from", "the values provided do not match")
            self.assertEqual([], api.writes())
            self.assertEqual([FOREIGN_MX], [row["data"] for row in api.of(APEX, "MX")])
            self.assertEqual({(APEX, "MX")}, self.changed())

    def test_a_write_that_was_cut_off(self):
        self.resolved(Api.CUT_AFTER)

    def test_killed_before_and_after_the_batch(self):
        for point in ("apply-intent", "apply-acted"):
            self.put_back()
            with self.subTest(point=point), Route53(self.lab) as api:
                cut = self.planned(api)
                cut.run("stage", kill_at=f"{point}:1").was_killed()
                cut.run("stage", exits=0)
                self.is_staged()
                self.assertEqual(1, len(api.writes()))

    def test_answers_that_cannot_be_read_change_nothing(self):
        """A read that only failed is asked again: that is test_throttled_busy_and_slow_is_waited_for."""
        for kind in (Api.MALFORMED, Api.SHORT) if story.LONG else (Api.MALFORMED,):
            with self.subTest(kind=kind):
                self.refused(fault=kind)

    def test_pages_without_end_are_given_up(self):
        self.refused("does not say where the next page begins", loops=True)

    def test_credentials_that_may_only_read(self):
        self.refused("refuses these credentials: they may not do that", "ChangeResourceRecordSets", read_only=True)

    def test_a_clock_that_is_wrong_is_told(self):
        with Route53(self.lab) as api:
            api.clock_off = datetime.timedelta(minutes=10)
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("the time of the request is wrong", "NTP")

    def test_a_wrong_secret_is_told_and_the_words_of_the_vendor_are_not_repeated(self):
        with Route53(self.lab) as api:
            cut = api.project()
            cut.write("secret_access_key.key", "wrong")
            result = cut.run("providers", "--check", exits=1).says("refuses these credentials", "secret_access_key")
            self.assertNotIn("Canonical", result.out + result.err)


if __name__ == "__main__":
    unittest.main()
