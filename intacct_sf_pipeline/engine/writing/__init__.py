"""Writing and what follows: requests, outcomes, settling what got no answer, reading back."""
