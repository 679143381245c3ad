"""The GraphQL texts this tool sends to GitLab, names in variables; a test holds each against GitLab's own schema.

Complexity is counted by GitLab (limit 250): a connection costs its children times 1 + 0.01 × first.
"""

PEOPLE_PER_QUERY = 50
ACCOUNTS_PER_QUERY = 100
PLACES_PER_QUERY = 4
ROLES_PER_QUERY = 10
PROJECTS_PER_QUERY = 100
DESTINATIONS_PER_QUERY = 4

_COST = "queryComplexity { score limit } currentUser { username }"

_MERGE_REQUESTS = """pageInfo { hasNextPage endCursor }
  nodes { id iid title webUrl mergedAt project { fullPath } labels(first: 20) { nodes { title } } }"""

_ISSUES = """pageInfo { hasNextPage endCursor }
  nodes {
    id iid title webUrl confidential createdAt closedAt taskCompletionStatus { count completedCount }
    author { username bot } assignees(first: 20) { nodes { username bot } } labels(first: 20) { nodes { title } }
  }"""

_MERGED = "state: merged, mergedAfter: $from, mergedBefore: $to, updatedAfter: $since, first: 100"
_OPENED = """or: {authorUsernames: $users}, types: [ISSUE], createdAfter: $from, createdBefore: $to, updatedAfter: $since,
    includeSubgroups: true, sort: CREATED_ASC, first: 100"""
_CHANGED = "types: [ISSUE], updatedAfter: $since, createdBefore: $to, sort: CREATED_ASC"

PEOPLE = f"""
query People($users: [String!]!, $group: ID!, $from: Time!, $to: Time!, $since: Time!) {{
  {_COST}
  users(usernames: $users, first: {PEOPLE_PER_QUERY}) {{ nodes {{ id username bot
    authoredMergeRequests({_MERGED}) {{ {_MERGE_REQUESTS} }} }} }}
  place: group(fullPath: $group) {{ issues({_OPENED}) {{ {_ISSUES} }} }}
}}"""

MERGED_BY_ONE = f"""
query MergedByOne($users: [String!]!, $from: Time!, $to: Time!, $since: Time!, $after: String) {{
  users(usernames: $users, first: 1) {{ nodes {{ id username bot
    authoredMergeRequests({_MERGED}, after: $after) {{ {_MERGE_REQUESTS} }} }} }}
}}"""

OPENED_IN_GROUP = f"""
query OpenedInGroup($path: ID!, $users: [String!]!, $from: Time!, $to: Time!, $since: Time!, $after: String) {{
  place: group(fullPath: $path) {{ issues({_OPENED}, after: $after) {{ {_ISSUES} }} }}
}}"""

ACCOUNTS = f"""
query Accounts($names: [String!], $ids: [ID!]) {{
  currentUser {{ username }}
  users(usernames: $names, ids: $ids, first: {ACCOUNTS_PER_QUERY}) {{ nodes {{ id username bot }} }}
}}"""


def places_query(count: int) -> str:
    """The first issues that changed in `count` projects at once: variables `p0`, `p1`, … name the projects."""
    names = "".join(f", $p{n}: ID!" for n in range(count))
    projects = "\n".join(
        f"p{n}: project(fullPath: $p{n}) {{ issues({_CHANGED}, first: 50) {{ {_ISSUES} }} }}" for n in range(count)
    )
    return f"query Places($to: Time!, $since: Time!{names}) {{\nqueryComplexity {{ score limit }}\n{projects}\n}}"


CHANGED_IN_PROJECT = f"""
query ChangedInProject($path: ID!, $to: Time!, $since: Time!, $after: String) {{
  place: project(fullPath: $path) {{ issues({_CHANGED}, first: 100, after: $after) {{ {_ISSUES} }} }}
}}"""

_ROLE = "search: $reader, first: 10) { nodes { accessLevel { integerValue } user { username } } }"
_WAYS_IN = "relations: [DIRECT, INHERITED, INVITED_GROUPS, SHARED_INTO_ANCESTORS]"


def roles_query(count: int) -> str:
    """The role of one user in a group and in `count` projects, and whether their merge requests can be seen."""
    names = "".join(f", $p{n}: ID!" for n in range(count))
    projects = "\n".join(
        f"p{n}: project(fullPath: $p{n}) {{ userPermissions {{ readMergeRequest }} members: projectMembers({_WAYS_IN}, {_ROLE} }}"
        for n in range(count)
    )
    return f"""query Roles($reader: String!, $group: ID!{names}) {{
group: group(fullPath: $group) {{ visibility
  members: groupMembers(relations: [DIRECT, INHERITED, SHARED_FROM_GROUPS], {_ROLE} }}
{projects}
}}"""


PROJECTS_BY_ID = f"""
query ProjectsById($ids: [ID!]) {{
  projects(ids: $ids, first: {PROJECTS_PER_QUERY}) {{ nodes {{ id fullPath }} }}
}}"""

