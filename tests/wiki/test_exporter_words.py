"""Words that a careless writer of markdown would turn into something else."""

WORDS = [
    "# titre", "## deux", "> citation", "- tiret", "+ plus", "* étoile", "1. un", "12) douze", "1986. Une année", "---", "***", "===", "= x", "-",
    "```", "~~~", "`code`", "``", "a `b", "**gras**", "*i*", "_i_", "snake_case_name", "__init__", "~~barré~~", "~x~", "^x^", "==marqué==", "++ins++",
    "[lien](https://x.y)", "[[Titre]]", "![i](x)", "[TOC]", "[^1]", "[^1]: note", "[x] fait", "[name=Moi]", "*[HTML]: sigle", "<b>pas gras</b>",
    "<script>alert(1)</script>", "<!-- caché -->", "&amp;", "&copy;", "&#32;", "a & b", "AT&T", "\\", "a\\", "\\*", "a \\\\ b", "| a | b |", "a | b", "||",
    ":::", ":::warning x", ": définition", ":smile:", "$x$", "$$", "5$ et 10$", "{% youtube x %}", "{% embed url=\"x\" %}", "{% file src=\"x\" %}",
    "{#ancre}", "{.row-headings}", "Table: x", "Tableau : x", "https://www.example.org/a_b", "www.example.org", "moi@example.org", "C++ et g++", "x == y",
    "« é »", "l’œuvre", "10 %", "a*b*c", "2*3", "\"citation\"", "'x'", "(x)", "]", "[", "]]", "!", "![", "<", ">", "<a", "a<b", "<https://x.y>", "\u00a0insécable\u00a0",
    "日本語", "🎉", "----", "+-", "-- x", "_", "__", "*", "**", "~", "^", "$", "{", "}", "%}", "#", "#tag", "a#b", "…", "x:y", "::: x :::", "1.", "1.5", "0)",
]  # fmt: skip
