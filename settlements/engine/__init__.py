"""The settlement engine: `settle(policy, case)` splits one bill exactly as POLICY.md says. Pure: no Django, no clock.

`compile_policy(file)` turns a read policy file into what `settle` works on; compile once, settle often.
"""
