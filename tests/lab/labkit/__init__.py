"""The closed lab: real servers on loopback, for the tests and for a first look at cutover."""
