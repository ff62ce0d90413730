"""The odd behaviour of real services, on order, so that a client can be tested against it.

Only with ENGINE_STRANGENESS on. An order is a name of `plays.PLAYS`, with `=number` where it takes one. It comes with a
request in the header `X-Strange: accept-5xx=502, french`, or stands for coming requests:
POST /x/strangeness/ {"play": "slow-job=3", "times": 1}; without "times" it stands until DELETE /x/strangeness/.
A job's order in a header is for that document, a standing one for the next job that starts.
"""
