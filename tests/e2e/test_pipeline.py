#!/usr/bin/env python3
"""The pipeline step of docs/pipeline as a build server runs it, and the reports that build servers read."""

import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

from audit_world import World
from support import HANG, HERE, Result, binary, judged_awake

STEP = HERE.parent.parent / "docs" / "pipeline"
HEALTHY, BROKEN = "healthy-plain.org", "spf-multiple.org"


@judged_awake
class Pipeline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World.up(cls, ["healthy-plain", "spf-multiple"])

    def setUp(self):
        self.dir = Path(self.world.made.path("run", self.id().rsplit(".", 1)[1]))
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir()

    def step(self, exits, where=None, **environment):
        """The script with nothing but its environment, and a `cutover` on the PATH."""
        tools = self.dir / "bin"
        tools.mkdir(exist_ok=True)
        if not (tools / "cutover").exists():
            (tools / "cutover").symlink_to(binary())
        given = {f"CUTOVER_{name.upper()}": value for name, value in environment.items() if name.islower()}
        given |= {name: value for name, value in environment.items() if name.isupper()}
        given.setdefault("CUTOVER_OPTIONS", " ".join(where or self.world.where))
        env = {name: value for name, value in os.environ.items() if not name.startswith(("CUTOVER_", "GITHUB_"))}
        done = subprocess.run([str(STEP / "audit-step")], cwd=self.dir, capture_output=True, text=True, timeout=HANG, check=False,
                              env=env | {"PATH": f"{tools}:{os.environ['PATH']}"} | given)
        return Result(["audit-step"], done.returncode, done.stdout, done.stderr).exits(exits)

    def suites(self, name="cutover.xml"):
        return xml.parse(self.dir / name).getroot().findall("testsuite")

    def sarif(self, name="cutover.sarif"):
        return json.loads((self.dir / name).read_text(encoding="utf-8"))["runs"][0]

    def nowhere(self):
        """Root servers that nobody runs: as without a network."""
        hints = self.dir / "nowhere.hints"
        hints.write_text(". 3600 IN NS a.nowhere.\na.nowhere. 3600 IN A 127.255.255.253\n", encoding="utf-8")
        return ["--root-hints", str(hints)]

    def test_a_healthy_domain_goes_on(self):
        out = self.step(0, domain=HEALTHY).out
        self.assertNotIn("::", out)
        (suite,) = self.suites()
        self.assertEqual((suite.get("name"), suite.get("failures")), (HEALTHY, "0"))
        self.assertEqual(len(suite.findall("testcase")), int(suite.get("tests")))
        self.assertTrue(self.sarif()["invocations"][0]["executionSuccessful"])

    def test_a_broken_domain_is_refused(self):
        self.step(1, domain=BROKEN, reports="a report/deep")
        (suite,) = self.suites("a report/deep/cutover.xml")
        failed = [case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None]
        self.assertEqual(failed, ["spf-multiple"])
        run = self.sarif("a report/deep/cutover.sarif")
        rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
        for result in run["results"]:
            self.assertIn(result["ruleId"], rules)
            self.assertIn(result["level"], ["note", "warning", "error"])
            self.assertTrue(result["message"]["text"])
            physical = result["locations"][0]["physicalLocation"]
            self.assertGreater(physical["region"]["startLine"], 0)
            self.assertRegex(physical["artifactLocation"]["uri"], r"^[A-Za-z0-9._~/%-]+$")

    def test_github_gets_annotations(self):
        out = self.step(1, domain=BROKEN, GITHUB_ACTIONS="true").out
        word = re.match(r"::stop-commands::(cutover-[0-9a-f]{16})\n", out)[1]
        report, between, behind = out.split(f"::{word}::\n")
        self.assertNotIn("\n::", report)
        commands = between.splitlines()
        self.assertEqual((commands.pop(), behind), (f"::stop-commands::{word}", ""))
        self.assertEqual([line for line in commands if line.startswith("::error ")], [commands[0]])
        self.assertRegex(commands[0], r"^::error title=spf-multiple%3A [^:,]+::.+What to do: ")

    def test_fail_on_and_phase_are_taken(self):
        self.step(1, domain=HEALTHY, fail_on="info")
        out = self.step(0, domain=HEALTHY, phase="post").out
        self.assertIn("phase post", out)

    def test_options_on_several_lines_are_all_taken(self):
        """As a YAML block gives them: what stands on the second line counts too."""
        self.step(1, domain=BROKEN, options="\n".join(self.world.where))
        self.step(0, domain=BROKEN, options="\n".join([*self.world.where, "--ignore", "spf-multiple"]) + "\n")

    def test_a_project_file_with_an_ignored_finding(self):
        (self.dir / "customer 1.yaml").write_text(
            f"domain: {BROKEN}\nignore:\n  - check: spf-multiple\n    reason: merged <today> & tomorrow\n"
            "    since: 2026-11-20T09:00Z\n"
            "  - { check: ns-slow, subject: ns1.gone.org, reason: an old one, since: 2026-11-20T09:00Z }\n", encoding="utf-8")
        said = " ".join(self.step(0, file="customer 1.yaml").out.split())
        self.assertIn("ns-slow (ns1.gone.org) matched nothing (since 2026-11-20T09:00:00Z: an old one)", said)
        self.assertNotIn("spf-multiple (spf-multiple.org TXT) matched nothing", said)
        skipped = self.suites()[0].find("testcase[@name='spf-multiple']/skipped")
        self.assertEqual(skipped.get("message"), "merged <today> & tomorrow")
        ignored = [result for result in self.sarif()["results"] if "suppressions" in result]
        self.assertEqual([result["ruleId"] for result in ignored], ["spf-multiple"])
        where = ignored[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual(where, "customer%201.yaml")

    def test_without_a_network_nothing_looks_healthy(self):
        out = self.step(3, where=self.nowhere(), domain=HEALTHY, GITHUB_ACTIONS="true").out
        self.assertIn("::error title=healthy-plain.org::", out)
        (suite,) = self.suites()
        self.assertEqual((suite.get("tests"), suite.get("errors")), ("1", "1"))
        self.assertIsNotNone(suite.find("testcase/error"))
        (invocation,) = self.sarif()["invocations"]
        self.assertFalse(invocation["executionSuccessful"])
        self.assertIn("no root server", invocation["toolExecutionNotifications"][0]["message"]["text"])

    def test_a_wrong_step_says_so(self):
        self.assertIn("no project file", self.step(2).err)
        self.assertIn("--fail-on", self.step(2, domain=HEALTHY, fail_on="error").err)

    def test_a_watch_reports_its_last_look_alone(self):
        """Two looks at a domain that stays broken: what was true at the first is no second failure."""
        out = self.step(1, domain=BROKEN, wait="8s", GITHUB_ACTIONS="true").out
        if out.count("phase ready") < 2:  # the first look took longer than that
            out = self.step(1, domain=BROKEN, wait="2m", GITHUB_ACTIONS="true").out
        self.assertGreaterEqual(out.count("phase ready"), 2)
        self.assertEqual(out.count("::error "), 1)
        self.assertEqual(len(self.suites()), 1)
        self.assertEqual(len([r for r in self.sarif()["results"] if r["ruleId"] == "spf-multiple"]), 1)

    def test_a_full_disk_leaves_no_half_report(self):
        words = f'ulimit -f 1; trap "" XFSZ; cd {self.dir}; "$CUTOVER" audit $WHERE -q {HEALTHY} --sarif cutover.sarif'
        self.assertIn("writing 'cutover.sarif'", self.world.shell(words).exits(3).err)
        self.assertEqual(list(self.dir.iterdir()), [])

    def test_what_is_no_file_is_written_to_and_stays(self):
        pipe = self.dir / "pipe"
        os.mkfifo(pipe)
        words = f'"$CUTOVER" audit $WHERE {HEALTHY} --junit {pipe} >/dev/null & cat {pipe}; wait'
        text = self.world.shell(words).exits(0).out
        self.assertEqual(xml.fromstring(text).find("testsuite").get("failures"), "0")
        self.assertTrue(pipe.is_fifo())


class Steps(unittest.TestCase):
    """The two files that build servers read: every variable that they set is one that the script knows."""

    known = set(re.findall(r"^#   (CUTOVER_\w+)", (STEP / "audit-step").read_text(encoding="utf-8"), re.MULTILINE))

    def load(self, name):
        try:
            import yaml
        except ImportError:
            self.skipTest("python3-yaml is not here")
        return yaml.safe_load((STEP / name).read_text(encoding="utf-8"))

    def test_github(self):
        action = self.load("action.yml")
        self.assertEqual(action["runs"]["using"], "composite")
        (only,) = action["runs"]["steps"]
        self.assertEqual(set(only["env"]), self.known)
        self.assertEqual({re.search(r"inputs\.([\w-]+)", text)[1] for text in only["env"].values()}, set(action["inputs"]))
        self.assertIn("$GITHUB_ACTION_PATH/audit-step", only["run"])
        self.assertIn("shell", only)

    def test_gitlab(self):
        job = self.load("gitlab.yml")[".cutover-audit"]
        self.assertLessEqual(set(job["variables"]), self.known)
        self.assertEqual(job["artifacts"]["reports"]["junit"], f'{job["variables"]["CUTOVER_REPORTS"]}/cutover.xml')

    def test_the_script_reads_what_it_tells(self):
        text = (STEP / "audit-step").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"\$\{(CUTOVER_\w+)", text)), self.known)
        self.assertTrue(os.access(STEP / "audit-step", os.X_OK))


if __name__ == "__main__":
    unittest.main()
