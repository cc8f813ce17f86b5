"""What a user can mend."""


class Refusal(Exception):
    """The reason, and what to do, in a sentence."""


def first_line(error):
    """An error's first line, or its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
