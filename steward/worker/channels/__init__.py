"""How a message leaves the house. In-app messages need no work: they stand in the recipient's inbox."""
