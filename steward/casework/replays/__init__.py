"""What a phone did without network and the rules refused: kept whole, and settled by the office."""
