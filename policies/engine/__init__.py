"""The settlement engine: `settle(policy, case)` splits one bill exactly as POLICY.md says. Pure: no Django, no clock.

`compile_policy(file)` turns a read policy file into what `settle` works on; compile once, settle often.
"""

from policies.engine.case import Case, Line, Result, WrongInput
from policies.engine.compiled import Compiled, compile_policy
from policies.engine.plan import Refused
from policies.engine.settling import settle, settle_as_best

__all__ = ["Case", "Compiled", "Line", "Refused", "Result", "WrongInput", "compile_policy", "settle", "settle_as_best"]
