"""How floors, entrances and buildings follow each other."""


def natural(text: str) -> tuple[int, str]:
    """B2 before B1 before 1 before 10."""
    digits = "".join(c for c in text if c.isdigit())
    n = int(digits[:9]) if digits else 0
    return (-n if text[:1] in "Bb-" and n else n, text)
