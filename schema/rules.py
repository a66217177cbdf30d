"""The access rules that the schema's types share: the only place, beside the packs, where permissions are spelled."""

from policy.access import AccessTarget as Target
from policy.gates import Gate
from resolvers.explained_target import TargetSight
from resolvers.report_rows import ReportRules
from resolvers.targets import Sight
from resolvers.telling import Frame
from schema.directives import access, any_of, read_permission, rule

USERS_VIEW = "hallpass:users:view"
USERS_MANAGE = "hallpass:users:manage"
ORGANIZATIONS_VIEW = "hallpass:organizations:view"
COORDINATORS_DESIGNATE = "hallpass:coordinators:designate"
CONTACTS_EDIT = "hallpass:contacts:edit"
STUDENT_GROUPS_MANAGE = "hallpass:student-groups:manage"
STATE_ACCOUNTS = "hallpass:state:accounts"
STATE_DIRECTORY = "hallpass:state:directory"
STATE_MAIL = "hallpass:state:mail"
STATE_YEARS = "hallpass:state:years"

SELF = rule(None, Target.SELF)

SEE_USER = access(
    SELF,
    rule(USERS_VIEW, Target.USERS_ORGANIZATIONS),
    rule(USERS_VIEW, Target.OWN_SYSTEM),
)
"""That there is such a person, by name and id."""

LIST_USERS = access(rule(USERS_VIEW, Target.USERS_ORGANIZATIONS), rule(USERS_VIEW, Target.OWN_SYSTEM))
"""Lists of people: for whoever sees others than herself."""

SEE_DETAILS = access(SELF, rule(USERS_VIEW, Target.USERS_ORGANIZATIONS))
"""What a downstream system is never told: contact data, status, credentials, forms."""

SEE_ASSIGNMENT = access(
    SELF,
    rule(USERS_VIEW, Target.ASSIGNMENT_ORGANIZATION),
    rule(USERS_VIEW, Target.OWN_SYSTEM),
)
SEE_ASSIGNMENT_DETAILS = access(SELF, rule(USERS_VIEW, Target.ASSIGNMENT_ORGANIZATION))
"""Who gave it, under which role, and what is missing."""

SEE_ORGANIZATION = access(
    SELF,
    rule(ORGANIZATIONS_VIEW, Target.THIS),
    rule(USERS_VIEW, Target.THIS),
    rule(CONTACTS_EDIT, Target.THIS),
    rule(STATE_DIRECTORY, Target.STATE),
    rule(ORGANIZATIONS_VIEW, Target.OWN_SYSTEM),
)
"""SELF: where one holds a role oneself. Contacts: a superintendent names those of her LEA and sees whose they are."""

SEE_GROUP = access(SELF, rule(STUDENT_GROUPS_MANAGE, Target.GROUP_ORGANIZATION))
"""SELF: a group that is assigned to oneself."""

SIGNED_IN = access(SELF, rule(ORGANIZATIONS_VIEW, Target.OWN_SYSTEM))
"""Any person and any system, but nobody unknown."""

ASK = access(SELF, rule(USERS_VIEW, Target.USERS_ORGANIZATIONS), rule(USERS_VIEW, Target.OWN_SYSTEM))
"""Questions about oneself, about those whom one may see, and a system's about its own permissions."""

FOLLOW_CHANGES = access(SELF, rule(USERS_VIEW, Target.OWN_SYSTEM))
"""A person is told of herself, a system of those who have or had something in it."""

EXPLAIN = access(SELF, rule(USERS_VIEW, Target.USERS_ORGANIZATIONS))

GIVE_ROLES = access(
    rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS),
    rule(COORDINATORS_DESIGNATE, Target.USERS_ORGANIZATIONS),
)
"""Creating people and giving or taking roles; which role where is delegation's to say."""

SEND_FILES = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS))
"""Files of people; what each row may do is delegation's to say."""

MANAGE_SUGGESTIONS = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS))
"""Sending, seeing and dismissing what a student information system suggests; accepting is giving roles."""

REPORTING = ReportRules(
    people=any_of(access(rule(USERS_VIEW, Target.ASSIGNMENT_ORGANIZATION))),
    organizations=any_of(access(rule(USERS_VIEW, Target.THIS))),
)
"""Reports show whoever one sees elsewhere with her contact data; schools, where one sees people at all."""

RUN_YEARS = access(rule(STATE_YEARS, Target.STATE))
"""Opening and closing school years."""

SEE_EARLIER = access(rule(USERS_VIEW, Target.USERS_ORGANIZATIONS))
"""People of earlier years: for whoever sees those of this year at the same organization, in the same program."""

CHANGE_DIRECTORY = access(rule(STATE_DIRECTORY, Target.STATE))
"""Moving, closing, renaming organizations; an import does it for the whole state."""

MANAGE_ACCOUNTS = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS))
"""A person's name, her suspension as a whole, her deletion; whose every role is managed, delegation says."""

EDIT_PERSON = access(SELF, rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS))
"""SELF: one's own phone and fax, never one's name."""

HELP_WITH_ACCOUNTS = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS), rule(STATE_ACCOUNTS, Target.STATE))
"""What the state's help desk does as well: resets, invitations."""

CHANGE_ADDRESS = access(SELF, rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS), rule(STATE_ACCOUNTS, Target.STATE))
"""SELF: one's own, confirmed from both addresses."""

LIFT_SUSPENSIONS = access(
    rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS),
    rule(COORDINATORS_DESIGNATE, Target.USERS_ORGANIZATIONS),
    rule(STATE_ACCOUNTS, Target.STATE),
)

SEE_SUSPENSION = HELP_WITH_ACCOUNTS
"""Comment and author: never the person herself, who may read neither of another's account."""

SEE_ROLE_SUSPENSION = access(rule(USERS_MANAGE, Target.ASSIGNMENT_ORGANIZATION), rule(STATE_ACCOUNTS, Target.STATE))

SEE_REVIEWS = access(rule(USERS_VIEW, Target.ASSIGNMENT_ORGANIZATION))
"""Access reviews: items of those whose roles one sees, and a review by its items."""

START_REVIEW = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS), rule(STATE_YEARS, Target.STATE))
"""For whoever manages all users of the program there, and for the state."""

ANSWER_REVIEWS = access(
    rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS),
    rule(COORDINATORS_DESIGNATE, Target.USERS_ORGANIZATIONS),
    rule(STATE_YEARS, Target.STATE),
)
"""As for taking roles away; the state answers where nobody else could."""

SIGHT = Sight(user=any_of(SEE_USER), organization=any_of(SEE_ORGANIZATION), assignment=any_of(SEE_ASSIGNMENT))
"""How a change's targets are seen: as their types are."""

EXPLAINING = Frame(
    rule=any_of(EXPLAIN),
    sight=TargetSight(SIGHT.user, SIGHT.organization, SIGHT.assignment, any_of(SEE_GROUP)),
    give=any_of(GIVE_ROLES),
    helpers={
        Gate.INVITED: read_permission(USERS_MANAGE),
        Gate.ACCOUNT_INACTIVE: read_permission(USERS_MANAGE),
        Gate.CREDENTIAL: read_permission(USERS_MANAGE),
        Gate.ROSTER: read_permission(STUDENT_GROUPS_MANAGE),
        Gate.NOT_ASSIGNED: read_permission(STUDENT_GROUPS_MANAGE),
    },
)
"""How an explanation is told: nothing in it is seen that its own type wouldn't show."""
