import pytest

from reports.core.check_boxes import with_ticks


@pytest.mark.parametrize(
    ("text", "shown", "expected"),
    [
        ("- [ ] one\n- [ ] two", "- [ ] one\n- [x] two", "- [ ] one\n- [x] two"),
        ("New\n\n* [ ] two", "- [X] two", "New\n\n* [X] two"),
        ("1. [ ] one", "1. [~] one", "1. [~] one"),
        ("> - [ ] quoted", "- [x] quoted", "> - [x] quoted"),
        ("- [ ] same\n- [ ] same", "- [x] same\n- [ ] same", "- [x] same\n- [ ] same"),
        ("- [ ] other words", "- [x] one", "- [ ] other words"),
        ("- [x] ours", "- [ ] ours", "- [x] ours"),
        ("no [ ] box", "- [x] box", "no [ ] box"),
    ],
)
def test_with_ticks__ticks_what_was_ticked(text: str, shown: str, expected: str) -> None:
    assert with_ticks(text, shown) == expected
