"""Calendars: when a team works, and working time as a measure.

sla-monitor reckons deadlines here, routing asks who is at work. Reads no clock.
"""

from contracts.calendars.measure import Calendar, NeverOpenError
from contracts.calendars.policy import CalendarRule, Calendars
from contracts.calendars.zone import Zone

__all__ = ["Calendar", "CalendarRule", "Calendars", "NeverOpenError", "Zone"]
