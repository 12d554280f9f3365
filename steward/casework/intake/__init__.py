"""Taking a case in: who speaks, from which room, about what; opened, numbered and set going."""
