"""The one Jinja2 environment: a small, strict template language in which unsafe text cannot be forgotten or mixed in.

Whatever an expression gives is made harmless on its way out unless one of our filters made it. Numbers go through filters.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, Undefined, nodes
from jinja2.exceptions import TemplateSyntaxError

from reports.render.filters import Filters, catalogue
from reports.render.links import LinkRules
from reports.render.markdown import MakeHarmless, Safe, harmless

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Filter, nodes.Keyword,
    nodes.For, nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Test,
    nodes.Compare, nodes.Operand, nodes.Include, nodes.With, nodes.Assign, nodes.Tuple,
)  # fmt: skip
_TESTS = ("none",)
_COMPARISONS = ("eq", "ne")


@cache
def markdown_environment(templates: Path, links: LinkRules, make_harmless: MakeHarmless = harmless) -> Environment:
    """Templates of a folder with our filters and nothing else; links keep to the rules given.

    Each is compiled once for a process, and again when its file has changed.
    """
    return _environment(_StrictLoader(templates), catalogue(links, make_harmless), partial(_printable, make_harmless))


def bare_environment(templates: Path, links: LinkRules) -> Environment:
    """The same templates and filters with no care for what is printed: only to measure what the care costs."""
    return _environment(FileSystemLoader(templates), catalogue(links, _as_it_is), None)


def _as_it_is(text: str, limit: int = 0) -> Safe:
    return Safe(text)


def _environment(loader: BaseLoader, filters: Filters, finalize: Callable[[object], object] | None) -> Environment:
    environment = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=False,  # HTML escaping would be the wrong kind; `finalize` does ours
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=True,
    )
    environment.globals.clear()
    environment.filters = dict(filters)
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


def _printable(make_harmless: MakeHarmless, value: object) -> object:
    """What an expression prints: safe text as it is, other text made harmless; anything else is a mistake in the template."""
    if value.__class__ is Safe:
        return value
    if isinstance(value, str):
        return make_harmless(value)
    if isinstance(value, Undefined):
        return str(value)  # raises and names what is missing
    raise TypeError(f"a value of type {type(value).__name__} cannot be printed as it is; put it through a filter")


class _StrictLoader(FileSystemLoader):
    """Refuses a template that steps outside the small language."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, filename, is_current = super().get_source(environment, template)
        if found := _first_complaint(source, template):
            raise TemplateSyntaxError(*found, template, filename)
        return source, filename, is_current


@cache
def _first_complaint(source: str, template: str) -> tuple[str, int] | None:
    """What in a template steps outside, and its line; both environments ask about the same templates."""
    tree = Environment(trim_blocks=True, lstrip_blocks=True).parse(source, template)
    return next(((complaint, node.lineno) for node in _descendants(tree) if (complaint := _complaint(node))), None)


def _descendants(tree: nodes.Node) -> list[nodes.Node]:
    found = [tree]
    for node in found:
        found.extend(node.iter_child_nodes())
    return found


def _complaint(node: nodes.Node) -> str:
    """Why a node may not stand in a template; empty when it may."""
    if not isinstance(node, _ALLOWED):
        return f"templates know no {type(node).__name__}: no arithmetic, calls, macros or joined texts; view and filters do that"
    if isinstance(node, nodes.Compare) and any(operand.op not in _COMPARISONS for operand in node.ops):
        return "templates compare only with == and !=: what is more or less is decided before"
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return f"templates do not look inside: {node.attr!r}"
    if isinstance(node, nodes.Include) and not isinstance(node.template, nodes.Const):
        return "templates include others by a written name only"
    return ""
