"""Providers that are programs: the example of docs/providers-process.md, lexicon on a real PowerDNS, and programs that misbehave."""

import argparse
import importlib.machinery
import importlib.util
import re
import shutil
import textwrap
import unittest
from pathlib import Path

import zone_compare
from support import PATIENCE, ROOT, Cutover, Lab, until

from labkit import layout, powerdns

APEX = "treyresearch.com"
STAGED = {(APEX, "MX"), (APEX, "TXT")}
LEXICON = ROOT / "plugins" / "cutover-dns-lexicon"

# Between cutover and the example: passes lines on, and at the right one does what its name says.
UNRULY = """\
    #!/usr/bin/python3
    import json, os, subprocess, sys, time
    fault, example = sys.argv[1:]
    text = os.read(3, 65536)
    reader, writer = os.pipe()
    os.write(writer, text)
    os.close(writer)
    os.environ["CUTOVER_SECRETS_FD"] = str(reader)
    child = subprocess.Popen([example], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[reader], text=True)
    secret = json.loads(text)["key"]

    def ask(line):
        child.stdin.write(line)
        child.stdin.flush()
        lines = []
        while not lines or '"log"' in lines[-1] or '"rrset"' in lines[-1]:
            lines.append(child.stdout.readline())
        return lines

    for line in sys.stdin:
        method, number = json.loads(line)["method"], json.loads(line)["id"]
        if method == "hello" and fault == "version":
            line = json.dumps({"id": 1, "ok": {"protocol": 2, "name": "newer", "capabilities": ["list"]}})
            print(line, flush=True)
            continue
        if method == "apply" and fault == "dies-before":
            os._exit(3)
        if method == "list" and fault == "blabs":
            print("the key is", secret, file=sys.stderr, flush=True)
            print(json.dumps({"log": f"now with {secret}"}))
            print(json.dumps({"id": number, "error": {"class": "auth", "message": f"bad key {secret}"}}), flush=True)
            continue
        if method == "list" and fault == "hangs":
            time.sleep(600)
        if method == "list" and fault == "floods":
            while True:
                sys.stdout.write("x" * 65536)
        answer = ask(line)
        if method == "apply" and fault == "dies-after":
            os._exit(3)
        if method == "apply" and fault == "raves":
            answer = ["segmentation fault\\n"]
        if method == "list" and fault == "cuts":
            answer = answer[:-2]
            sys.stdout.writelines(answer)
            sys.stdout.flush()
            os._exit(0)
        sys.stdout.writelines(answer)
        sys.stdout.flush()
"""


class World(unittest.TestCase):
    """Programs in place of a provider of cutover's own; what they change is served by the lab's name servers."""

    primary = "knot"

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=16, txt_ttl=4, mail="none", servers="dns", primary=cls.primary)
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.lab.zone()

    def setUp(self):
        self.assertEqual(self.before, self.lab.zone())
        self.settled()

    def settled(self):
        until(lambda: self.lab.zone("secondary") == self.lab.zone(), PATIENCE, "the secondary to follow the primary")

    def project(self, command, *lines, timeout="5m", **secrets):
        cut = Cutover(self.lab)
        for name, text in secrets.items():
            cut.write(f"{name}.key", text).chmod(0o600)
        credentials = ", ".join(f'{name}: "file:{name}.key"' for name in secrets)
        section = [f"command: {command}", f"timeout: {timeout}", *lines, f"credentials: {{ {credentials} }}"]
        text = (cut.dir / "cutover.yaml").read_text(encoding="utf-8")
        text, times = re.subn(r"(?m)^dns:\n(?:  .*\n)+", "dns:\n  provider: process\n" + "".join(f"  {line}\n" for line in section), text)
        self.assertEqual(1, times)
        cut.write("cutover.yaml", text)
        return cut

    def changed(self):
        return {(line.split()[1].rstrip("."), line.split()[2].rstrip(":"))
                for line in zone_compare.differences(self.before, self.lab.zone())}

    def story(self, cut):
        cut.run("providers", "--check", exits=0).says("the credentials work", "its zone is the zone that is served")
        cut.run("plan", exits=0)
        cut.run("stage", "--dry-run", exits=0).says("dry run")
        self.assertEqual(self.before, self.lab.zone())
        cut.run("stage", exits=0).says("read back")
        self.assertEqual(STAGED, self.changed())
        self.assertTrue(any("v=spf1" in record.rdata for record in self.lab.zone() if record.owner == f"{APEX}."))
        cut.run("stage", exits=0).says("staged already")
        cut.run("rollback", exits=0).says("restored and read back")
        self.assertEqual([], zone_compare.differences(self.before, self.lab.zone()))
        self.assertTrue(cut.run("report", "--json", exits=0).json()["journal_intact"])


