from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def _crud(*models: str, verbs: tuple[str, ...] = ("view", "add", "change", "delete")) -> list[str]:
    return [f"cohorts.{verb}_{model}" for model in models for verb in verbs]


class CohortsConfig(AppConfig):
    name = "cohorts"
    verbose_name = _("cohorts")

    # What is typed can be edited; what happens (applications, decisions, registrations…) is seen, and changed by verbs only.
    _programme = ("pathway", "stage", "requirement", "typology", "rubric", "rubricpart", "criterion", "level")
    _programme += ("typologyterm", "typologypaper", "typologycondition")
    _programme += ("indicatordefinition", "indicatoryear")
    _edited = ("cohort", "project", "projectmember", "mentorassignment", "session")
    _happens = (
        "application",
        "reviewassignment",
        "conflictdeclaration",
        "assessment",
        "determination",
        "participation",
        "requirementrecord",
        "conditionrecord",
        "partnership",
        "supportplanitem",
        "agreement",
        "directoryentry",
        "networkmessage",
        "indicatorreport",
        "registration",
        "checkin",
    )
    role_permissions = {
        "Coordinators": [
            *_crud("attentionrule", verbs=("view", "change")),
            *_crud(*_programme),
            *_crud(*_edited, verbs=("view", "add", "change")),
            *_crud(*_happens, verbs=("view",)),
        ],
        "Trainers": _crud(
            "cohort",
            "project",
            "session",
            "participation",
            "registration",
            "pathway",
            "rubric",
            "typology",
            "directoryentry",
            "indicatordefinition",
            "indicatoryear",
            verbs=("view",),
        ),
    }

    def ready(self):
        from cohorts import audit_words, learners, leaving, readings  # noqa: F401 — registers the words of the history, once the apps are loaded
        from cohorts.groups import projects  # reads the models
        from cohorts.peers_beside import of_work
        from courses import groups, learner_groups, works_beside  # who hands in one work, and what an enrolment may say of its cohort

        learner_groups.register(learners.names, learners.members)
        groups.register(projects)
        works_beside.register(of_work)
        readings.install()
        leaving.install()
