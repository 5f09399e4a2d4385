"""Administration: companies are taken on, and run by their own Master Admin Users (SD 2.3 to 2.8, 10.2, SL 20, 21).

MAU: the one Master Admin User of a company; its deputies hold user administration as a system function. Use case: a
process type at a level; each has at least one active person, or the MAU as its default contact. Overseers: the
provider, who opens companies and appoints MAUs, and the Code Manager, who says which are Qualified.
"""
