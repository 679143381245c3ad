"""Who reads which issue in GitLab, written by hand from its documentation, for the audience tests.

From `confidential_issues.md` and `permissions.md`: a confidential issue is read from Planner on, and by its author and its
assignees where they find the project at all; any other issue by whoever finds the project. A private project is found by its
members, from Guest on; an internal one by everybody who is signed in, but for external users who are no members; a public one by
everybody. How somebody came to a role (directly, by a group above, by an invited group) makes no difference. Custom roles are
listed by the level they were built on, 25 is the Security Manager.
"""

LEVELS = (10, 15, 20, 25, 30, 40, 50)
WAYS = ("direct", "inherited", "invited to the project", "invited to the group")
#: What somebody is to an issue.
INVOLVEMENTS = ("nobody", "assignee", "author", "author and assignee")

YES, NO, IF_INVOLVED = "yes", "no", "if involved"

#: visibility, confidential: no member, no member and external, Guest, Planner and above
READS = {
    ("public", False): (YES, YES, YES, YES),
    ("public", True): (IF_INVOLVED, IF_INVOLVED, IF_INVOLVED, YES),
    ("internal", False): (YES, NO, YES, YES),
    ("internal", True): (IF_INVOLVED, NO, IF_INVOLVED, YES),
    ("private", False): (NO, NO, YES, YES),
    ("private", True): (NO, NO, IF_INVOLVED, YES),
}


def reads(visibility: str, is_confidential: bool, level: int, involvement: str, *, external: bool = False) -> bool:
    """Whether somebody with a level (0 for no member) reads an issue."""
    column = 1 if level == 0 and external else 0 if level == 0 else 2 if level < 15 else 3
    answer = READS[visibility, is_confidential][column]
    return answer == YES or (answer == IF_INVOLVED and involvement != "nobody")
