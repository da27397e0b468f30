"""The tests of outcross."""
