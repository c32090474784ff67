import pytest

from userapi.kit.pagination import MAX_PAGE, MAX_PER_PAGE, Page, PageRequest


@pytest.mark.parametrize(
    ("page", "per_page", "offset"),
    [(1, 20, 0), (2, 20, 20), (3, 1, 2), (MAX_PAGE, MAX_PER_PAGE, 99_999_900)],
)
def test_how_many_rows_come_before_a_page(page: int, per_page: int, offset: int) -> None:
    assert PageRequest(page, per_page).offset == offset


def test_the_first_page_of_twenty_is_the_default() -> None:
    assert PageRequest() == PageRequest(page=1, per_page=20)


@pytest.mark.parametrize(
    ("total", "per_page", "pages"),
    [(0, 20, 0), (1, 20, 1), (20, 20, 1), (21, 20, 2), (100, 1, 100), (2**53 + 1, 2, 2**52 + 1)],
)
def test_how_many_pages_there_are(total: int, per_page: int, pages: int) -> None:
    assert Page(items=[], page=1, per_page=per_page, total=total).pages == pages
