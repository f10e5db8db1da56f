"""The audit's DNS world for the end-to-end tests: one started for a class of tests, and stopped however it ends."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import HANG, HERE, Result, binary

sys.path.insert(0, str(HERE.parent / "lab" / "dns"))

from dnslab import project, world  # noqa: E402


class World:
    """`cutover` in a world of its own: World.up(["healthy-plain"], bulk=1000)."""

    def __init__(self, made):
        self.made = made

    @classmethod
    def up(cls, test_class, cases, bulk=0):
        directory = tempfile.mkdtemp(prefix="lab.", dir=os.environ.get("CUTOVER_LABS", "/tmp"))
        made = world.create(directory, cases, bulk)
        test_class.addClassCleanup(world.remove, made)
        world.bring_up(made)
        project.write_all(made)
        return cls(made)

    @property
    def where(self):
        """The options that keep the program inside."""
        return ["--root-hints", str(self.made.path("root.hints")), "--trust-anchor", str(self.made.path("root.key")),
                "--resolver", self.made.address("unbound")]

    def run(self, *words, stdin="", exits=None, seconds=HANG):
        argv = [binary(), *words, *self.where]
        began = time.monotonic()
        try:
            # A directory without a project file: nothing but the command line says what is asked.
            done = subprocess.run(argv, cwd=self.made.path("run"), input=stdin, capture_output=True, text=True,
                                  errors="replace", timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"no end after {seconds} s: {' '.join(words)}") from None
        result = Result(["cutover", *words], done.returncode, done.stdout, done.stderr)
        result.seconds = time.monotonic() - began
        return result if exits is None else result.exits(exits)

    def shell(self, text, seconds=HANG):
        """A pipeline in a shell, with $CUTOVER and $WHERE; its Result."""
        env = os.environ | {"CUTOVER": binary(), "WHERE": " ".join(self.where)}
        done = subprocess.run(["bash", "-o", "pipefail", "-c", text], cwd=self.made.path("run"), env=env,
                              capture_output=True, text=True, errors="replace", timeout=seconds, check=False)
        return Result(["bash", "-c", text], done.returncode, done.stdout, done.stderr)

    def file(self, name, text):
        path = Path(self.made.path("run", name))
        path.write_text(text, encoding="utf-8")
        return path
