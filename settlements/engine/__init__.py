"""The settlement engine: `settle(policy, case)` splits one bill exactly as POLICY.md says. Pure: no Django, no clock.

`compile_policy(file)` turns a read policy file into what `settle` works on; compile once, settle often.
"""

from settlements.engine.case import Case, Line, Result, WrongInput
from settlements.engine.compiled import Compiled, compile_policy
from settlements.engine.settling import settle, settle_as_best

__all__ = ["Case", "Compiled", "Line", "Result", "WrongInput", "compile_policy", "settle", "settle_as_best"]
