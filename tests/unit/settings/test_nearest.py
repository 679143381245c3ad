from reports.settings.nearest import did_you_mean, nearest_word, quoted


def test_did_you_mean__nearest_known_word() -> None:
    assert did_you_mean("docs_update", {"docs_updates", "new_tickets"}) == "did you mean 'docs_updates'?"
    assert did_you_mean("emea", {"EMEA", "APAC"}) == "did you mean 'EMEA'?"


def test_did_you_mean__lists_a_few_and_not_many() -> None:
    assert did_you_mean("x", {"one", "two"}) == "expected one of one, two"
    assert did_you_mean("x", ["two", "one"]) == "expected one of two, one"
    assert did_you_mean("x", ["one"]) == "expected one"
    assert did_you_mean("x", [f"word{n}" for n in range(21)]) == ""
    assert did_you_mean("x", []) == ""


def test_nearest_word__none_is_near() -> None:
    assert nearest_word("happiness", ["new_tickets"]) == ""


def test_quoted__one_line_without_control_characters() -> None:
    assert quoted("a\nb") == r"'a\nb'"
    assert quoted("\x1b[31m") == r"'\x1b[31m'"
    assert len(quoted("x" * 100)) == 62
