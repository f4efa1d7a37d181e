"""One search over everything that can be read here (design.md §6).

**How a part of the house makes its rows findable.** In the `ready` of its AppConfig:

    from academy.search import registry
    registry.register(
        GlossaryTerm,
        kind=registry.Kind("term", _("Glossary"), order=30),
        rows=GlossaryTerm.objects.all,           # a callable that gives the QuerySet of the rows that are findable at all
        entries=term_entries,                    # a function: one row → its Entry objects (usually one)
    )

    def term_entries(term):
        yield registry.Entry(title=term.name, body=term.definition, language=term.language, address=f"/{term.language}/glossary/#{term.slug}")

From then on each save and each delete of such a row keeps the index right, after the commit and in a task, and `manage.py reindex`
knows it. A verb that writes with `QuerySet.update` calls `index.later(row)` itself. A row that `rows()` does not hold is taken out.

What an Entry says: see its docstring. Who may find it:
- `page=`: a page of Wagtail: who may read the page (its section's privacy, live), asked at each search; its address needs no saying;
- `document=`: a file: the privacy of its collection;
- else `access=` (models.Access: everybody, members, team, curators, one person) and `person=`, who finds it in any case.

The rooms: `words` (text → words, pure), `models`, `schema` and `engine` (the two databases, same answers), `registry` and `index` (writing),
`files` (passages of documents), `query` (what is typed), `results` and `snippets` (what is shown), `nearest` (words nearby), `log`, `views`.
"""
