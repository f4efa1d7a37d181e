"""The one exception for a refused action."""


class RuleViolation(Exception):
    """An action is not allowed now.

    The message is a sentence for the person who tried: what is wrong and what to do. Views turn it into a message on the
    screen (academy.http.refuse_politely); commands print it.
    """

    def __init__(self, message, *, code: str = "refused"):
        super().__init__(message)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return str(self.message)
