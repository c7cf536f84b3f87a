"""`treaty mock`: a service that keeps the contracts' word without anybody having implemented it.

`server` speaks HTTP, `service` decides, `routes` finds the operation, `reading` validates, `answers` finds what to say
(`samples` makes it where no example does), `refusals` is how it says no.
"""
