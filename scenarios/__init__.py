"""What if: a draft policy beside the one in force, over many bills at once, equal to the engine to the fen.

Columns of NumPy, pure but for `running`, which keeps what was asked for in the database.
"""
