"""The clocks of a case: the sweeper that warns and climbs, the next word, and why it is late."""
