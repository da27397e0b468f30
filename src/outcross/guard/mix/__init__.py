"""Training mixes with exact quotas: planned by a policy, chosen by keyed hashes, written with their papers."""
