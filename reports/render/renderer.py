"""Renders a view with the template of its report, as an issue's body or as a file with pictures; raises only RenderError."""

import re
from collections.abc import Collection
from pathlib import Path
from types import TracebackType

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError

from reports.core.view import EngineerWeeklyView
from reports.core.views import View
from reports.errors import RenderError
from reports.render.charts import goal_chart, svg
from reports.render.environment import markdown_environment
from reports.render.links import LinkRules

# Templates may leave as many blank lines as reads well in them; one is all that Markdown asks for.
_BLANK_LINES = re.compile(r"\n{3,}")


class Renderer:
    """Templates of a folder, `<report>.md.j2` for each report; `link_hosts` (`host` or `host:port`) are where links may lead.

    Links leave no trace at the other end but in reports named in `tracing`, whatever their templates say.
    """

    def __init__(self, templates: Path, link_hosts: Collection[str], tracing: Collection[str] = ()) -> None:
        self._templates = templates
        self._tracing = frozenset(tracing)
        rules = {leave: LinkRules.to(link_hosts, leave_traces=leave) for leave in (False, True)}
        self._environments = {leave: markdown_environment(templates, rule) for leave, rule in rules.items()}

    def issue(self, report: str, view: View) -> str:
        """The Markdown body of an issue, with charts as Mermaid; RenderError names the template's line."""
        return rendered(self._environment(report), self._templates, report, view, pictures="")

    def file(self, report: str, view: View, path: Path) -> None:
        """Write the report as a Markdown file, with SVG trends in a folder of the same name beside it."""
        text = rendered(self._environment(report), self._templates, report, view, pictures=path.stem)
        pictures = _pictures(view)
        try:
            (path.with_suffix("") if pictures else path.parent).mkdir(parents=True, exist_ok=True)
            for name, picture in pictures.items():
                (path.with_suffix("") / name).write_bytes(picture)
            path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        except OSError as error:
            raise RenderError(f"the report {path} cannot be written: {error.strerror}", "Is the folder writable?") from error

    def _environment(self, report: str) -> Environment:
        return self._environments[report in self._tracing]


def rendered(environment: Environment, templates: Path, report: str, view: View, pictures: str) -> str:
    """A report's text; RenderError when the template is missing or broken, with its file, line and what is wrong."""
    name = f"{report}.md.j2"
    try:
        text = environment.get_template(name).render(view=view, pictures=pictures)
        return _BLANK_LINES.sub("\n\n", text).strip("\n")
    except TemplateNotFound as error:
        raise RenderError(*_missing(templates, name, str(error.name))) from error
    except TemplateSyntaxError as error:
        place = f"{templates.name}/{error.name or name}:{error.lineno}"
        raise RenderError(f"{place}: {error.message}", f"The report {report} was not rendered; mend the template.") from error
    except Exception as error:  # a template can go wrong in any way that an expression can
        place = _place(error.__traceback__, templates) or f"{templates.name}/{name}"
        raise RenderError(f"{place}: {error}", f"The report {report} was not rendered; mend the template.") from error


def _missing(templates: Path, name: str, missing: str) -> tuple[str, str]:
    if missing == name:
        return (
            f"{templates.name}/{name}: there is no such template",
            "A report named in reports.yml needs a template of the same name.",
        )
    return f"{templates.name}/{name}: it includes {missing}, which does not exist", f"Add {templates.name}/{missing}."


def _place(trace: TracebackType | None, templates: Path) -> str:
    """The innermost line of a template in a traceback, as `templates/name:line`."""
    place = ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(templates):
            place = f"{templates.name}/{file.relative_to(templates).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _pictures(view: View) -> dict[str, bytes]:
    if not isinstance(view, EngineerWeeklyView):
        return {}
    charts = {f"{goal.measure.name}.svg": goal_chart(goal) for goal in view.goals}
    return {name: svg(chart) for name, chart in charts.items() if chart.has_values}
