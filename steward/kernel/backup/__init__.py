"""Everything in one file, from any of the databases into any of them."""
