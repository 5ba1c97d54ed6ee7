"""What is stored: one table a file."""

from dashboard.models.announcement import Announcement
from dashboard.models.change import Change
from dashboard.models.component import Component
from dashboard.models.delivery import Delivery
from dashboard.models.dependency import Dependency
from dashboard.models.draft import Draft
from dashboard.models.follower import Follow, Follower
from dashboard.models.incident import Incident, IncidentSection
from dashboard.models.incident_update import IncidentImpact, IncidentUpdate
from dashboard.models.invite import Invite
from dashboard.models.ledger import Ledger
from dashboard.models.notification import Notification
from dashboard.models.outage import Outage
from dashboard.models.overrule import Overrule
from dashboard.models.person import Person
from dashboard.models.review import Review
from dashboard.models.section import Section
from dashboard.models.service import Service
from dashboard.models.sighting import Sighting
from dashboard.models.sign_in import SignIn
from dashboard.models.source import Source
from dashboard.models.template import Template
from dashboard.models.toggle import Toggle, ToggleAlias, ToggleSection
from dashboard.models.token import Token
from dashboard.models.window import Window, WindowComponent, WindowSection, WindowSeries

__all__ = [
    "Announcement",
    "Change",
    "Component",
    "Delivery",
    "Dependency",
    "Draft",
    "Follow",
    "Follower",
    "Incident",
    "IncidentImpact",
    "IncidentSection",
    "IncidentUpdate",
    "Invite",
    "Ledger",
    "Notification",
    "Outage",
    "Overrule",
    "Person",
    "Review",
    "Section",
    "Service",
    "Sighting",
    "SignIn",
    "Source",
    "Template",
    "Toggle",
    "ToggleAlias",
    "ToggleSection",
    "Token",
    "Window",
    "WindowComponent",
    "WindowSection",
    "WindowSeries",
]