class Examples(World):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        page = (ROOT / "docs" / "providers-process.md").read_text(encoding="utf-8")
        cls.example = cls.program("example", re.search(r"(?s)```python\n(.*?)```", page)[1])
        cls.unruly = cls.program("unruly", textwrap.dedent(UNRULY))
        cls.key = Path(cls.lab.env["LAB_TSIG_SECRET_FILE"]).read_text(encoding="utf-8").strip()

    @classmethod
    def program(cls, name, text):
        path = cls.lab.dir / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def with_example(self, *faults, **options):
        command = " ".join(map(str, (self.unruly, *faults, self.example) if faults else (self.example,)))
        env = self.lab.env
        return self.project(command, f"server: {env['LAB_PRIMARY']}", f"key_name: {env['LAB_TSIG_NAME']}", key=self.key, **options)

    def refused(self, fault, *says, **options):
        """`plan` or `stage` fails with these words, and the zone is as it was."""
        cut = self.with_example(fault, **options)
        result = cut.run("plan")
        result = cut.run("-vv", "stage") if result.status == 0 else result
        result.says(*says).hides(self.key)
        self.assertIn(result.status, (1, 2, 3))
        self.assertEqual(self.before, self.lab.zone())
        return result

    def test_the_example_of_the_docs(self):
        self.story(self.with_example())

    def test_dead_before_a_write_and_after_it(self):
        for fault in ("dies-before", "dies-after", "raves"):
            with self.subTest(fault):
                self.settled()
                cut = self.with_example(fault)
                cut.run("plan", exits=0)
                first = cut.run("stage")
                if fault == "dies-before":
                    first.exits(3).says("ended with status 3 before its answer was complete")
                    self.assertEqual(self.before, self.lab.zone())
                    continue
                first.exits(0)  # looked for, and found done
                self.assertEqual(STAGED, self.changed())
                cut.run("rollback")
                cut.run("rollback", exits=0)
                self.assertEqual(self.before, self.lab.zone())

    def test_killed_ourselves_and_resumed(self):
        cut = self.with_example()
        cut.run("plan", exits=0)
        for point in ("apply-intent:1", "apply-acted:1"):
            with self.subTest(point):
                cut.run("stage", kill_at=point).was_killed()
                cut.run("stage", exits=0)
                self.assertEqual(STAGED, self.changed())
                cut.run("rollback", exits=0)
                self.assertEqual([], zone_compare.differences(self.before, self.lab.zone()))

    def test_what_is_no_answer(self):
        self.refused("hangs", "did not answer in time", "timeout", timeout="1s")
        self.refused("floods", "a line of more than 1048576 octets")
        self.refused("cuts", "ended with status 0 before its answer was complete")
        self.refused("version", "speaks version 2 of the protocol, not 1")

    def test_a_secret_that_it_tells_is_not_shown(self):
        self.refused("blabs", "refuses these credentials", "bad key ***", "the key is ***", "now with ***")

    def test_what_is_not_run(self):
        self.unruly.chmod(0o775)
        try:
            self.refused("none", "others can change", "chmod go-w")
        finally:
            self.unruly.chmod(0o755)
        cut = self.project("no-such-plugin")
        cut.run("providers", "--check", exits=1).says("cutover-dns-no-such-plugin", "No such file")
        cut = self.with_example()
        cut.edit("key_name:", "key_nam:")
        cut.run("plan", exits=2).says("key_nam", "key_name")


