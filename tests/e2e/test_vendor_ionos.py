"""IONOS: a PATCH replaces whole RRsets, and a mail service that is still active brings its MX back."""

import unittest

from vendors import story
from vendors.api import APEX
from vendors.ionos import Ionos


class IonosStory(story.Story):
    kind = Ionos

    def test_a_mail_service_that_brings_its_mx_back_is_noticed(self):
        with Ionos(self.lab) as api:
            cut = self.planned(api)
            api.mail_is_active = True
            cut.run("stage", exits=3).says(f"{APEX}. MX", "the provider said that it was done")
            api.mail_is_active = False
            cut.run("rollback", exits=1).says("mx00.ionos.de")

    def test_a_disabled_record_is_not_overwritten(self):
        with Ionos(self.lab) as api:
            cut = self.planned(api)
            for row in api.of(APEX, "TXT"):
                row["disabled"] = True
            cut.run("stage", exits=1).says("the record is disabled")
            self.assertEqual([], api.writes())


if __name__ == "__main__":
    unittest.main()
