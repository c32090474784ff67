"""What can go wrong with jobs."""

from userapi.kit.errors import OperatorError


class NoSuchDeadJob(OperatorError):
    """No job with that id was given up."""

    message = "no job with that id was given up; see: userapi jobs list"


class NoSuchKind(OperatorError):
    """No feature handles the job any more."""

    message = "no feature handles jobs of that kind any more"
