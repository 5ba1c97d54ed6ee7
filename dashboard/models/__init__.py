"""What is stored: one table a file."""

from dashboard.models.change import Change
from dashboard.models.component import Component
from dashboard.models.dependency import Dependency
from dashboard.models.invite import Invite
from dashboard.models.ledger import Ledger
from dashboard.models.outage import Outage
from dashboard.models.overrule import Overrule
from dashboard.models.person import Person
from dashboard.models.section import Section
from dashboard.models.service import Service
from dashboard.models.sign_in import SignIn
from dashboard.models.source import Source
from dashboard.models.toggle import Toggle, ToggleSection
from dashboard.models.window import Window, WindowComponent

__all__ = [
    "Change",
    "Component",
    "Dependency",
    "Invite",
    "Ledger",
    "Outage",
    "Overrule",
    "Person",
    "Section",
    "Service",
    "SignIn",
    "Source",
    "Toggle",
    "ToggleSection",
    "Window",
    "WindowComponent",
]
