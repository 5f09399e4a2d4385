"""The catalogue of process types: what may be sent over the SDEP, by whom to whom, and how fast it is answered.

It holds no company's matter: everybody may read it, the Code Manager keeps it. It stands below `accounts`, because
people are assigned to what it lists, and below `sdep`, which sends by it.

Process type   a business process of one fuel with one contact type, e.g. PT0033 "Disputed Meter Readings" (gas),
               Escalation. The Data Specification lists them; here they are data, loaded from `defaults.toml`.
Contact type   why one writes: General Query, Escalation, UTRN Contact, Retrospective Amendment Request, ... Only some
               of them have more than one level.
Level          a rung of the escalation: who is written to (Operational contact, Team manager, ...) and how long the
               recipient has to respond before the sender may go one rung up.
Use case       a process type at a level. People are assigned to use cases.
Market role    what a company is in the market: supplier of electricity, supplier of gas, distributor, metering
               equipment manager. A route says from which role to which role a process type may be sent.
Data item      a bespoke data item: one field that a process type asks for beside subject and text, e.g. the MPAN.
"""
