"""Rollouts: waves of people, one after the other, and what each waits for."""
