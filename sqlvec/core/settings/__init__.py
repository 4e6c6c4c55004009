"""Settings: what SET, SHOW and start-up parameters know."""
