"""Rewrites SQL that DuckDB takes into SQL that Spark takes, where `sqlglot` alone would not do; it knows no measure.

Bottom up, node by node. What has a meaning of its own in both engines is left to `sqlglot`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import UnsupportedError

#: Spark's times end where DuckDB's have an infinity.
_EVER = {"-infinity": "1000-01-01", "infinity": "9999-01-01"}
_NAMED_OTHERWISE = {"list_extract": "element_at"}

#: What each engine says with a calendar of its own. Spark's takes of two instants the first, and shifts a time that is skipped.
_OWN_MACROS = """
CREATE MACRO local_day(moment) AS CAST(from_utc_timestamp(moment, getvariable('reporting_zone')) AS DATE);
CREATE MACRO utc_of(zone, wall) AS CAST(to_utc_timestamp(wall, zone) AS TIMESTAMP);
"""


@dataclass(frozen=True, slots=True)
class _Macro:
    parameters: tuple[str, ...]
    body: exp.Expr


@dataclass(frozen=True, slots=True)
class SparkSql:
    """A translator that knows some variables, and every macro that it was told of."""

    variables: Mapping[str, exp.Expr]
    _macros: dict[str, _Macro] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in sqlglot.parse(_OWN_MACROS, read="duckdb"):
            assert isinstance(statement, exp.Create)
            self.learn(statement)

    def learn(self, macro: exp.Create) -> None:
        """Expand a macro wherever it is used from now on; one that is known already stays as it is."""
        parameters = tuple(parameter.name for parameter in macro.this.expressions)
        name = macro.this.this.name
        if name not in self._macros:
            self._macros[name] = _Macro(parameters, self.rewritten(macro.expression))

    def rewritten(self, tree: exp.Expr) -> exp.Expr:
        """The same in Spark's terms; takes the tree itself."""
        holder = exp.paren(tree, copy=False)
        for node in reversed(list(tree.bfs())):
            new = self._rewritten_node(node)
            if new is not node:
                node.replace(new)
        rewritten: exp.Expr = holder.this
        return rewritten.pop()

    def _rewritten_node(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous):
            return self._rewritten_call(node)
        rule = _RULES.get(type(node))
        return rule(node) if rule else node

    def _rewritten_call(self, call: exp.Anonymous) -> exp.Expr:
        name = call.name.lower()
        if name == "getvariable":
            return exp.paren(self._variable(call.expressions[0].name))
        if name in self._macros:
            macro = self._macros[name]
            return exp.paren(_with_arguments(macro, call.expressions))
        if name in _NAMED_OTHERWISE:
            call.set("this", _NAMED_OTHERWISE[name])
        return call

    def _variable(self, name: str) -> exp.Expr:
        if name not in self.variables:
            raise UnsupportedError(f"no setting is called {name!r}")
        return self.variables[name].copy()


def written(tree: exp.Expr) -> str:
    """A statement as Spark reads it; raises sqlglot's UnsupportedError for what it knows Spark has not."""
    return tree.sql("spark", identify=True, pretty=True, comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _with_arguments(macro: _Macro, arguments: list[exp.Expr]) -> exp.Expr:
    given = dict(zip(macro.parameters, arguments, strict=True))
    holder = exp.paren(macro.body.copy())
    for column in list(holder.find_all(exp.Column)):
        if not column.table and column.name in given:
            column.replace(exp.paren(given[column.name].copy()))
    return holder


def _seconds(node: exp.Expr) -> exp.Expr:
    """`epoch` of a difference, to the microsecond."""
    if not isinstance(node.this, exp.Sub):
        return node
    first, last = (exp.func("unix_micros", side) for side in (node.this.expression, node.this.this))
    return exp.paren(
        exp.Div(this=exp.cast(exp.paren(exp.Sub(this=last, expression=first)), "DOUBLE"), expression=exp.convert(1000000))
    )


def _weekday(node: exp.Expr) -> exp.Expr:
    """Sunday is 0 in DuckDB and 1 in Spark."""
    return exp.paren(exp.Sub(this=exp.Anonymous(this="dayofweek", expressions=[node.this]), expression=exp.convert(1)))


def _cast(node: exp.Expr) -> exp.Expr:
    """A type of our own is text, and an infinite time a distant one."""
    if node.args["to"].this is exp.DType.USERDEFINED:
        node.set("to", exp.DataType.build("VARCHAR"))
    if isinstance(node.this, exp.Literal) and node.this.name in _EVER:
        node.set("this", exp.convert(_EVER[node.this.name]))
    return node


def _joined_text(node: exp.Expr) -> exp.Expr:
    """DuckDB's `concat` passes over NULL."""
    return exp.Anonymous(this="concat_ws", expressions=[exp.convert(""), *node.expressions])


def _of_the_least(node: exp.Expr) -> exp.Expr:
    """DuckDB's `arg_min` passes over rows whose argument is NULL."""
    return exp.Filter(this=node.copy(), expression=exp.Where(this=node.this.copy().is_(exp.null()).not_()))


def _without_replace(node: exp.Expr) -> exp.Expr:
    """`* REPLACE (a AS b)` as `* EXCEPT (b), a AS b`."""
    columns: list[exp.Expr] = []
    for column in node.expressions:
        star = column if isinstance(column, exp.Star) else column.this if isinstance(column, exp.Column) else None
        replaced = star.args.get("replace") if isinstance(star, exp.Star) else None
        columns.append(column)
        if star is not None and replaced:
            star.set("replace", None)
            star.set("except_", [*(star.args.get("except_") or []), *(exp.to_identifier(one.alias) for one in replaced)])
            columns += replaced
    node.set("expressions", columns)
    return node


def _join(node: exp.Expr) -> exp.Expr:
    """`ASOF JOIN t ON t.since <= moment`, the last row that has begun, as the row whose next one has not."""
    if str(node.args.get("method") or "").upper() != "ASOF":
        return node
    begun = node.args["on"]
    if not (isinstance(begun, exp.LTE) and isinstance(begun.this, exp.Column)):
        raise UnsupportedError("an ASOF JOIN can be translated with one condition, such as ON t.since <= moment")
    since, moment = begun.this, begun.expression
    following = exp.column(f"next_{since.name}", table=since.table)
    rows = exp.select("*", exp.alias_(sqlglot.parse_one(f"lead({since.name}) OVER (ORDER BY {since.name})"), following.name))
    node.set("method", None)
    node.set("this", rows.from_(exp.table_(node.this.name)).subquery(node.this.alias_or_name))
    ends = exp.or_(following.is_(exp.null()), exp.LT(this=moment.copy(), expression=following.copy()))
    node.set("on", exp.and_(begun.copy(), ends))
    return node


def _plain_cte(node: exp.Expr) -> exp.Expr:
    node.set("materialized", None)
    return node


def _table(node: exp.Expr) -> exp.Expr:
    """The zones that an engine knows are a table here."""
    if isinstance(node.this, exp.Anonymous) and node.this.name.lower() == "pg_timezone_names":
        node.set("this", exp.to_identifier("time_zones"))
    return node


_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.ArgMin: _of_the_least,
    exp.ArgMax: _of_the_least,
    exp.CTE: _plain_cte,
    exp.Cast: _cast,
    exp.Concat: _joined_text,
    exp.DayOfWeek: _weekday,
    exp.Join: _join,
    exp.Select: _without_replace,
    exp.Table: _table,
    exp.TimeToUnix: _seconds,
    exp.TryCast: _cast,
}
