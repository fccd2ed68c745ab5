"""The REST door: paths, headers, JSON envelopes. It turns requests into calls on the company and answers into JSON."""
