"""The DNS world of the audit's tests: real servers, relays that spoil what they pass on, cases as text files."""
