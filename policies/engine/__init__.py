"""The settlement engine: `settle(policy, case)` splits one bill exactly as POLICY.md says. Pure: no Django, no clock.

`compile_policy(file)` turns a read policy file into what `settle` works on; compile once, settle often.
"""

from policies.engine.bill import Line, Result, WrongInput
from policies.engine.plan import Refused
from policies.engine.settling import Compiled, compile_policy, settle, settle_as_best
from policies.language.examples import Case

__all__ = ["Case", "Compiled", "Line", "Refused", "Result", "WrongInput", "compile_policy", "settle", "settle_as_best"]
