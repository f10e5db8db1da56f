"""A provider that the user described: no credentials before its hosts are confirmed, and none after its file changed."""

import json
import unittest

from vendors import story
from vendors.godaddy import GoDaddy


class OwnDescription(story.World):
    def described(self, cut, **changes):
        """The built-in description under another name, where the user's own ones lie."""
        text = cut.run("providers", "describe", "godaddy", exits=0).json()
        path = cut.dir / "home/cutover/providers/example.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**text, "id": "example", "title": "Example DNS", **changes}), encoding="utf-8")
        for place in (path, path.parent):
            place.chmod(place.stat().st_mode & ~0o022)

    def test_confirmed_once_and_again_after_a_change(self):
        with GoDaddy(self.lab) as api:
            api.provider = "example"
            cut = api.project()
            cut.variables = {"XDG_CONFIG_HOME": str(cut.dir / "home"), "XDG_STATE_HOME": str(cut.dir / "state")}
            cut.run("providers", "--check", exits=1).says("example")
            self.described(cut)
            cut.run("plan", exits=0)
            for words in (("providers", "--check"), ("stage",)):
                cut.run(*words, exits=1).says("was not confirmed yet", "cutover providers example --confirm")
            self.assertEqual([], api.log, "nothing was sent, not even to be read")
            cut.run("providers", "example", exits=0).says("unconfirmed", "api.godaddy.com", "header Authorization", "PUT /v1/domains")
            cut.run("providers", "example", "--confirm", exits=0).says("api.godaddy.com", "Confirmed")
            self.assertIn("confirmed", {p["trust"] for p in cut.run("providers", "--json", exits=0).json()["providers"]})
            cut.run("stage", exits=0).says("read back")
            self.is_staged()
            sent = len(api.log)
            self.described(cut, title="Example DNS 2")
            cut.run("rollback", exits=1).says("has changed since you confirmed")
            self.assertEqual(sent, len(api.log))
            cut.run("providers", "example", "--confirm", exits=0)
            cut.run("rollback", exits=0)
            self.is_as_before()


if __name__ == "__main__":
    unittest.main()
