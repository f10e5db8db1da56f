"""GoDaddy: RRsets without ids, a lowest TTL of 600, and accounts that may not use the API."""

import unittest

from vendors import story
from vendors.api import APEX, FOREIGN_MX
from vendors.godaddy import GoDaddy

from labkit import dns


class GoDaddyStory(story.Story):
    kind = GoDaddy
    whole = True
    switches = True

    def test_the_lowest_ttl_is_told_and_no_call_is_too_many(self):
        with GoDaddy(self.lab) as api:
            cut = api.project()
            cut.run("plan", exits=0).says("a TTL of 300 s cannot be had at GoDaddy: 600 s")
            cut.run("stage", exits=0)
            # each RRset: as planned? still so? written, read back
            self.assertEqual((2, 6), (len(api.writes()), len(api.log) - len(api.writes())), api.log)

    def test_a_zone_of_several_pages_is_read_whole_or_not_at_all(self):
        """Whether `offset` counts records or pages is not sure: to a server that counts pages, the zone ends behind the first."""
        selector = f"selector1._domainkey.{APEX}"
        self.lab.ask(dns.update, f'update add {selector} 3600 TXT "v=DKIM1; k=rsa; p=T2xk"')
        self.addCleanup(self.lab.ask, dns.update, f"update delete {selector} TXT")
        self.settled()
        for counts_pages in (False, True):
            with self.subTest(counts_pages=counts_pages), GoDaddy(self.lab) as api:
                api.many, api.counts_pages = 600, counts_pages
                cut = api.project()
                cut.edit("  autodiscover:", f"  dkim: [ {{ selector: selector1, target: selector1.{FOREIGN_MX.split()[1]} }} ]\n  autodiscover:")
                plan = cut.run("plan", exits=0)
                self.assertEqual(counts_pages, "the listing may be cut" in " ".join(plan.out.split()), plan)

    def test_a_write_that_lands_between_two_looks_is_ours(self):
        """Read back, and looked for by the next run: not there. Then it is, before that one would write."""
        self.lands(3).says("an earlier write of treyresearch.com. TXT has landed")

    def test_an_account_without_api_is_told_the_way_by_hand(self):
        self.turned_away().says("In GoDaddy, open My Products", "Add a row (Add New Record)", "MS=ms87257449")


if __name__ == "__main__":
    unittest.main()
