"""What a file that somebody brings has, whatever it is part of: a work, an application, a form."""

import uuid

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.uploads import Brought


class BroughtFile(models.Model):
    """Its bytes are never changed. Subclasses add `file`, whose folder is theirs, whom it belongs to, and who added it.

    `in_draft`: it is part of what would be sent now; taken out of the draft, it stays in what it was sent with.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    in_draft = models.BooleanField(default=True)
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("kind"), max_length=8)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, editable=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def keep(self, brought: Brought) -> None:
        """Saves the row with the bytes and what they are; when the row is refused, the bytes go too."""
        self.name, self.kind, self.size, self.sha256 = brought.name, brought.kind, len(brought.content), brought.sha256
        self.file.save(brought.name, ContentFile(brought.content), save=False)
        try:
            self.save()
        except Exception:
            self.file.delete(save=False)
            raise

    def take_out(self, *, was_sent: bool) -> None:
        """Out of the draft. What was sent with it keeps it; else it is gone for good, once the transaction is."""
        if was_sent:
            self.in_draft = False
            self.save(update_fields=["in_draft"])
            return
        stored = self.file
        self.delete()
        transaction.on_commit(lambda: stored.storage.delete(stored.name))