CLOSED_IN_PROJECT = f"""
query ClosedInProject($path: ID!, $from: Time!, $to: Time!, $after: String) {{
  place: project(fullPath: $path) {{ issues(state: closed, closedAfter: $from, closedBefore: $to,
    sort: CREATED_ASC, first: 100, after: $after) {{ {_ISSUES} }} }}
}}"""

WAITING_IN_PROJECT = f"""
query WaitingInProject($path: ID!, $after: String) {{
  place: project(fullPath: $path) {{ issues(state: opened, sort: CREATED_ASC, first: 100, after: $after) {{ {_ISSUES} }} }}
}}"""

_OWN_ISSUES = """pageInfo { hasNextPage endCursor }
  nodes { iid title description state webUrl confidential author { username }
    assignees(first: 20) { nodes { id username } } }"""

_MEMBERS = "pageInfo { hasNextPage endCursor } nodes { accessLevel { integerValue } user { id username } }"

#: Those with the highest access first: whoever is below what matters need not be read.
_EVERY_MEMBER = "projectMembers(relations: [DIRECT, INHERITED, INVITED_GROUPS, SHARED_INTO_ANCESTORS], sort: ACCESS_LEVEL_DESC, "


def destinations_query(count: int) -> str:
    """The audience and the bot's issues of `count` projects at once: variables `p0`, `p1`, … name the projects.

    Of the closed ones those opened since `o0`, `o1`, … and closed since `c0`, `c1`, …; one project alone has longer pages.
    """
    members, issues = (100, 100) if count == 1 else (10, 6)
    asked = "".join(f", $p{n}: ID!, $o{n}: Time, $c{n}: Time" for n in range(count))
    projects = "\n".join(
        f"""p{n}: project(fullPath: $p{n}) {{ id fullPath visibility
  {_EVERY_MEMBER}first: {members}) {{ {_MEMBERS} }}
  open: issues(authorUsername: $bot, state: opened, first: {issues}) {{ {_OWN_ISSUES} }}
  closed: issues(authorUsername: $bot, state: closed, createdAfter: $o{n}, closedAfter: $c{n}, first: {issues})
    {{ {_OWN_ISSUES} }} }}"""
        for n in range(count)
    )
    return f"query Destinations($bot: String!{asked}) {{\n{projects}\n}}"


MORE_MEMBERS = f"""
query MoreMembers($path: ID!, $after: String) {{
  place: project(fullPath: $path) {{ {_EVERY_MEMBER}first: 100, after: $after) {{ {_MEMBERS} }} }}
}}"""

MORE_OPEN = f"""
query MoreOpen($path: ID!, $bot: String!, $after: String) {{
  place: project(fullPath: $path) {{
    issues(authorUsername: $bot, state: opened, first: 100, after: $after) {{ {_OWN_ISSUES} }} }}
}}"""

MORE_CLOSED = f"""
query MoreClosed($path: ID!, $bot: String!, $opened: Time, $closed: Time, $after: String) {{
  place: project(fullPath: $path) {{
    issues(authorUsername: $bot, state: closed, createdAfter: $opened, closedAfter: $closed, first: 100, after: $after)
      {{ {_OWN_ISSUES} }} }}
}}"""

NEWEST = f"""
query Newest($path: ID!, $bot: String!, $after: String) {{
  place: project(fullPath: $path) {{
    issues(authorUsername: $bot, sort: CREATED_DESC, first: 20, after: $after) {{ {_OWN_ISSUES} }} }}
}}"""

PROJECTS_PER_REREAD = 5


def issues_query(count: int) -> str:
    """Issues of `count` projects by number: variables `p0`, … name the projects and `i0`, … the numbers, 100 at most in all."""
    asked = ", ".join(f"$p{n}: ID!, $i{n}: [String!]" for n in range(count))
    first = 100 if count == 1 else 60
    projects = "\n".join(
        f"p{n}: project(fullPath: $p{n}) {{ issues(iids: $i{n}, first: {first}) {{ {_OWN_ISSUES} }} }}" for n in range(count)
    )
    return f"query Issues({asked}) {{\n{projects}\n}}"


PEOPLE_PER_LOOKUP = 100

USER_IDS = f"""
query People($names: [String!]!) {{
  users(usernames: $names, first: {PEOPLE_PER_LOOKUP}) {{ nodes {{ id username }} }}
}}"""

_THREADS = """issues(authorUsername: $bot, updatedAfter: $since, sort: UPDATED_ASC, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { iid description state webUrl createdAt updatedAt closedAt userNotesCount
      assignees(first: 20) { nodes { username } } } }"""

_THREADS_ASKED = "$path: ID!, $bot: String!, $since: Time!, $after: String"

THREADS_IN_GROUP = f"""
query ThreadsInGroup({_THREADS_ASKED}) {{
  place: group(fullPath: $path) {{ {_THREADS.replace("issues(", "issues(includeSubgroups: true, ")} }}
}}"""

THREADS_IN_PROJECT = f"""
query ThreadsInProject({_THREADS_ASKED}) {{
  place: project(fullPath: $path) {{ {_THREADS} }}
}}"""
