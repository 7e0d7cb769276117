"""What if: a draft policy beside the one in force, over many bills at once, equal to the engine to the fen. Pure; NumPy."""
