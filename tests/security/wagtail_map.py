"""Every address of Wagtail's and for whom it opens, by the same rules: `tests/security/rules.py`.

An address is named with the things of the world that fill it, and may stand several times, with rows inside and outside of somebody's
reach. A new release of Wagtail that brings an address fails the test until somebody says here whose it is.
"""

from tests.security.rules import ADMINISTRATORS, COORDINATORS, NOBODY, TEAM

# Asked without a row: what they do is known, and tests of their own follow them.
APART = {
    "wagtailadmin_login",  # cms_login stands before it
    "wagtailadmin_logout",  # POST alone, test_sign_in
    "wagtail_bulk_action",  # test_people
    "wagtailadmin_error_test",  # raises on purpose, for who works in the CMS
    "wagtailredirects:process_import",  # goes on with a file just sent, by the administrator
    "wagtailadmin_sprite",  # icons and words, the same for everybody
    "wagtailadmin_javascript_catalog",
    "wagtailcore_authenticate_with_password",  # shared passwords are off
    "wagtaildocs_authenticate_with_password",
    "wagtailcore_login",  # page_login stands before it
    "wagtail_serve",  # the pages themselves: test_private_page…
    "wagtaildocs_serve",
}

NONE, PAGE, KIND = (), ("page",), ("wiki", "wikipage")

# Trainers curate the wiki, the courses and the files; coordinators may as well.
_CURATED: list[tuple[str, tuple]] = [
    ("wagtailadmin_editing_sessions:release", ("one",)),
    ("wagtailadmin_editing_sessions:ping", ("wiki", "wikipage", "page_id", "one")),
    ("wagtailadmin_pages:confirm_workflow_cancellation", PAGE),
    ("wagtailadmin_home", NONE),
    ("wagtailadmin_account", NONE),
    ("wagtailadmin_api:pages:listing", NONE),
    ("wagtailadmin_api:pages:detail", PAGE),
    ("wagtailadmin_api:pages:action", ("page", "unpublish")),
    ("wagtailadmin_api:documents:listing", NONE),
    ("wagtailadmin_api:documents:detail", ("document",)),
    ("wagtailadmin_api:images:listing", NONE),
    ("wagtailadmin_api:images:detail", ("image",)),
    ("wagtailadmin_explore_root", NONE),
    ("wagtailadmin_explore", ("section",)),
    ("wagtailadmin_explore_results", ("section",)),
    ("wagtailadmin_pages:add", (*KIND, "section")),
    ("wagtailadmin_pages:preview_on_add", (*KIND, "section")),
    ("wagtailadmin_pages:choose_parent", KIND),
    ("wagtailadmin_pages:type_use", KIND),
    ("wagtailadmin_pages:type_use_results", KIND),
    ("wagtailadmin_pages:usage", PAGE),
    ("wagtailadmin_pages:edit", PAGE),
    ("wagtailadmin_pages:edit", ("draft",)),
    ("wagtailadmin_pages:preview_on_edit", PAGE),
    ("wagtailadmin_pages:view_draft", ("draft",)),
    ("wagtailadmin_pages:add_subpage", ("section",)),
    ("wagtailadmin_pages:delete", PAGE),
    ("wagtailadmin_pages:unpublish", PAGE),
    ("wagtailadmin_pages:convert_alias", ("alias",)),
    ("wagtailadmin_pages:search", NONE),
    ("wagtailadmin_pages:search_results", NONE),
    ("wagtailadmin_pages:move", PAGE),
    ("wagtailadmin_pages:move_confirm", ("page", "other_section")),
    ("wagtailadmin_pages:set_page_position", PAGE),
    ("wagtailadmin_pages:copy", PAGE),
    ("wagtailadmin_pages:set_privacy", PAGE),
    ("wagtailadmin_pages:lock", PAGE),
    ("wagtailadmin_pages:unlock", PAGE),
    ("wagtailadmin_pages:revisions_index", PAGE),
    ("wagtailadmin_pages:revisions_view", ("page", "revision")),
    ("wagtailadmin_pages:revisions_revert", ("page", "revision")),
    ("wagtailadmin_pages:revisions_unschedule", ("page", "revision")),
    ("wagtailadmin_pages:revisions_compare", ("page", "earliest", "latest")),
    ("wagtailadmin_pages:workflow_history", PAGE),
    ("wagtailadmin_pages:history", PAGE),
    ("wagtailadmin_pages:history_results", PAGE),
    ("wagtailadmin_choose_page", NONE),
    ("wagtailadmin_choose_page_child", ("section",)),
    ("wagtailadmin_choose_page_search", NONE),
    ("wagtailadmin_choose_page_chosen_multiple", NONE),
    ("wagtailadmin_choose_page_external_link", NONE),
    ("wagtailadmin_choose_page_email_link", NONE),
    ("wagtailadmin_choose_page_phone_link", NONE),
    ("wagtailadmin_choose_page_anchor_link", NONE),
    ("wagtailadmin_tag_autocomplete", NONE),
    ("wagtailadmin_tag_model_autocomplete", ("taggit", "tag")),
    ("wagtailadmin_reports:locked_pages", NONE),
    ("wagtailadmin_reports:locked_pages_results", NONE),
    ("wagtailadmin_reports:workflow", NONE),
    ("wagtailadmin_reports:workflow_results", NONE),
    ("wagtailadmin_reports:workflow_tasks", NONE),
    ("wagtailadmin_reports:workflow_tasks_results", NONE),
    ("wagtailadmin_reports:aging_pages", NONE),
    ("wagtailadmin_reports:aging_pages_results", NONE),
    ("wagtailadmin_reports:page_types_usage", NONE),
    ("wagtailadmin_reports:page_types_usage_results", NONE),
    ("wagtailadmin_dismissibles", NONE),
    ("simple_translation:submit_page_translation", PAGE),
    ("wagtailembeds:chooser", NONE),
    ("wagtailembeds:chooser_upload", NONE),
    ("wagtaildocs:index", NONE),
    ("wagtaildocs:index_results", NONE),
    ("wagtaildocs:add", NONE),
    ("wagtaildocs:edit", ("document",)),
    ("wagtaildocs:delete", ("document",)),
    ("wagtaildocs:add_multiple", NONE),
    ("wagtaildocs:edit_multiple", ("document",)),
    ("wagtaildocs:delete_multiple", ("document",)),
    ("wagtaildocs:document_usage", ("document",)),
    ("wagtaildocs_chooser:choose", NONE),
    ("wagtaildocs_chooser:choose_results", NONE),
    ("wagtaildocs_chooser:chosen", ("document",)),
    ("wagtaildocs_chooser:chosen_multiple", NONE),
    ("wagtaildocs_chooser:create", NONE),
    ("wagtailimages:index", NONE),
    ("wagtailimages:index_results", NONE),
    ("wagtailimages:add", NONE),
    ("wagtailimages:edit", ("image",)),
    ("wagtailimages:delete", ("image",)),
    ("wagtailimages:preview", ("image", "filter_spec")),
    ("wagtailimages:image_usage", ("image",)),
    ("wagtailimages:add_multiple", NONE),
    ("wagtailimages:edit_multiple", ("image",)),
    ("wagtailimages:delete_multiple", ("image",)),
    ("wagtailimages_chooser:choose", NONE),
    ("wagtailimages_chooser:choose_results", NONE),
    ("wagtailimages_chooser:chosen", ("image",)),
    ("wagtailimages_chooser:chosen_multiple", NONE),
    ("wagtailimages_chooser:create", NONE),
    ("wagtailimages_chooser:select_format", ("image",)),
]

