"""Reconciliation (日对账) and clearing (月度清算). Nothing here is computed from anything but the stored entries."""
