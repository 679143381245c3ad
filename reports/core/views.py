"""Every view there is a template for."""

from reports.core.case_views import AnswerView, ChangeView, FollowUpView, PlanOverView
from reports.core.queue_view import RegionQueueView
from reports.core.service_view import ServiceWeeklyView
from reports.core.view import ContributionsView, EngineerWeeklyView, TeamWeeklyView

View = (
    EngineerWeeklyView
    | TeamWeeklyView
    | ContributionsView
    | FollowUpView
    | AnswerView
    | ChangeView
    | PlanOverView
    | RegionQueueView
    | ServiceWeeklyView
)
