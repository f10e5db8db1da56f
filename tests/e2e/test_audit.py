#!/usr/bin/env python3
"""The audit as a new user meets it: wrong names, dead servers, no network; and many domains at once."""

import json
import re
import subprocess
import time
import unittest

from audit_world import World
from support import HANG, binary, judged_awake

# The program gives a domain 5.5 s. What is slower than this has no budget at all; how fast it is, is measured by
# tests/bench/audit and not here, where other tests run beside it.
AT_MOST_S = 60
MANY = 1000
# What is polite to other people's servers would only make the tests slow.
UNLIMITED = ["--qps", "0", "--qps-per-server", "0"]


@judged_awake
class NewUser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World.up(cls, ["healthy-plain", "healthy-idn", "delegation-broken-silent", "delegation-broken-dead",
                                   "spf-multiple"], bulk=3)

    def audit(self, *words, **options):
        return self.world.run("audit", *words, **options)

    def test_a_healthy_domain_fits_on_one_screen(self):
        result = self.audit("healthy-plain.org", exits=0)
        self.assertLessEqual(len(result.out.splitlines()), 24, result)
        self.assertEqual("", result.err)

    def test_a_domain_that_does_not_exist(self):
        self.audit("no-such-name.org", exits=1).says("delegation-missing", "no-such-name.org", "not delegated")
        self.audit("no.such.tld", exits=1).says("delegation-missing")

    def test_a_domain_of_which_every_server_is_dead(self):
        for domain in ("delegation-broken-dead.org", "delegation-broken-silent.org"):
            result = self.audit(domain, exits=1).says("delegation-broken").hides("spf-missing", "mx-missing")
            self.assertLess(result.seconds, AT_MOST_S, result)

    def test_an_international_name_in_both_spellings(self):
        self.audit("xn--bcher-kva.org", exits=0).says("xn--bcher-kva.org")
        result = self.audit("bücher.org")
        self.assertIn(result.status, (0, 2), result)
        result.says("xn--")  # either it is understood, or it says how to write it

    def test_letters_and_a_final_dot_do_not_matter(self):
        self.audit("Healthy-Plain.ORG.", exits=0).says("healthy-plain.org")

    def test_what_is_no_domain_is_refused_by_name(self):
        for word in ("a..b", "", "x" * 64 + ".org", ".".join(["abcdefgh"] * 40), "exa mple.org", "http://example.org/",
                     "info@example.org", "-", "\x1b[31m.org"):
            if word == "-":
                continue
            result = self.audit(word, exits=2)
            self.assertTrue(result.err.startswith("error: "), result)
            self.assertNotIn("\x1b", result.err)

    def test_without_a_domain_and_without_a_project(self):
        self.audit(exits=2).says("no domain is given", "cutover audit example.org")

    def test_options_that_do_not_exist_or_fit(self):
        self.audit("healthy-plain.org", "--phase", "later", exits=2).says("later")
        self.audit("healthy-plain.org", "--fail-on", "never", exits=2).says("never")
        self.audit("healthy-plain.org", "--jsonlines", exits=2).says("--jsonlines")

    def test_the_exit_status_follows_fail_on(self):
        self.audit("spf-multiple.org", exits=1).says("spf-multiple")
        self.audit("healthy-plain.org", "--fail-on", "warning", exits=0)

    def test_without_any_network(self):
        done = subprocess.run(["unshare", "--net", binary(), "audit", "example.org"], capture_output=True, text=True,
                              cwd=self.world.made.path("run"), timeout=HANG, check=False)
        self.assertEqual(3, done.returncode, done)
        self.assertIn("no root server answers", done.stderr)
        self.assertIn("what to do", done.stderr)

    def test_root_hints_that_lead_nowhere(self):
        hints = self.world.file("nowhere.hints", ". NS a.root-servers.net.\na.root-servers.net. A 127.255.255.253\n")
        began = time.monotonic()
        done = subprocess.run([binary(), "audit", "example.org", "--root-hints", str(hints), "--resolver", "127.255.255.252"],
                              capture_output=True, text=True, cwd=self.world.made.path("run"), timeout=HANG, check=False)
        self.assertEqual(3, done.returncode, done)
        self.assertLess(time.monotonic() - began, AT_MOST_S)

    def test_the_reader_of_a_pipe_may_leave(self):
        many = self.world.file("many", "d0.bulk\nd1.bulk\nd2.bulk\n" * 3000)
        for option in ("--jsonl", ""):
            result = self.world.shell(f'"$CUTOVER" audit - {option} $WHERE <{many} | head -n 1')
            self.assertEqual(1, len(result.out.splitlines()), result)
            self.assertNotIn("Sanitizer", result.err)

    def test_a_reader_who_has_left_is_no_error(self):
        """He had what he wanted; the status is that of a program which SIGPIPE ended."""
        result = self.world.shell('exec 3> >(exec true); wait $!; "$CUTOVER" --help >&3')
        self.assertEqual((141, ""), (result.status, result.err), result)

    def test_a_reader_that_was_never_there(self):
        result = self.world.shell('"$CUTOVER" audit healthy-plain.org --json $WHERE >/dev/full')
        self.assertNotIn(result.status, (0, 134, 139), result)
        self.assertNotIn("Sanitizer", result.err)

    def test_a_watch_that_nobody_reads_ends(self):
        result = self.world.shell('"$CUTOVER" audit spf-multiple.org --watch $WHERE >/dev/full')
        self.assertEqual(1, result.status, result)
        self.assertIn("writing the answer", result.err)


