"""Sessions: planner and storage composed into transactions, portals and commands."""
