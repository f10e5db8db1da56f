"""Compares an audit document with what a case expects; what differs is told in lines for a person."""

import fnmatch


def differences(case, status, document):
    """[] when all is as expected. By default nothing but what is expected may be a warning or a blocker."""
    expected = case.expectations()
    found = document.get("findings", [])
    wrong, explained = [], set()
    for kind, *words in expected:
        wrong += CHECKS[kind](found, document, status, explained, *words)
    allowed = {words[0] for kind, *words in expected if kind == "may"}
    for number, finding in enumerate(found):
        if finding["severity"] != "info" and number not in explained and finding["check"] not in allowed:
            wrong.append(f"not expected: {line(finding)}")
    return wrong


def line(finding):
    return f"{finding['check']} {finding['severity']} {finding['subject']}: {finding['message']}"


def check_finding(found, _document, _status, explained, check, severity, glob):
    same = [number for number, finding in enumerate(found) if finding["check"] == check]
    fitting = [number for number in same if found[number]["severity"] == severity
               and fnmatch.fnmatchcase(found[number]["subject"], glob)]
    explained.update(fitting)
    if fitting:
        return []
    explained.update(same)  # told here, not once more as unexpected
    return [f"missing: {check} {severity} {glob}"
            + "".join(f"\n    there is: {line(found[number])}" for number in same)]


def check_not(found, _document, _status, _explained, check):
    return [f"must not be said: {line(finding)}" for finding in found if finding["check"] == check]


def check_fact(_found, document, _status, _explained, name, low, high):
    value = document.get("facts", {}).get(name)
    if value is None or not low <= value <= high:
        return [f"the fact {name} is {value}, expected {low}..{high}"]
    return []


def check_ready(_found, document, _status, _explained, wanted):
    ready = document.get("ready")
    return [] if ready == wanted else [f"ready is {ready}, expected {wanted}"]


def check_exit(_found, _document, status, _explained, wanted):
    return [] if status == wanted else [f"exit status {status}, expected {wanted}"]


CHECKS = {"finding": check_finding, "not": check_not, "fact": check_fact, "ready": check_ready, "exit": check_exit,
          "may": lambda *_: []}