@judged_awake
class Bulk(unittest.TestCase):
    """A thousand domains, and one of them silent."""

    @classmethod
    def setUpClass(cls):
        cls.world = World.up(cls, ["delegation-broken-silent", "spf-multiple"], bulk=MANY)
        cls.names = [f"d{number}.bulk" for number in range(MANY)]

    def lines(self, names, **options):
        result = self.world.run("audit", "-", "--jsonl", *UNLIMITED, stdin="".join(f"{name}\n" for name in names), **options)
        return [json.loads(line) for line in result.out.splitlines()], result

    def test_each_domain_gets_one_line(self):
        documents, result = self.lines(self.names, exits=0)
        self.assertEqual(sorted(self.names), sorted(document["domain"] for document in documents))
        self.assertEqual({True}, {document["ready"] for document in documents})
        self.assertEqual(f"domains: {MANY} audited, 0 left out, 0 refused\n", result.err)

    def test_comments_blanks_and_line_ends_of_elsewhere(self):
        result = self.world.run("audit", "-", "--jsonl", stdin="# a list\n\n  d1.bulk  \r\nd2.bulk", exits=0)
        self.assertEqual(["d1.bulk", "d2.bulk"], sorted(json.loads(line)["domain"] for line in result.out.splitlines()))

    def test_a_line_that_is_no_domain_does_not_end_the_rest(self):
        result = self.world.run("audit", "-", "--jsonl", stdin="# a list\nd1.bulk\nno..name\nd2.bulk\n")
        self.assertIn("error: line 3: \"no..name\"", result.err)
        self.assertIn("domains: 2 audited, 0 left out, 1 refused", result.err)
        told = [document for document in map(json.loads, result.out.splitlines()) if document.get("findings") is not None]
        self.assertLessEqual({"d1.bulk", "d2.bulk"}, {document["domain"] for document in told})
        self.assertRegex(result.out + result.err, re.escape("no..name"))
        self.assertNotEqual(0, result.status)

    def test_a_thousand_lines_that_are_no_domains_fit_on_a_screen(self):
        result = self.world.run("audit", "-", "--jsonl", stdin="no..name\n" * 1000 + "d1.bulk\n", exits=2)
        self.assertEqual(20, result.err.count("error: "))
        self.assertIn("error: line 20: ", result.err)
        self.assertEqual(1, result.err.count("only counted"))
        self.assertIn("domains: 1 audited, 0 left out, 1000 refused", result.err)
        quiet = self.world.run("audit", "-", "--jsonl", "-q", stdin="d1.bulk\n", exits=0)
        self.assertEqual("", quiet.err)

    def test_nothing_to_resume_from_is_said(self):
        result = self.world.run("audit", "-", "--jsonl", "--resume", "gone.jsonl", stdin="d1.bulk\n", exits=0)
        self.assertIn("nothing to resume from: gone.jsonl is not there; every domain is audited", result.err)
        self.assertEqual(1, len(result.out.splitlines()))

    def test_a_list_without_a_network_ends_at_once(self):
        done = subprocess.run(["unshare", "--net", binary(), "audit", "-"], capture_output=True, text=True, timeout=HANG, check=False,
                              cwd=self.world.made.path("run"), input="".join(f"{name}\n" for name in self.names))
        self.assertEqual(3, done.returncode, done)
        self.assertEqual(1, done.stderr.count("no root server answers"), done.stderr)
        self.assertIn("domains: 0 audited, 0 left out, 0 refused, 3 could not be looked at", done.stderr)

    def test_one_silent_domain_does_not_hold_up_the_rest(self):
        """By order, not by the clock: it comes first in, and others go out before it; how many, depends on the machine."""
        silent = "delegation-broken-silent.org"
        documents, _ = self.lines([silent, *self.names[:200]], exits=1)
        order = [document["domain"] for document in documents]
        self.assertEqual(201, len(order))
        self.assertGreater(order.index(silent), 2)

    def test_what_is_bad_is_told_of_its_own_domain_only(self):
        documents, _ = self.lines([*self.names[:50], "spf-multiple.org", *self.names[50:100]], exits=1)
        self.assertEqual(["spf-multiple.org"], [document["domain"] for document in documents if not document["ready"]])


if __name__ == "__main__":
    unittest.main()
