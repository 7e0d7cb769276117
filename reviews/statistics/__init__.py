"""How a queue stands and flows: what is open, what came and went, how fast it was decided, why cases were returned, who does how much.

Every figure that counts cases is a condition, by which the worklist shows the very cases (`figure` in its address). The time
to a decision is working time: the hours from nine to five on the agency's working days between the begin of a stage
(submitted, corrected, or passed by the review before) and its decision. While a case is with the applicant no stage runs.
"""

from reviews.statistics.people import AreaFigures, Load, Reason, by_area, decided_today, loads, reasons
from reviews.statistics.period import WORKING_DAYS, Period, flow, midnight, recent
from reviews.statistics.queue import SYSTEM, due_by_hour, figure, open_now, waiting, waiting_keys, waiting_up_to
from reviews.statistics.speed import Speed, Tally, hours, percent, speed, tallies

__all__ = [
    "SYSTEM",
    "WORKING_DAYS",
    "AreaFigures",
    "Load",
    "Period",
    "Reason",
    "Speed",
    "Tally",
    "by_area",
    "decided_today",
    "due_by_hour",
    "figure",
    "flow",
    "hours",
    "loads",
    "midnight",
    "open_now",
    "percent",
    "reasons",
    "recent",
    "speed",
    "tallies",
    "waiting",
    "waiting_keys",
    "waiting_up_to",
]
