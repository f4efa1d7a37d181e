"""The list of applications: its filters, its columns and its order are all in its address, so that a view of it can be kept and sent.

`filters` reads the address and narrows the rows, `columns` says what can be shown, `rows` reads what is shown of some rows, `shown` puts
the three together for one reader; `cms` and `export` are what the reader gets. Who may read which row is `Application.objects.for_staff`.
"""
