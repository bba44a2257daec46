"""What a desk refuses.

DeskRefused
├── StepRefused   the step does not fit what has happened so far: 409, says why
├── NotOnDesk     there is no such thing in this person's sight: 404
└── WrongEntry    what was given is not right: 422, says what would be

PolicyInvalid     the policy file has a mistake: the service does not start
"""


class DeskRefused(Exception):
    """A desk did not do what was asked; nothing was stored. The message is for the person."""


class StepRefused(DeskRefused):
    """The step does not fit what has happened so far."""


class NotOnDesk(DeskRefused):
    """There is no such thing, or not in this person's sight: the answer is the same."""


class WrongEntry(DeskRefused):
    """What was given is not right; the message says what would be."""


class PolicyInvalid(Exception):
    """The policy file has a mistake; the message names the file, the place and the remedy."""
