"""What posts declare of their operations."""

from posts.samples import DRAFT, add_post_row
from userapi.kit.principal import Role
from userapi.posts.events import PostEvent
from userapi.testing.contract import Call, Contract, Kind

CONTRACT = Contract(
    calls={
        "list_posts": Call(Kind.LIST),
        "create_post": Call(Kind.CREATE, body=DRAFT, status=201, event=PostEvent.CREATED),
        "get_post": Call(Kind.READ),
        "update_post": Call(
            Kind.EDIT,
            body={"title": "On Engines"},
            also_sets={"content"},
            event=PostEvent.UPDATED,
            role=Role.MODERATOR,
            or_owner=True,
        ),
        "delete_post": Call(
            Kind.REMOVE, status=204, event=PostEvent.DELETED, role=Role.MODERATOR, or_owner=True
        ),
        "list_user_posts": Call(Kind.LIST),
    },
    schemas={"Post", "PostCreate", "PostSummary", "PostSummaryPage", "PostUpdate"},
    objects={"post_id": add_post_row},
)