@unittest.skipUnless(shutil.which("lexicon") and shutil.which("pdns_server"), "needs the packages lexicon, pdns-server, pdns-backend-sqlite3")
class Lexicon(World):
    """By lexicon to a PowerDNS as the primary."""

    primary = "powerdns"

    def with_lexicon(self, **options):
        api = f"http://{self.lab.env['LAB_PRIMARY']}:{powerdns.API_PORT}"
        key = layout.load(self.lab.dir).secret(powerdns.API_KEY)
        return self.project(f"{LEXICON} powerdns", f"pdns_server: {api}", auth_token=key, **options)

    def test_the_story(self):
        self.story(self.with_lexicon())

    def test_what_lexicon_cannot_do_is_refused_before_anything_is_done(self):
        cut = self.with_lexicon()
        cut.edit("provider: microsoft365", "provider: microsoft365\n  dkim: [ { selector: selector1, target: selector1-x.outlook.com } ]")
        cut.run("plan", exits=0).says("selector1._domainkey")
        cut.run("stage", exits=1).says("lexicon would append the zone's name to selector1-x.outlook.com.")
        cut.run("rollback", exits=0)
        self.assertEqual([], zone_compare.differences(self.before, self.lab.zone()))
        self.settled()
        (cut.dir / "auth_token.key").write_text("wrong", encoding="utf-8")
        cut.run("providers", "--check", exits=1).says("powerdns by lexicon refuses these credentials: HTTP 401")


class HostError(Exception):
    def __init__(self, status):
        super().__init__(f"HTTP {status} for https://api.example/?key=hunter22")
        self.response = argparse.Namespace(status_code=status, text="", headers={})


class PlayedHost:
    """What lexicon gives for a host, with one A; it answers its writes in turn: 200 did it, 0 only says so."""

    def __init__(self, answers):
        self.answers, self.log = list(answers), []
        self.rows = [{"id": 1, "type": "A", "name": "a.example.org", "ttl": 60, "content": "192.0.2.1"}]

    def list_records(self, *_):
        return list(self.rows)

    def _full_name(self, name):
        return name

    def turn(self, what, act):
        self.log.append(what)
        status = self.answers.pop(0)
        if status >= 400:
            raise HostError(status)
        if status:
            act()
        return True

    def create_record(self, kind, name, content):
        return self.turn(f"create {content}", lambda: self.rows.append(dict(self.rows[0], id=2, content=content)))

    def delete_record(self, number):
        row = next(row for row in self.rows if row["id"] == number)
        return self.turn(f"delete {row['content']}", lambda: self.rows.remove(row))


