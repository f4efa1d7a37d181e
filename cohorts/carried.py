"""What a new draft takes over of what its project answered before, and what of it nobody has looked at since. Reads only.

`Application.carried` says it: the name of an answer, or `file_` and the key of a file, with the application that it comes from. Whoever
changes an answer takes its name out.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from cohorts.models import Application, ApplicationState, CallQuestion
from cohorts.models.question import asks_the_same, likeness


def fits(questions: Iterable[CallQuestion], earlier: CallQuestion) -> CallQuestion | None:
    """Of the questions of a call, the one that an answer to an earlier question answers: the likest, so that two that are worded alike
    do not both take it. Of two that are as like, the one in the same place."""
    same = [one for one in questions if asks_the_same(earlier, one)]
    return max(same, key=lambda one: (likeness(earlier, one), one.sort_order == earlier.sort_order, -one.sort_order), default=None)


def file_name_of(file) -> str:
    return f"file_{file}"


def carried_into(application: Application) -> dict[str, str]:
    """`{name: where it comes from, in words}` of what nobody has touched in a draft. One query; none where nothing was carried."""
    if application.state != ApplicationState.DRAFT or not application.carried:
        return {}
    rows = Application.objects.filter(pk__in=set(application.carried.values())).select_related("cohort")
    words = {str(row.pk): _("From your application to “%(call)s”: check it.") % {"call": row.cohort.title} for row in rows}
    return {name: words[key] for name, key in application.carried.items() if key in words}
