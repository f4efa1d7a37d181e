"""Who may what, in sentences: design.md §1 and §3, the anchors' §6 and house.md §5.5. Written from those pages, not from the answers.

A rule is an audience and the addresses that open for it and for nobody else: a page, or a way on. How exactly the others are turned
away (sign in, not there, refused) is in url_map.py, and must agree. To add an address: its row in url_map.py; then, when it is about
somebody's row or only for some, its name under the rule that it follows (`prefix*` takes a family), or a new rule.
What is posted has no page: VERBS says whose post is heard. Who is not in the audience must change nothing.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.utils import timezone

from academy.cms_verbs import stamped

# The roles, then the relations that a role alone does not tell.
ROLES = ("visitor", "promoter", "other_promoter", "trainer", "reviewer", "coordinator", "admin_user")
RELATIONS = (
    "peer",  # leads another project of the same cohort
    "onlooker",  # a viewer of the promoter's project
    "idle_reviewer",  # a reviewer who was not asked
    "conflicted_reviewer",  # was asked, and declared an interest
    "conflicted_coordinator",  # a coordinator who declared an interest
)
CAST = ROLES + RELATIONS

EVERYBODY = frozenset(CAST)
SIGNED_IN = EVERYBODY - {"visitor"}
SPEAKERS = frozenset({"promoter"})
MEMBERS = SPEAKERS | {"onlooker"}
TRAINERS = frozenset({"trainer", "admin_user"})
COORDINATORS = frozenset({"coordinator", "conflicted_coordinator", "admin_user"})
JUDGES = frozenset({"coordinator", "admin_user"})
TEAM = TRAINERS | COORDINATORS
REVIEWERS = frozenset({"reviewer", "idle_reviewer", "conflicted_reviewer"})
ADMINISTRATORS = frozenset({"admin_user"})
NOBODY = frozenset()
NO_LETTERS = stamped([], timezone.now())
KEY = "5f0d7c1e-5f3a-4c79-9a4e-0d3b1a6c2f11"


@dataclass(frozen=True)
class Rule:
    says: str
    opens: frozenset
    addresses: tuple[str, ...]


RULES = (
    Rule(
        "Everybody reads what is public: the calls, the pathway, announced sessions, the search, verifications.",
        EVERYBODY,
        (
            "root",
            "healthz",
            "readyz",
            "brand_css",
            "search",
            "search_suggest",
            "glossary",
            "questions",
            "question_ask",
            "cohorts_apply",
            "cohorts_ready",
            "cohorts_call",
            "cohorts_call_questions",
            "cohorts_pathway",
            "cohorts_statuses",
            "cohorts_sessions",
            "cohorts_session",
            "cohorts_session_ics",
            "cohorts_vote*",
            "cohorts_network",
            "courses_verify",
            "courses_offline",
            "courses_module_print",
            "courses_module_pdf",
            "courses_module_epub",
            "courses_service_worker",
            "courses_join",
            "signing_keys",
            "signing_key",
            "courses_badge_issuer",
            "courses_badge_revocations",
            "courses_achievement",
        ),
    ),
    Rule(
        "Whoever is signed in has their own pages.",
        SIGNED_IN,
        (
            "my",
            "unsent",
            "cohorts_my_pathway",
            "cohorts_my_calendar",
            "cohorts_my_week",
            "cohorts_my_mentor",
            "cohorts_my_cohorts",
            "cohorts_network_messages",
            "cohorts_my_office_hours",
            "courses_my_learning",
            "courses_my_certificates",
            "courses_module_parcel",
            "account_profile",
            "account_close",
            "account_email",
            "account_change_password",
        ),
    ),
    Rule("Whoever is signed in may begin an application in an open call.", SIGNED_IN, ("cohorts_start",)),
    Rule("Calendars do not sign in: whoever has a person's address reads their dates.", EVERYBODY, ("cohorts_calendar_feed",)),
    Rule(
        "What a project shows to the network is for the people of its projects, the team and the reviewers.",
        MEMBERS | {"peer"} | TEAM | REVIEWERS,
        ("cohorts_network_entry", "cohorts_network_css", "cohorts_network_logo", "cohorts_network_write"),
    ),
    Rule(
        "The inside of a cohort is for the people of the projects that hold a place in it, who accompanies them, and coordinators.",
        MEMBERS | {"peer"} | COORDINATORS,
        ("cohorts_space", "cohorts_announcement", "cohorts_shared_dossier", "cohorts_comment", "cohorts_peer_work", "cohorts_peer_file"),
    ),
    Rule("A work is shown to a cohort by who speaks for its project.", SPEAKERS, ("cohorts_peer_show",)),
    Rule("What a project is asked to say of others is for its members.", MEMBERS, ("cohorts_peer_asked",)),
    Rule("The dossier of a project is written by its members.", MEMBERS, ("cohorts_dossier",)),
    Rule("A form of the pathway is filled in by its members.", MEMBERS, ("cohorts_form",)),
    Rule("What was sent is read by the team without an interest too.", TRAINERS | JUDGES, ("cohorts_cms_form",)),
    Rule("So is a file that was sent with it.", MEMBERS | TRAINERS | JUDGES, ("cohorts_form_file",)),
    Rule("The forms of a cohort are compared by the team, without what is closed to the reader.", TEAM, ("cohorts_cms_forms",)),
    Rule("Its wordings are read by them and by coordinators without an interest.", MEMBERS | JUDGES, ("cohorts_heading_history",)),
    Rule("What changed in it is for coordinators without an interest.", JUDGES, ("cohorts_cms_dossier",)),
    Rule("What a project shows to its cohort is seen by its members (its lead chooses: VERBS).", MEMBERS, ("cohorts_sharing",)),
    Rule("Announcements are kept by coordinators (its own one posts them: VERBS).", COORDINATORS, ("cohorts_cms_announcement*",)),
    Rule("What a project shows is seen by its members (its lead chooses: VERBS).", MEMBERS, ("cohorts_network_own",)),
    Rule("A project reads its own indicators.", MEMBERS, ("cohorts_indicators_own",)),
    Rule("Who speaks for it fills them in.", SPEAKERS, ("cohorts_indicators_fill",)),
    Rule("A message of the network is read by whoever received it.", SPEAKERS, ("cohorts_network_message",)),
    Rule(
        "A reported one by coordinators without an interest in the project, who judge it.",
        JUDGES,
        ("cohorts_cms_network_message", "cohorts_cms_network_message_verb"),
    ),
    Rule(
        "A mail about a project is read by coordinators without an interest in it.",
        JUDGES,
        ("cohorts_cms_mail",),
    ),
    Rule(
        "Coordinators list the mails that they may read, and what leaves by itself.", COORDINATORS, ("mails:*", "cohorts_cms_mails_to_come")
    ),
    Rule("Coordinators list those that they may judge.", COORDINATORS, ("network_reports:index*",)),
    Rule("The gallery is for the team.", TEAM | REVIEWERS, ("ui_gallery",)),
    Rule(
        "An application is read on the site by the members of its project; staff read it where they work.",
        MEMBERS,
        ("cohorts_application", "cohorts_application_submitted", "cohorts_team"),
    ),
    Rule(
        "What was sent with it is read by its members and by who reads the application.",
        MEMBERS | JUDGES | {"reviewer"},
        ("cohorts_application_file",),
    ),
    Rule("Its lead withdraws it.", SPEAKERS, ("cohorts_application_withdraw",)),
    Rule("A project's steps are its members'.", MEMBERS, ("cohorts_step",)),
    Rule("The place offered is read by the members (its lead takes it: VERBS).", MEMBERS, ("cohorts_place",)),
    Rule("What leaving a cohort means is read by the members (its lead leaves: VERBS).", MEMBERS, ("cohorts_leave_cohort",)),
    Rule("Members see how their self-assessment stands.", MEMBERS, ("cohorts_self_assessment", "cohorts_assessment")),
    Rule("A decision is read by the members once it is released, and not before.", NOBODY, ("cohorts_decision",)),
    Rule(
        "Reviewers, and coordinators who review, have a list of their reviews.",
        REVIEWERS | COORDINATORS,
        ("cohorts_reviews", "cohorts_reviewer_profile"),
    ),
    Rule(
        "A review opens for who was asked and has no interest declared.",
        frozenset({"reviewer"}),
        ("cohorts_review", "cohorts_review_conflict", "cohorts_review_send"),
    ),
    Rule("A discussion opens for its readers once their own assessment is in, and not before.", NOBODY, ("cohorts_discussion",)),
    Rule("Polls are written, run and shown on the wall by trainers and coordinators.", TEAM, ("cohorts_cms_poll*", "cohorts_poll_wall")),
    Rule("How a session was is said by whoever was checked in, of oneself alone.", SPEAKERS, ("cohorts_satisfaction",)),
    Rule(
        "What comes after a session is handled by trainers and coordinators.",
        TEAM,
        ("cohorts_cms_satisfaction*", "cohorts_cms_afterwards*"),
    ),
    Rule("The desk is held by trainers and coordinators.", TEAM, ("cohorts_desk", "cohorts_desk_state", "cohorts_desk_print")),
    Rule(
        "A code leads its person to the session, the team to the desk, and their fellow members too.", MEMBERS | TEAM, ("cohorts_check_in",)
    ),
    Rule("A seat is given back by its person, or by a coordinator for them.", SPEAKERS | COORDINATORS, ("cohorts_registration_cancel",)),
    Rule("What shows who pays for a trip is read by its person and by coordinators.", SPEAKERS | COORDINATORS, ("cohorts_funding_proof",)),
    Rule("Whether one needs a visa, and what one's passport says, is typed by oneself alone.", SPEAKERS, ("cohorts_visa_letter",)),
    Rule(
        "A letter for a visa is read by its person and by the coordinator of the session.",
        SPEAKERS | {"coordinator"},
        ("cohorts_invitation_pdf",),
    ),
    Rule("The seat of one person is handled by coordinators.", COORDINATORS, ("cohorts_cms_registration", "cohorts_cms_registration_verb")),
    Rule(
        "A certificate is its holder's; trainers and coordinators follow them.",
        SPEAKERS | TEAM,
        ("courses_certificate", "courses_certificate_pdf"),
    ),
    Rule("Its badge is for its holder alone.", SPEAKERS, ("courses_certificate_badge",)),
    Rule("A private question is its asker's, and of those who answer.", SPEAKERS | TEAM, ("question",)),
    Rule("Whoever leads a project hands in its work.", SPEAKERS | {"peer"}, ("courses_work_hand_in",)),
    Rule("A file that was handed in is its project's; trainers and coordinators read it.", MEMBERS | TEAM, ("courses_work_file",)),
    Rule("An attempt is its learner's alone.", NOBODY, ("courses_attempt",)),
    Rule("An office hour for a cohort opens for whoever speaks for one of its projects.", SPEAKERS | {"peer"}, ("cohorts_office_hour",)),
    Rule("A booked hour is given back by whoever booked it.", SPEAKERS, ("cohorts_office_hour_give_back",)),
    # --- the CMS
    Rule(
        "What an application says is for coordinators without an interest in it.",
        JUDGES,
        ("cohorts_cms_application", "cohorts_cms_application_verb", "cohorts_cms_application_history", "cohorts_cms_reading*"),
    ),
    Rule("A partnership is read by the members of its project.", MEMBERS, ("cohorts_partnership",)),
    Rule(
        "An agreement that was sent is read by them too, and by coordinators without an interest.",
        MEMBERS | JUDGES,
        ("cohorts_agreement_file",),
    ),
    Rule(
        "A partnership is run by coordinators without an interest in the project.",
        JUDGES,
        ("cohorts_cms_partnership", "cohorts_cms_partnership_verb"),
    ),
    Rule("The list of partnerships is for coordinators (each row is asked for).", COORDINATORS, ("partnerships:index*",)),
    Rule(
        "The graduation file is for trainers and coordinators without an interest in the project.",
        JUDGES | {"trainer"},
        ("cohorts_cms_graduation", "cohorts_cms_graduation_verb"),
    ),
    Rule(
        "The results of a reading are for coordinators (each project is asked for).",
        COORDINATORS,
        ("cohorts_cms_results", "cohorts_cms_results_compare", "cohorts_cms_deliberation", "cohorts_cms_letters"),
    ),
    Rule("The report to the board is for coordinators (each row is asked for).", COORDINATORS, ("cohorts_cms_report*",)),
    Rule(
        "The reading is organised by coordinators: its rounds and its readers.",
        COORDINATORS,
        ("cohorts_cms_round", "cohorts_cms_round_verb", "cohorts_cms_reader"),
    ),
    Rule("Who reads the feed of what people learn is for coordinators to say.", COORDINATORS, ("courses_xapi_tokens",)),
    Rule(
        "The list of applications is for coordinators (each row is asked for).",
        COORDINATORS,
        ("applications:index", "applications:choose", "applications:act"),
    ),
    Rule(
        "The notes of the meetings with a project are written by trainers and coordinators without an interest in it.",
        JUDGES | {"trainer"},
        ("cohorts_cms_notes",),
    ),
    Rule("Trainers and coordinators hold office hours.", TEAM, ("cohorts_cms_office_hours",)),
    Rule("An office hour is its host's; coordinators stand in.", COORDINATORS, ("cohorts_cms_office_hour", "cohorts_cms_office_hour_verb")),
    Rule("A note is corrected by its author, or by a coordinator without an interest.", JUDGES, ("cohorts_cms_note",)),
    Rule(
        "The letters of a call, and a new call made from it, are for coordinators.",
        COORDINATORS,
        ("cohorts_cms_call_letters", "cohorts_cms_copy"),
    ),
    Rule(
        "Trainers and coordinators follow cohorts, projects, sessions and learning.",
        TEAM,
        (
            "search_report*",
            "cohorts_cms_cohort*",
            "cohorts_cms_participation*",
            "cohorts_cms_session*",
            "courses_cms_*",
            "cohorts:index*",
            "participations:index*",
            "projects:index*",
            "typologies:index*",
            "pathways:index*",
            "rubrics:index*",
            "network_entries:index*",
            "indicators:index*",
            "indicator_years:index*",
            "cohorts_cms_indicators",
            "sessions:index*",
            "enrolments:index*",
            "activity-records:index*",
            "quiz-attempts:index*",
            "to-mark:index*",
            "submissions:index*",
            "work-to-read:index*",
            "certificates:index*",
            "wiki_pages:index*",
            "wiki_pages:choose_parent",
            "wiki_verify",
            "wiki_import",
            "wiki_import_source",
            "wiki_import_batch",
            "wiki_import_report",
            "questions_cms_*",
            "questions:index*",
            "wiki_suggest",
            "wiki_write",
            "wiki_wanted",
            "wiki_broken",
            "short_links:*",
        ),
    ),
    Rule("Who needs somebody is for the team.", TEAM, ("cohorts_cms_attention",)),
    Rule(
        "What a project needs is for the team without an interest in it.",
        TRAINERS | JUDGES,
        ("cohorts_cms_attention_item", "cohorts_cms_attention_verb"),
    ),
    Rule("The rules of attention are written by coordinators.", COORDINATORS, ("cohorts_cms_attention_rules", "attention_rules:*")),
    Rule(
        "What a programme configures is written by coordinators.",
        COORDINATORS,
        (
            *(
                f"{name}:{view}*"
                for name in ("cohorts", "pathways", "rubrics", "typologies", "sessions", "indicators", "indicator_years")
                for view in ("add", "edit", "history", "usage")
            ),
            "projects:add*",
            "pathways:delete",
            "rubrics:delete",
            "rubric_parts:edit",
            "pathway_forms:edit",
            "typologies:delete",
            "indicators:delete",
            "indicator_years:delete",
        ),
    ),
    Rule(
        "What a project wrote for its applications is opened by no coordinator who has an interest in it.",
        JUDGES,
        ("projects:edit*", "projects:history*", "projects:usage*"),
    ),
    Rule(
        "What things happened to is not deleted by coordinators.",
        ADMINISTRATORS,
        ("cohorts:delete", "projects:delete", "sessions:delete"),
    ),
)

# Posts without a page of their own. Things and fields come from the world; an empty or wrong form is heard too, and says so.
VERBS: dict[str, tuple[tuple[str, ...], dict[str, str], frozenset]] = {
    "search_opened": ((), {"place": "1"}, EVERYBODY),
    "wiki_check_links": ((), {}, TEAM),
    "wiki_confirm_read": (("page",), {}, SIGNED_IN),
    "courses_enrol": (("course_key",), {}, SIGNED_IN),
    "courses_renew": (("course_key",), {}, SIGNED_IN),
    "courses_progress": (("lesson_key",), {"client": "tab", "sequence": "1", "progress": "0.5"}, SIGNED_IN),
    "courses_check": (("lesson_key", "check"), {}, EVERYBODY),
    "courses_complete": (("lesson_key",), {}, SIGNED_IN),
    "courses_attempt_start": (("quiz_key",), {}, SIGNED_IN),
    "courses_attempt_save": (("quiz_key", "one"), {}, SPEAKERS),
    "courses_attempt_submit": (("quiz_key", "one"), {}, SPEAKERS),
    "courses_work": (("assignment_key",), {"edition": "0", "text": "Ours"}, SPEAKERS | {"peer"}),
    "courses_work_count": (("assignment_key",), {}, SPEAKERS),
    "courses_cms_work_verb": (("work", "answer"), {"verdict": "accepted", "seen": "0"}, TEAM),
    "cohorts_application_invite": (("application",), {"email": "somebody@example.org", "role": "member"}, SPEAKERS),
    "cohorts_team_take_back": (("application", "invitation"), {}, SPEAKERS),
    "cohorts_team_member": (("application", "onlookers_place", "role"), {"role": "member"}, SPEAKERS),
    "cohorts_ready_apply": (("cohort",), {"carried": ""}, EVERYBODY),
    "cohorts_review_decline": (("proposed",), {}, frozenset({"idle_reviewer"})),
    "cohorts_discussion": (("assignment",), {"words": "Hear me."}, NOBODY),
    "cohorts_discussion_take_back": (("assignment", "one"), {}, NOBODY),
    "cohorts_review_begin": (("assignment",), {}, frozenset({"reviewer"})),
    "cohorts_review_confirm": (("assignment",), {"version": "1"}, frozenset({"reviewer"})),
    "cohorts_review_reopen": (("assignment",), {}, frozenset({"reviewer"})),
    "cohorts_my_calendar_act": (("open",), {}, SIGNED_IN),
    "cohorts_session_register": (("session",), {}, SIGNED_IN),
    "cohorts_desk_check_in": (("session",), {"registration": "registration"}, TEAM),
    "cohorts_desk_verify": (("session",), {"registration": "registration"}, COORDINATORS),
    "cohorts_desk_annul": (("session",), {"registration": "arrived"}, COORDINATORS),
    "cohorts_desk_close": (("session",), {}, COORDINATORS),
    "cohorts_place": (("participation",), {}, SPEAKERS),
    "cohorts_leave_cohort": (("participation",), {"reason": "No more money."}, SPEAKERS),
    "cohorts_registration_funding": (("registration",), {}, SPEAKERS | COORDINATORS),
    "cohorts_announcement": (("announcement",), {"words": "Hear me.", "key": KEY}, SPEAKERS | {"peer"} | COORDINATORS),
    "cohorts_shared_dossier": (
        ("participation",),
        {"words": "Hear me.", "key": KEY, "heading": "stakes"},
        SPEAKERS | {"peer"} | COORDINATORS,
    ),
    "cohorts_dossier": (("project",), {"history": "We began in May."}, SPEAKERS),
    "cohorts_peer_work": (("opening",), {"comment": "Hear me.", "save": "1"}, frozenset({"peer"})),
    "cohorts_peer_show": (("participation", "deliverable"), {}, SPEAKERS),
    "cohorts_peer_close": (("opening",), {}, SPEAKERS),
    "cohorts_peer_act": (("peer_feedback", "withdraw"), {"reason": "It names a client."}, JUDGES),
    "cohorts_peer_ask": (("cohort", "deliverable"), {}, COORDINATORS),
    "cohorts_form": (("project", "form"), {"intent": "send"}, SPEAKERS),
    "cohorts_sharing": (("project",), {"headings": "team"}, SPEAKERS),
    "cohorts_comment_act": (("comment", "hide"), {"reason": "It names a client."}, JUDGES),
    "cohorts_cms_announcements_verb": (
        ("cohort", "announce"),
        {"announce-title_en": "Come", "announce-body_en": "<p>Now</p>", "announce-delivery": "site", "letters": NO_LETTERS},
        JUDGES,
    ),
    "cohorts_cms_announcement_verb": (("announcement", "withdraw"), {"withdraw-reason": "Wrong day."}, COORDINATORS),
    "cohorts_funding_source": (("money",), {"verb": "remove"}, SPEAKERS | COORDINATORS),
    "cohorts_registration_visa": (("registration",), {"needed": "no"}, SPEAKERS),
    "cohorts_visa_letter": (("registration",), {"verb": "withdraw"}, SPEAKERS),
    "cohorts_cms_letter_verb": (("visa_letter", "refuse"), {"refuse-reason": "No."}, frozenset({"coordinator"})),
    "cohorts_cms_source_verb": (("money", "refuse"), {"refuse-reason": "No."}, COORDINATORS),
    "cohorts_cms_cohort_verb": (("cohort", "close"), {}, COORDINATORS),
    "cohorts_cms_application_verb": (("application", "ineligible"), {}, JUDGES),
    "cohorts_cms_round_verb": (("round", "ask"), {}, COORDINATORS),
    "cohorts_cms_reading_verb": (("application", "discuss"), {"discuss-words": "Hear me."}, JUDGES),
    "cohorts_cms_letters": (("cohort",), {"decision": "determination"}, NOBODY),
    "cohorts_cms_participation_verb": (("participation", "pause"), {}, COORDINATORS),
    "cohorts_cms_partnership_verb": (("partnership", "add_item"), {}, JUDGES),
    "cohorts_cms_graduation_verb": (("participation", "eligible"), {}, JUDGES),
    "cohorts_cms_attention_verb": (("attention_item", "done"), {"done-note": "We talked."}, TRAINERS | JUDGES),
    "cohorts_network_own": (("project",), {"audience": "nobody"}, SPEAKERS),
    "cohorts_network_messages": ((), {"entry": "entry"}, SPEAKERS),
    "cohorts_network_message": (("reported",), {"report": "Again."}, SPEAKERS),
    "cohorts_network_write": (("entry",), {"words": "Good day."}, MEMBERS | {"peer"} | TEAM | REVIEWERS),
    "cohorts_cms_mail_again": (("mail",), {}, JUDGES),
    "cohorts_cms_network_message_verb": (("reported", "settle"), {"settle-verdict": "fine"}, JUDGES),
    "cohorts_vote_on": (("poll_code",), {"choice": "one"}, EVERYBODY),
    "cohorts_poll_wall": (("poll",), {"verb": "close"}, TEAM),
    "cohorts_satisfaction": (("been",), {"useful": "4"}, SPEAKERS),
    "cohorts_cms_afterwards_verb": (("left", "answer"), {"answer-text": "Who pays?", "answer-answer": "The fund."}, TEAM),
    "cohorts_cms_afterwards_preview": (("left",), {"version": "1", "seen": "look"}, TEAM),
    "cohorts_cms_satisfaction_verb": (("over", "ask"), {}, TEAM),
    "cohorts_cms_polls_verb": (("session", "add"), {}, TEAM),
    "cohorts_cms_poll_verb": (("poll", "close"), {}, TEAM),
    "cohorts_cms_office_hour_verb": (("hour", "cancel"), {"cancel-reason": "Ill."}, COORDINATORS),
    "cohorts_cms_session_verb": (("session", "no_shows"), {}, COORDINATORS),
    "cohorts_cms_registration_verb": (("registration", "check_in"), {}, COORDINATORS),
    "wiki_import_begin": (("batch",), {}, TEAM),
    "wiki_import_stop": (("batch",), {}, TEAM),
    "applications:act": ((), {"verb": "write"}, COORDINATORS),
    "applications:save_view": ((), {"name": "Late", "query": "late=yes"}, COORDINATORS),
    "applications:change_view": (("saved_view", "delete"), {}, frozenset({"coordinator"})),
    "pathways:new_version": (("pathway",), {}, COORDINATORS),
    "rubrics:new_version": (("rubric",), {}, COORDINATORS),
    "courses_cms_act": (("course_key",), {"verb": "write"}, TEAM),
    "courses_cms_cell_verb": (("course_key", "promoter", "quiz_key", "excuse"), {}, TEAM),
    "courses_cms_record_verb": (("record", "complete"), {}, TEAM),
    "courses_cms_certificate_verb": (("certificate", "revoke"), {}, COORDINATORS),
}


def rules_of(address: str) -> list[Rule]:
    return [rule for rule in RULES if any(fnmatchcase(address, pattern) for pattern in rule.addresses)]
