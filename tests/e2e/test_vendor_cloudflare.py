"""Cloudflare: records with ids in an envelope, and rows that are not ours to change."""

import unittest

from vendors import story
from vendors.api import APEX
from vendors.cloudflare import ZONE, Cloudflare


class CloudflareStory(story.Story):
    kind = Cloudflare

    def test_a_token_that_cannot_list_zones_is_given_the_zone(self):
        with Cloudflare(self.lab) as api:
            api.sees_zones = False
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("does not have the zone", "dns.zone_id")
            cut.edit("  provider: cloudflare\n", f"  provider: cloudflare\n  zone_id: {ZONE}\n")
            cut.run("providers", "--check", exits=0).says("the credentials work")

    def test_what_email_routing_owns_is_left_alone(self):
        with Cloudflare(self.lab) as api:
            cut = self.planned(api)
            for row in api.of(APEX, "MX"):
                row["managed"] = True
            cut.run("stage", exits=1).says("Email Routing owns the record")
            self.assertEqual([10], [int(row["data"].split()[0]) for row in api.of(APEX, "MX")])

    def test_a_rollback_goes_where_it_was_staged_or_nowhere(self):
        """The project file is edited behind the staging: nothing is looked for, and nothing noted as back, at another host or account."""
        with Cloudflare(self.lab) as api:
            before = list(api.rows)
            cut = self.planned(api)
            cut.run("stage", exits=0)
            writes = len(api.writes())
            cut.edit("  provider: cloudflare\n", "  provider: digitalocean\n")
            cut.run("switch", exits=1).says("the plan was made for cloudflare", "cutover plan")
            cut.run("rollback", exits=1).says("it was changed at cloudflare", "names digitalocean now", "--by-hand")
            cut.run("rollback", "--dry-run", exits=1).says("it was changed at cloudflare")
            cut.edit("  provider: digitalocean\n", "  provider: cloudflare\n")
            staged, api.rows, api.zone = api.rows, before, "f" * 32  # the token of another account, which has an older copy of the zone
            for how in ((), ("--dry-run",)):
                cut.run("rollback", *how, exits=1).says("another zone of that name", "credentials of the account")
            self.assertEqual(writes, len(api.writes()))
            api.rows, api.zone = staged, ZONE
            cut.run("rollback", exits=0).says("restored and read back")
            self.is_as_before()

    def test_pages_with_less_than_was_told_are_not_believed(self):
        self.refused("may be cut", short_pages=True)

    def test_pages_without_end_are_given_up(self):
        self.refused("may be cut", endless=True)


if __name__ == "__main__":
    unittest.main()
