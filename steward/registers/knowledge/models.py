"""Questions and their answers 答客问: owned, dated, kept in versions."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Article(models.Model):
    """One question with its answer, for a place and all below it (no place: the whole company). A reference row."""

    node = models.ForeignKey("org.Node", models.PROTECT, null=True, blank=True, related_name="+")
    question = models.CharField(max_length=200)
    answer = models.TextField()
    # Other words for the same: what people say on the phone.
    keywords = models.CharField(max_length=200, blank=True)
    for_residents = models.BooleanField(default=True)
    owner = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="+")
    review_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["node", "question"], condition=Q(is_active=True), name="article_question"),
            models.UniqueConstraint(
                fields=["question"], condition=Q(is_active=True, node__isnull=True), name="article_question_company"
            ),
        ]

    def __str__(self) -> str:
        return self.question


class ArticleVersion(models.Model):
    """What an article said before; what was told on the phone last year can be looked up."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    question = models.CharField(max_length=200)
    answer = models.TextField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)
    changed_by_name = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["article", "version"], name="article_version")]
