"""The catalogue of published experiments: one TOML file each, with plans to run and the published numbers to meet."""