# People are the coordinators', save those who could lift somebody higher.
_PEOPLE: list[tuple[str, tuple]] = [
    ("wagtailusers_users:index", NONE),
    ("wagtailusers_users:index_results", NONE),
    ("wagtailusers_users:add", NONE),
    *((f"wagtailusers_users:{view}", ("promoter",)) for view in ("edit", "history", "history_results", "usage")),
]

# Settings, users' rights, brand, the shape of the site: the administrator's.
_ADMINISTERED: list[tuple[str, tuple]] = [
    *((f"wagtailusers_users:{view}", (person,)) for view in ("edit", "usage") for person in ("admin_user", "coordinator_two")),
    ("wagtailusers_users:delete", ("promoter",)),
    *((f"wagtail{model}:{view}", NONE) for model in ("sites", "locales", "users_groups") for view in ("index", "index_results", "add")),
    *((f"wagtailsites:{view}", ("site",)) for view in ("edit", "delete", "history", "history_results", "usage", "copy")),
    *((f"wagtaillocales:{view}", ("locale",)) for view in ("edit", "delete", "history", "history_results", "usage")),
    *((f"wagtailusers_groups:{view}", ("group",)) for view in ("edit", "delete", "history", "history_results", "usage")),
    ("wagtailsettings:edit", ("academy", "brand")),
    ("wagtailsettings:edit", ("academy", "sitesettings")),
    ("wagtailsettings:edit", ("academy", "brand", "site")),
    ("wagtailadmin_collections:index", NONE),
    ("wagtailadmin_collections:add", NONE),
    *((f"wagtailadmin_collections:{view}", ("collection",)) for view in ("edit", "delete", "set_privacy")),
    ("wagtailadmin_workflows:index", NONE),
    ("wagtailadmin_workflows:index_results", NONE),
    ("wagtailadmin_workflows:add", NONE),
    *((f"wagtailadmin_workflows:{view}", ("workflow",)) for view in ("enable", "disable", "edit", "usage", "usage_results")),
    ("wagtailadmin_workflows:remove", PAGE),
    ("wagtailadmin_workflows:remove", ("page", "workflow")),
    ("wagtailadmin_workflows:add_task", ("wagtailcore", "groupapprovaltask")),
    ("wagtailadmin_workflows:select_task_type", NONE),
    ("wagtailadmin_workflows:task_index", NONE),
    ("wagtailadmin_workflows:task_index_results", NONE),
    *((f"wagtailadmin_workflows:{view}", ("task",)) for view in ("edit_task", "disable_task", "enable_task")),
    ("wagtailadmin_workflows:task_chooser", NONE),
    ("wagtailadmin_workflows:task_chooser_results", NONE),
    ("wagtailadmin_workflows:task_chooser_create", NONE),
    ("wagtailadmin_workflows:task_chosen", ("task",)),
    ("wagtailadmin_reports:site_history", NONE),
    ("wagtailadmin_reports:site_history_results", NONE),
    ("wagtailredirects:index", NONE),
    ("wagtailredirects:index_results", NONE),
    ("wagtailredirects:add", NONE),
    ("wagtailredirects:start_import", NONE),
    ("wagtailredirects:edit", ("redirect",)),
    ("wagtailredirects:delete", ("redirect",)),
]

