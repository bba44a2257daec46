"""Tenancy in queries: an enterprise sees its own rows, a bureau those of its region."""

from typing import Any

from sqlalchemy import ColumnElement, or_, true

from api.auth.principal import Scope


def in_scope(column: Any, scope: Scope) -> ColumnElement[bool]:
    """Rows whose enterprise (`column`) the scope holds; rows of no enterprise ("") are everybody's."""
    if scope.enterprises is None:
        return true()
    return or_(column == "", column.in_(sorted(scope.enterprises)))
