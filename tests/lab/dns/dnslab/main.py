"""The command line of the audit's world: lab up|down|env|cases [--dir DIR]."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from labkit import process
from labkit.layout import LabError

from . import https, project, relay, servers, world


def cmd_up(args):
    if (Path(args.dir) / "ready").exists():
        print(f"it is up in {args.dir}")
        return
    made = world.create(args.dir, args.cases, args.bulk)
    try:
        world.bring_up(made)
    except BaseException:
        world.take_down(made)
        raise
    project.write_all(made)
    print(f"the world is up in {made.dir} on {made.network}: {len(made.cases)} cases, resolver {made.address('unbound')}")


def cmd_down(args):
    if not (Path(args.dir) / "state.json").exists():
        print(f"there is no world in {args.dir}")
        return
    made = world.load(args.dir)
    world.take_down(made)
    left = [name for name in servers.NAMES if process.members(made, name)]
    if left:
        raise LabError(f"still running: {', '.join(left)}")
    if not args.keep:
        shutil.rmtree(made.dir)
    print("the world is down")


def cmd_env(args):
    made = world.load(args.dir)
    for name in ("root", "tld", "knot", "nsd", "bind", "unbound", "plain", "https"):
        print(f"LAB_{name.upper()}={made.address(name)}")
    print(f"LAB_DIR={made.dir}\nLAB_ROOT_HINTS={made.path('root.hints')}\nLAB_TRUST_ANCHOR={made.path('root.key')}\n"
          f"LAB_CA={made.path('ca.pem')}\nLAB_NET={made.network}")


def main(argv):
    if argv[:1] == ["--serve"]:
        return {"relay": relay.main, "https": https.main}[argv[1]](argv[2:])
    top = argparse.ArgumentParser(prog="lab", description="the audit's DNS world; docs/lab.md tells more")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dir", default=f"/tmp/cutover-dns-{os.getuid()}", help="its directory (%(default)s)")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", parents=[common], help="start it")
    up.add_argument("cases", nargs="*", help="only the cases whose name contains one of these")
    up.add_argument("--bulk", type=int, default=0, metavar="N", help="also N healthy domains d0.bulk, d1.bulk …")
    up.set_defaults(run=cmd_up)
    down = commands.add_parser("down", parents=[common], help="stop it and remove its directory")
    down.add_argument("--keep", action="store_true", help="keep the directory with zones and logs")
    down.set_defaults(run=cmd_down)
    commands.add_parser("env", parents=[common], help="addresses and files as KEY=value").set_defaults(run=cmd_env)
    args = top.parse_args(argv)
    try:
        if os.geteuid() != 0:
            raise LabError(f"its servers are on port 53, which only root may\nhint: sudo {' '.join(sys.argv)}")
        return args.run(args) or 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
