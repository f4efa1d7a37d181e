"""English for readers of many countries: the month in letters everywhere, since 11/12 is two days of the year."""

SHORT_DATE_FORMAT = "N j, Y"
SHORT_DATETIME_FORMAT = "N j, Y, P"
