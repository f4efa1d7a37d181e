from django.apps import AppConfig

VIEW_RECORDS = [f"courses.view_{model}" for model in ("enrolment", "activityrecord", "quizattempt", "submission", "certificate")]


class CoursesConfig(AppConfig):
    name = "courses"
    # Pages are edited through the page rights of academy.roles; records are read in the CMS and changed only by actions.
    role_permissions = {"Trainers": VIEW_RECORDS, "Coordinators": VIEW_RECORDS}

    def ready(self) -> None:
        from courses import findables, leaving, moves, settling  # the models exist only once the apps are loaded

        findables.install()
        leaving.install()
        settling.install()
        moves.install()

        from django.contrib.auth.signals import user_logged_in

        from courses.learning_views import on_sign_in

        user_logged_in.connect(on_sign_in, dispatch_uid="courses-arrive")
