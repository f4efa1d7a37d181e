"""The starter content: what a new Academy finds on its first day. Texts lie in `<app>/content/`, this loads them.

Everything is created once and never written over: what a person edits, moves or deletes since is theirs.
"""
