"""What reaches the customer of a case: words, links, numbers looked at, money taken."""
