"""Bring in another system's request log. A map file says what its columns mean; no code is written for a city."""