class LexiconValues(unittest.TestCase):
    """How records are read and written where hosts differ: no host needed for that."""

    @classmethod
    def setUpClass(cls):
        loader = importlib.machinery.SourceFileLoader("adapter", str(LEXICON))
        cls.adapter = importlib.util.module_from_spec(importlib.util.spec_from_loader("adapter", loader))
        loader.exec_module(cls.adapter)

    def reads(self, kind, wanted, **record):
        self.assertEqual(wanted, self.adapter.read_value(kind, record))

    def style(self, kind, *contents, **options):
        return self.adapter.Style("somebody", options, kind, [{"content": content} for content in contents])

    def test_reading(self):
        self.reads("MX", "10 a.example.", content="10 A.example")
        self.reads("MX", "10 a.example.", content="a.example.", priority=10)
        self.reads("MX", "0 a.example.", content="a.example", options={"mx": {"priority": 0}})
        self.reads("SRV", "1 2 443 a.example.", content="2 443 a.example", priority="1")
        self.reads("CNAME", "a.example.", content="a.example")
        self.reads("A", "192.0.2.1", content="192.0.2.1")
        self.reads("TXT", '"v=spf1 -all"', content="v=spf1 -all")
        self.reads("TXT", '"a" "b"', content='"a" "b"')
        self.reads("TXT", '"a" "b"', content='a" "b')
        self.reads("TXT", '"' + "x" * 255 + '" "x"', content="x" * 256)
        self.reads("TXT", '"\\195\\169"', content="\u00e9")

    def test_what_is_not_clear_is_refused(self):
        for kind, content in (("MX", "a.example."), ("MX", "10 a"), ("CNAME", "@"), ("SRV", "443 a.example"), ("TXT", 'a"b'), ("TXT", "a\\;b")):
            with self.subTest(content), self.assertRaises(self.adapter.Refused):
                self.adapter.read_value(kind, {"content": content})
        for style, rdata in ((self.style("MX"), "10 a.example."), (self.style("CNAME"), "a.example."),
                             (self.style("TXT"), '"a" "b"'), (self.style("TXT", "plain"), '"say \\"x\\""')):
            with self.subTest(rdata), self.assertRaises(self.adapter.Refused):
                style.write(rdata)

    def test_writing_as_the_host_does(self):
        self.assertEqual(("10 b.example", "10"), self.style("MX", "10 a.example").write("10 b.example."))
        self.assertEqual(("b.example.", "10"), self.style("MX", "a.example.").write("10 b.example."))
        self.assertEqual(("b.example", "10"), self.style("MX", mx="priority", final_dot="no").write("10 b.example."))
        self.assertEqual(("2 443 b.example.", "1"), self.style("SRV", "5 6 a.example.").write("1 2 443 b.example."))
        self.assertEqual(("plain", None), self.style("TXT", "other").write('"plain"'))
        self.assertEqual(('"quoted"', None), self.style("TXT", '"other"').write('"quoted"'))
        self.assertEqual(("ab", None), self.style("TXT", long_txt="joined").write('"a" "b"'))
        self.assertEqual(('"a" "b"', None), self.style("TXT", long_txt="split").write('"a" "b"'))

    def became(self, *answers):
        """What the adapter says became of replacing one A by another, when the host answers its writes so."""
        host = PlayedHost(answers)
        zone = self.adapter.Zone.__new__(self.adapter.Zone)
        zone.name, zone.zone, zone.own, zone.settings = "somebody", "example.org.", {}, {}
        zone.host, zone.connect = host, lambda: None
        before = {"name": "a.example.org.", "type": "A", "ttl": 60, "rdata": ["192.0.2.1"]}
        change = {"name": "a.example.org.", "type": "A", "before": before, "after": dict(before, rdata=["192.0.2.2"])}
        try:
            return zone.apply([change])["applied"], host.log
        except self.adapter.Refused as told:
            return told.applied, host.log

    def test_what_became_of_a_change(self):
        both = ["create 192.0.2.2", "delete 192.0.2.1"]
        self.assertEqual(("all", both), self.became(200, 200))
        self.assertEqual(("none", both[:1]), self.became(422))
        self.assertEqual(("partial", both), self.became(200, 403))
        self.assertEqual(("unknown", both[:1]), self.became(500))
        self.assertEqual(("unknown", both), self.became(200, 502))
        self.assertEqual(("none", both), self.became(0, 0))  # says yes and does nothing: seen by reading

    def test_no_host_gets_a_secret_told(self):
        """Also where its words are cut: half a secret would be found by nobody behind."""
        told = self.adapter.explain(ValueError("x" * 230 + " s3cret-token and more"))
        words = self.adapter.shown(told, {"auth_token": "s3cret-token", "port": 7})
        self.assertIn("x ***", words)
        self.assertNotIn("s3cret", words)

    def test_the_same_however_it_is_written(self):
        same = self.adapter.same
        self.assertTrue(same("TXT", {"ttl": 1, "rdata": ['"a" "b"']}, {"ttl": 1, "rdata": ['"ab"']}))
        self.assertFalse(same("TXT", {"ttl": 1, "rdata": ['"ab"']}, {"ttl": 2, "rdata": ['"ab"']}))
        self.assertFalse(same("TXT", {"ttl": 1, "rdata": ['"a"']}, {"ttl": 1, "rdata": ['"A"']}))
        self.assertFalse(same("MX", None, {"ttl": 1, "rdata": ["1 a."]}))
        self.assertTrue(same("MX", None, None))


if __name__ == "__main__":
    unittest.main()
