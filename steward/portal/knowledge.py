"""What residents may read of the knowledge base: the answers of their own project and what stands above it."""

from steward.kernel.actor import Home
from steward.registers.knowledge import articles
from steward.registers.knowledge.articles import Known
from steward.registers.org.tree import place


def near(text: str, home: Home, limit: int = 3) -> list[Known]:
    """The answers nearest to a question that is being typed."""
    return articles.suggest(text, lineage=place(home.project_id).lineage, residents=True, limit=limit)


def every(text: str, home: Home) -> list[Known]:
    """All answers; with words of a search the nearest first, then those that hold the words themselves."""
    lineage = place(home.project_id).lineage
    readable = [a for a in articles.of_place(lineage) if a.for_residents]
    wanted = text.strip().lower()
    if not wanted:
        return readable
    found = articles.suggest(wanted, lineage=lineage, residents=True, limit=20)
    return found + [a for a in readable if wanted in f"{a.question}{a.keywords}{a.answer}".lower() and a not in found]
