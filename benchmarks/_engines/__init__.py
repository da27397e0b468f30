"""The same two jobs in several engines: a file an engine, each with ``score(job)`` and ``mix(job)``."""
