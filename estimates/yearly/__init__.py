"""A person's insurance years: what each has come to, and what remains to the deductible, the caps and the next fund."""
