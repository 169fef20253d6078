"""Enum types and their values."""

from __future__ import annotations

from portal_edits.edit import BOTH, Edit, Text

_PENDING = '    PENDING = "pending"\n'
_SUSPENDED = '    SUSPENDED = "suspended"\n'
_RUNNING, _FAILED = '    RUNNING = "running"\n', '    FAILED = "failed"\n'
_WEEK = '    DRAFT = "draft"\n    PUBLISHED = "published"\n'
_VIEWER = '    TENANT_VIEWER = "tenant_viewer"\n'
_USE_PENDING = "server_default=UserStatus.PENDING"
_HASH = "    password_hash: Mapped[str | None]\n"
_THEME = 'enum_type(Theme, "theme"), server_default=Theme.DARK'
_SWAP = "TABLE_REWRITE"


def with_(line: str, *, before: str = "", after: str = "") -> tuple[Text, ...]:
    """Return the edit that puts lines around one."""
    return ((line, before + line + after),)


ENUMS = (
    Edit(
        "a value added in the end",
        with_(_PENDING, after='    LOCKED = "locked"\n'),
        only=("ALTER TYPE public.user_status ADD VALUE 'locked'",),
    ),
    Edit(
        "a value added in front",
        with_(_RUNNING, before='    WAITING = "waiting"\n'),
        only=("ALTER TYPE public.sync_status ADD VALUE 'waiting' BEFORE 'running'",),
    ),
    Edit(
        "two values added in the middle",
        with_(_FAILED, before='    HALF = "half done"\n    LATE = "it\'s late"\n'),
        only=("ALTER TYPE public.sync_status ADD VALUE",),
    ),
    Edit(
        "a value added that a row then holds",
        with_(_PENDING, after='    LOCKED = "locked"\n'),
        then="UPDATE users SET status = 'locked' WHERE email = 'User1@example.com'",
        undo_refused="no row has 'locked' in column public.users.status: ",
        undo_mend="UPDATE users SET status = 'active' WHERE status = 'locked'",
        undone={"users.status": "CASE WHEN email <> 'User1@example.com' THEN status ELSE 'active' END"},
    ),
    Edit(
        "a value added that is the default at once",
        (*with_(_PENDING, after='    INVITED = "invited"\n'), (_USE_PENDING, "server_default=UserStatus.INVITED")),
        holds=("INSERT INTO users (email) VALUES ('x') RETURNING status = 'invited'",),
        on=BOTH,
    ),
    Edit(
        "a value removed that no row holds",
        ((_SUSPENDED, ""),),
        hazards="DATA_DEPENDENT TABLE_REWRITE",
    ),
    Edit(
        "a value removed that rows hold",
        ((_VIEWER, ""),),
        hazards="DATA_DEPENDENT TABLE_REWRITE",
        refused="no row has 'tenant_viewer' in column public.memberships.role: ",
        mend="UPDATE memberships SET role = 'tenant_admin' WHERE role = 'tenant_viewer'",
        on=BOTH,
    ),
    Edit(
        "a value removed that was the default",
        ((_PENDING, ""), (_USE_PENDING, "server_default=UserStatus.INACTIVE")),
        hazards="DATA_DEPENDENT TABLE_REWRITE",
        refused="no row has 'pending' in column public.users.status: 4 rows are against it",
        mend="UPDATE users SET status = 'inactive' WHERE status = 'pending'",
    ),
    Edit(
        "a value renamed",
        ((_VIEWER, '    TENANT_VIEWER = "tenant_reader"\n'),),
        flags=("--rename=public.membership_role.tenant_viewer:tenant_reader",),
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TYPE public.membership_role RENAME VALUE 'tenant_viewer' TO 'tenant_reader'",),
        values={"memberships.role": "replace(role::text, 'viewer', 'reader')"},
    ),
    Edit(
        "a value renamed that is the default",
        ((_PENDING, '    PENDING = "invited"\n'),),
        flags=("--rename=public.user_status.pending:invited",),
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TYPE public.user_status RENAME VALUE 'pending' TO 'invited'",),
        values={"users.status": "replace(status::text, 'pending', 'invited')"},
    ),
    Edit(
        "an enum renamed",
        (('enum_type(UserStatus, "user_status")', 'enum_type(UserStatus, "account_status")'),),
        flags=("--rename=public.user_status:account_status",),
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TYPE public.user_status RENAME TO account_status",),
    ),
    Edit(
        "values in another order",
        ((f"{_RUNNING}", ""), (_FAILED, f"{_FAILED}{_RUNNING}")),
        hazards=_SWAP,
        holds=("SELECT array_agg(DISTINCT status)::text = '{success,failed,running}' FROM sync_runs",),
    ),
    Edit(
        "values in another order under an index with a condition",
        ((_WEEK, '    PUBLISHED = "published"\n    DRAFT = "draft"\n'),),
        rich=True,
        hazards="INDEX_BUILD INDEX_DROPPED TABLE_REWRITE",
        on=BOTH,
    ),
    Edit(
        "a value renamed under an index with a condition",
        ((_WEEK, '    DRAFT = "draft"\n    PUBLISHED = "public"\n'), ("status = 'published'", "status = 'public'")),
        flags=("--rename=public.report_week_status.published:public",),
        rich=True,
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TYPE public.report_week_status RENAME VALUE",),
        values={"report_weeks.status": "replace(status::text, 'published', 'public')"},
    ),
    Edit(
        "a new enum and a column of it",
        (
            (
                "class User(Base):\n",
                'class Theme(StrEnum):\n    LIGHT = "light"\n    DARK = "it\'s dark"\n\n\nclass User(Base):\n',
            ),
            (
                _HASH,
                f"{_HASH}    theme: Mapped[Theme] = mapped_column({_THEME})\n",
            ),
        ),
        values={"users.theme": "'it''s dark'"},
    ),
    Edit(
        "an enum's only column dropped",
        (('    role: Mapped[MembershipRole] = mapped_column(enum_type(MembershipRole, "membership_role"))\n', ""),),
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        undo_refused="table public.memberships holds no rows: ",
        undo_mend="DELETE FROM memberships",
        lost=("memberships",),
    ),
)
