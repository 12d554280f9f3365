"""An inquiry at the desk: most are answered while the customer is on the phone."""

from steward.casework.screens import SCREENS, Screen

SCREENS["inquiry"] = Screen(at_once=("answer", "answer"))
