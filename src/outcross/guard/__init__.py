"""What an engineer runs every night: a mix that does not collapse, a watch over snapshots, a forecast, a check-up."""
