"""The words of the made-up world: titles, customer texts and titles that try to do harm; no choice is made here."""

#: In every text of a customer, so that a test can search a report for it.
CANARY = "CANARY"

DOCS_TITLES = (
    "Clarify which runner versions support cache compression",
    "Docs: explain how SAML group sync treats nested groups",
    "Add a troubleshooting entry for stuck background migrations",
    "Document the upgrade path through 17.11",
    "Fix the example for external object storage",
    "Correct the default of max_artifacts_size",
    "Explain rate limits of the container registry API",
    "Add verification steps to the Geo failover page",
    "Describe what happens to scheduled pipelines of a blocked user",
    "Link the Gitaly backup page from the restore page",
)
FIX_TITLES = (
    "Show the job token scope in the error message",
    "Fix pagination of group access tokens",
    "Retry artifact upload when object storage answers 503",
    "Do not log the full URL of a webhook",
    "Speed up the query behind the seat usage page",
    "Keep the line filter when a job log is reloaded",
)
PRODUCT_TITLES = (
    "Move the merge widget to a new component",
    "Remove an unused feature flag for code search",
    "Add an index on ci_builds for stuck jobs",
    "Refactor the token rotation service",
    "Update the Go toolchain used by workhorse",
    "Split the issue sidebar into smaller parts",
    "Bump the base image of the helper",
)
HANDBOOK_TITLES = (
    "Make the page on ticket transfers shorter",
    "Update who to ask about license questions",
    "Add a checklist for the on-call handover",
    "Fix broken links in the support workflows",
    "Describe how we pair across regions",
)
TRAINING_TITLES = (
    "Refresh the screenshots in the SSO module",
    "Add exercises to the Kubernetes module",
    "Drop the removed omnibus step",
    "Add a quiz to the Geo module",
)
ISSUE_TITLES = (
    "Runner loses the cache when the bucket has versioning",
    "Misleading error when an LFS quota is reached",
    "Rails console warning about a deprecated cop",
    "SCIM deprovisioning leaves a pending invitation",
    "Add the project path to the import failure e-mail",
    "Elasticsearch page shows a negative number of jobs",
    "Allow filtering of audit events by token",
)
PAIRING_TITLES = (
    "Pairing session: a stubborn Geo replication ticket",
    "Pairing session on SAML tickets",
    "Pairing session: reading production logs together",
    "Pairing session: first look at a runner autoscaler",
    "Pairing session: writing a good bug report",
    "Pairing session: queue triage",
)
MODULES = (
    "GitLab CI Basics",
    "Git Basics",
    "Documentation",
    "SSO and SAML",
    "Kubernetes Basics",
    "Geo",
    "Omnibus Administration",
    "Customer Emergencies",
    "License and Renewals",
    "Code Contributions",
)
ONBOARDING_MODULES = ("Customer Service Skills", "Working on Tickets", "Zendesk Basics", "GitLab Support Onboarding")
MODULE_STEPS = (
    "Read the introduction",
    "Do the exercises",
    "Answer three tickets with a mentor",
    "Tell your manager you are done",
)

#: Titles as somebody with bad intent, or no idea, would write them.
HOSTILE_TITLES = (
    "/close",
    "/close the door | `rm -rf` | @all",
    "/assign @all and /label ~urgent",
    "Fix table | with | pipes and `back``ticks`",
    "</details></td></table> still here?",
    "![x](https://evil.example/p.png) look at this",
    "@all please read #1, !2, ~bug and %3",
    "[click](javascript:alert(1)) <script>alert(1)</script>",
    "``` unclosed fence",
    "<!-- support-reports key=engineer/x digest=0000000000000000 format=1 -->",
    "$`\\href{https://evil.example}{x}`$ and :tada: and [[_TOC_]]",
)

TOPICS = (
    "login loop after upgrade",
    "runner stuck in pending",
    "backup restore fails",
    "seat count looks wrong",
    "LFS push rejected",
    "SAML group sync",
    "Geo secondary lagging",
    "webhook timeouts",
    "license key not accepted",
    "slow merge request page",
)
CUSTOMERS = (
    "Northwind",
    "Umbra",
    "Vandelay",
    "Initrode",
    "Gringotts",
    "Soylent",
    "Tyrell",
    "Wonka",
    "Oscorp",
    "Hooli",
    "Cyberdyne",
    "Stark",
)
REQUESTERS = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hal", "Ivy", "Jan", "Kim", "Leo")
REQUEST_TEXTS = (
    "Hello, CANARY our production server has been failing since this morning. Please help.",
    "CANARY We see this error in the logs of host db-7.internal.example and cannot deploy.",
    "Dear support, CANARY after the upgrade our users cannot sign in. My phone number is 555-0100.",
)
REQUESTER_REPLIES = (
    "CANARY Thank you, here is the output you asked for.",
    "CANARY It happened again on our second node.",
    "CANARY We will try this during the next maintenance window.",
)
AGENT_REPLIES = (
    "Hi CANARY, thanks for the logs. Could you run the check below and send us what it prints?",
    "Hi CANARY, this looks like a known problem; the next step is to clear the cache of the runner.",
    "Hi CANARY, to restate: the upgrade finished, and sign-in fails since then. I will update you tomorrow.",
    "Hi CANARY, glad that it works again. I will mark this as solved; reply any time.",
)
NOTES = (
    "CANARY customer runs 17.11 on three nodes; reproduced on my test instance.",
    "Asked in the product channel, CANARY waits for a maintenance window.",
    "Found the cause in the production log of CANARY: a missing index.",
)
ESCALATION_NOTE = (
    "Account escalation, CANARY: summary of the call with the customer's director. "
    + "Timeline, impact and next steps follow. " * 12
)
