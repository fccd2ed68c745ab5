"""What a user would take instead: installed into environments of their own (`install`), each run by a small program."""
