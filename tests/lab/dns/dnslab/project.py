"""A project directory for each case: DIR/project/CASE/cutover.yaml."""

from labkit.layout import write

NETWORK = """\
network:
  resolvers: [ {resolvers} ]
  root_hints: {dir}/root.hints
  trust_anchor: {dir}/root.key
  ca_file: {dir}/ca.pem
  treat_as_public: [ {net} ]
"""


def text(world, case):
    body = world.fill(case)(case.text("project"))
    network = NETWORK.format(resolvers=", ".join(world.resolvers[case.name]), dir=world.dir, net=world.network)
    return f"domain: {case.domain}\n{body}{network}"


def write_all(world):
    for case in world.cases:
        write(world.path("project", case.name, "cutover.yaml"), text(world, case))
