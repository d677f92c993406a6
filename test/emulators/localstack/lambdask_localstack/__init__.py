"""Runs LocalStack on a host without Docker: functions as child processes, loopback only."""
