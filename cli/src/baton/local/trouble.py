"""The one exception that a person sees: one line that says what is wrong and what to do.

Raised everywhere in baton.local; baton.__main__ prints it and exits 1, without a traceback.
"""


class Trouble(Exception):  # noqa: N818 - it is said to a person, "error" adds nothing
    """Something a person can put right. `str()` is the whole line, wording included."""
