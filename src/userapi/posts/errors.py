"""What can go wrong with a post.

DomainError
└── PostNotFound   there is no such post
"""

from userapi.kit.errors import DomainError, Kind


class PostNotFound(DomainError):
    """There is no such post."""

    kind = Kind.NOT_FOUND
    code = "post-not-found"
    title = "Post not found"
    detail = "No post has this id; it may have been deleted."
