"""Will the card work? Before the visit, every condition of direct settlement, green or red, with what to do (RULES.md §5.2)."""
