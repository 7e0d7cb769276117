"""A person's insurance years: what each has come to, and what is left to the deductible, the caps and the next fund."""
