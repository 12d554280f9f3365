"""Who answers for a case: hand-overs, areas, those who leave, and whoever is on call at night."""
