"""What happens by itself when its hour comes. Called by `manage.py tick`; running it twice changes nothing more."""

from collections import Counter
from datetime import datetime, timedelta

from django.utils import timezone

from courses import actions
from courses.models import AwaitedEnrolment
from courses.settling import settle_changed, settle_waiting

AWAITED = timedelta(days=180)  # how long an address is kept of somebody who was invited and never came


def strike(now: datetime | None = None) -> Counter[str]:
    done: Counter[str] = Counter()
    now = now or timezone.now()
    if closed := settle_waiting():
        done["courses complete by the end of a lesson"] = closed
    if handed_in := actions.hand_in_overdue(by=None, now=now):
        done["quizzes handed in at the end of their time"] = handed_in
    if passed := actions.complete_what_passes_now(by=None):
        done["quizzes passed since their mark is lower"] = passed
    if closed := settle_changed(by=None):
        done["courses complete since they ask for less"] = closed
    if named := actions.name_certificates(by=None):
        done["certificates issued again with the name of their holder"] = named
    if reminded := actions.remind_of_due(by=None, now=now):
        done["reminders of work that is due"] = reminded
    if reminded := actions.remind_of_expiry(by=None, now=now):
        done["reminders of certificates that end"] = reminded
    if told := actions.tell_changes(by=None, now=now):
        done["mails about what changed"] = told
    if forgotten := actions.forget_erased(by=None):
        done["works of people who were erased"] = forgotten
    if forgotten := actions.forget_unused_imports(by=None, now=now):
        done["files of questions never imported"] = forgotten
    if forgotten := AwaitedEnrolment.objects.filter(invited_at__lt=now - AWAITED).delete()[0]:
        done["invitations that nobody answered forgotten"] = forgotten
    return done
