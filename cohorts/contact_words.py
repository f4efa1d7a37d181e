"""What one reaches somebody by, wherever a text says it: hidden from who reads without names (`cohorts.faces`). No ORM.

Every part is bounded, so that no text takes long.
"""

from __future__ import annotations

import re

_NETWORKS = r"(?i:facebook|instagram|insta|linked ?in|twitter|you ?tube|tik ?tok|telegram|whats ?app|snapchat|mastodon|bluesky|skype|we ?chat|weixin|viber|zalo|kakao ?talk)"
_AT = r"[ \t]{0,2}[\[({<][ \t]{0,2}(?i:at|arobase|chez|@)[ \t]{0,2}[\])}>][ \t]{0,2}"
_DOT = r"(?:\.(?=\w)|[ \t]{0,2}[\[({<][ \t]{0,2}(?i:dot|point|\.)[ \t]{0,2}[\])}>][ \t]{0,2}|[ \t]{1,2}(?i:dot|point)[ \t]{1,2})"
_GAP = r" ./()\xa0\u202f\u2010-\u2013-"  # what stands between the figures of a number
_DATE = r"(?!\d{1,2}[./-]\d{1,2}[./-]\d{4}(?!\d))"

ADDRESSES = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}[@＠][\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"  # mail (RFC 5321: at most 64 before the sign)
    rf"|(?<![\w.+-])[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,8}}"  # paula [at] example dot org
    r"|(?<![\w.+-])[\w.+-]{1,64}[ \t]{1,2}@[ \t]{1,2}[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"  # paula @ example.org
    r"|(?<![\w.+-])[\w.+-]{1,64} (?i:at|arobase) [\w-]{1,63}(?: (?i:dot|point) [\w-]{1,63}){1,8}"  # paula at example dot org
    r"|(?<![\w.+-])[\w.+-]{1,64}[ \t]?\((?i:a)\)[ \t]?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"  # paula (a) example.org
    r"|(?:https?://|www\.)[^\s<>\"')\],;]*[^\s<>\"')\],;.:!?]"  # web
    r"|(?<![\w@./-])(?:[\w-]{1,63}\.){1,4}(?:[a-z]{2,10}/[^\s<>\"')\],;]{0,200}[^\s<>\"')\],;.:!?]|(?:com|org|net|coop|info|eu|io|be|fr)(?![\w.-]*\w))"
    rf"|\b{_NETWORKS}[ \t\xa0]{{0,2}}[:/][ \t]{{0,2}}"  # an account of a social network, said by name
    r"(?:@[\w.-]{2,64}|[A-ZÀ-Þ][\w&'’.-]{0,64}\w(?:[ \t][A-ZÀ-Þ][\w&'’-]{1,64}){0,4}|\w{1,64}[._]\w[\w.]{0,64}|[^\W\d_]\w{3,64}(?=\s*(?:[.,;)]|$)))"
    r"|(?<![\w@])@[\w.-]{2,64}(?<![.-])"  # or with its sign
    rf"|\+\d[\d{_GAP}]{{6,24}}\d"  # telephone: from abroad
    rf"|(?<![\w,])(?<!\d[./-]){_DATE}[0٠۰०]\d(?:[{_GAP}]{{0,2}}\d){{7,13}}(?!\w)"  # and at home, 0470 12 34 56
    rf"|\b(?i:t[ée]l(?:[ée]phone)?|phone|gsm|fax)\b[\s.:]{{0,3}}\(?\d[\d{_GAP}]{{5,24}}\d",  # or without a 0, said to be one
    re.MULTILINE,
)
