"""What a hospital's till asks: whose bill it is, whether it is settled directly, by which policy, with which year so far."""
