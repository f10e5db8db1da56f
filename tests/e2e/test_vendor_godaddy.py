"""GoDaddy: RRsets without ids, a lowest TTL of 600, and accounts that may not use the API."""

import unittest

from vendors import story
from vendors.godaddy import GoDaddy


class GoDaddyStory(story.Story):
    kind = GoDaddy

    def test_the_story_and_back(self):
        with GoDaddy(self.lab) as api:
            cut = self.story(api)
            self.assertEqual(4, len(api.writes()), api.writes())
            cut.run("plan", exits=0).says("a TTL of 300 s cannot be had at GoDaddy: 600 s")
            for word in api.credentials.values():
                self.assertNotIn(word, cut.run("-vv", "plan", exits=0).err)

    def test_an_account_without_api_is_told_the_way_by_hand(self):
        with GoDaddy(self.lab) as api:
            api.gate = True
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("does not let this account use its API", "dns.provider: manual")
            cut.run("plan", exits=0)
            cut.run("stage", exits=1).says("does not let this account use its API", "dns.provider: manual")
            self.assertEqual([], api.writes())

    def test_wrong_credentials(self):
        with GoDaddy(self.lab) as api:
            cut = api.project()
            cut.write("secret.key", "wrong")
            (cut.dir / "secret.key").chmod(0o600)
            cut.run("providers", "godaddy", "--check", exits=1).says("refuses these credentials", "Could not authenticate")

    def test_throttled_and_busy_is_waited_for(self):
        with GoDaddy(self.lab) as api:
            cut = self.planned(api)
            api.fail("PUT", "/MX/", api.THROTTLED)
            api.fail("GET", "/TXT/", api.HTML)
            cut.run("stage", exits=0)
            self.assertEqual(2, len(api.writes()))

    def test_whatever_became_of_a_write_is_read_and_not_guessed(self):
        for kind in (GoDaddy.ERROR_BEFORE, GoDaddy.ERROR_AFTER, GoDaddy.CUT_AFTER):
            with self.subTest(kind=kind), GoDaddy(self.lab) as api:
                self.resolved(api, kind)
                again = [entry.path for entry in api.log if entry.method == "PUT"]
                self.assertLessEqual(len(again), 5 if kind == GoDaddy.ERROR_BEFORE else 4, api.log)

    def test_a_foreign_edit_right_before_the_write_is_seen(self):
        with GoDaddy(self.lab) as api:
            cut = self.planned(api)
            api.fail("GET", "/MX/", api.EDIT_BEFORE)
            cut.run("stage", exits=1).says("mx9.somebody-else.example")
            self.assertEqual([], api.writes())

    def test_killed_at_every_point_and_resumed(self):
        with GoDaddy(self.lab) as api:
            self.kill_at_points(api, list)


if __name__ == "__main__":
    unittest.main()
