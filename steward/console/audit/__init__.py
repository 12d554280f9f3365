"""Who did what, when: for those who answer for it."""
