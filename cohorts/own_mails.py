"""What somebody may read of the letters that their own act on the site writes (`academy.rehearsal`): never an address, nor what goes to people
whom they do not know.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from academy.models import Message, User
from academy.permissions import works_in_cms
from academy.rehearsal import OwnMail, Read, to_oneself
from cohorts.models import NetworkMessage, Project, ProjectMember


def readable_by(reader: User) -> Read:
    """Their own, those to the people of their projects and to the team; of a message through the network, not who receives it."""
    projects = Project.objects.of_member(reader).values("pk")
    fellows = set(ProjectMember.objects.filter(project__in=projects).values_list("person", flat=True))

    def read(letter: Message) -> OwnMail | None:
        text = letter.body_text
        if letter.to_id == reader.pk:
            return to_oneself(letter)
        if letter.cause.startswith(NetworkMessage.LETTERS):
            who = _("To whoever receives the messages of this project")
            text = text.partition("\n\n")[2]  # without the greeting: it says their name
        elif letter.cause.startswith("project-invitation:"):
            who = _("To %(name)s") % {"name": letter.address}  # the address that they typed
        elif letter.to_id in fellows or (letter.to and works_in_cms(letter.to)):
            who = _("To %(name)s") % {"name": letter.to}
        else:
            return None
        return OwnMail(who, letter.language, letter.subject, text)

    return read
