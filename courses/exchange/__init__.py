"""Questions that come from elsewhere and go elsewhere: text in, plain questions and notes out, and back. No database in here."""