# Off, or with nothing behind it here: nobody comes further, and nothing breaks.
_CLOSED: list[tuple[str, tuple]] = [
    ("wagtailimages:url_generator_output", ("image",)),
    ("wagtailimages:url_generator", ("image",)),
    ("wagtailadmin_block_preview", NONE),
    ("wagtailadmin_password_reset", NONE),
    ("wagtailadmin_password_reset_done", NONE),
    ("wagtailadmin_password_reset_complete", NONE),
    ("wagtailadmin_password_reset_confirm", ("word", "word")),
    ("wagtailadmin_api:pages:find", NONE),
    ("wagtailadmin_api:documents:find", NONE),
    ("wagtailadmin_api:images:find", NONE),
    ("wagtailsnippets:index", NONE),
    ("simple_translation:submit_snippet_translation", ("academy", "user", "one")),
    ("wagtailadmin_pages:workflow_action", ("page", "word", "one")),
    ("wagtailadmin_pages:collect_workflow_action_data", ("page", "word", "one")),
    ("wagtailadmin_pages:workflow_preview", ("page", "task")),
    ("wagtailadmin_pages:workflow_history_detail", ("page", "one")),
    ("wagtailadmin_pages:edit", ("root",)),
    ("wagtailadmin_pages:delete", ("root",)),
    ("wagtailsettings:preview_on_edit", ("academy", "brand", "site")),
    ("wagtaildocs:create_multiple_from_uploaded_document", ("one",)),
    ("wagtaildocs:delete_upload_multiple", ("one",)),
    ("wagtailimages:create_multiple_from_uploaded_image", ("one",)),
    ("wagtailimages:delete_upload_multiple", ("one",)),
]

# Each model that is a snippet: a row of it, by its name in the world, and for whom its screens open. A new snippet is one line here.
SNIPPETS: dict[str, tuple[str, frozenset]] = {
    "wiki_glossaryterm": ("term", TEAM),
}
_OF_ALL = ("list", "list_results", "add")
_OF_ONE = ("edit", "delete", "usage", "history", "history_results")
_SNIPPETS: list[tuple[str, tuple, frozenset]] = [
    row
    for model, (thing, opens) in SNIPPETS.items()
    for row in (
        *((f"wagtailsnippets_{model}:{view}", NONE, opens) for view in _OF_ALL),
        *((f"wagtailsnippets_{model}:{view}", (thing,), opens) for view in _OF_ONE),
        *((f"wagtailsnippetchoosers_{model}:{view}", NONE, opens) for view in ("choose", "choose_results", "chosen_multiple", "create")),
        (f"wagtailsnippetchoosers_{model}:chosen", (thing,), opens),
    )
]

WAGTAIL: list[tuple[str, tuple, frozenset]] = _SNIPPETS + [
    (key, things, opens)
    for rows, opens in ((_CURATED, TEAM), (_PEOPLE, COORDINATORS), (_ADMINISTERED, ADMINISTRATORS), (_CLOSED, NOBODY))
    for key, things in rows
]
